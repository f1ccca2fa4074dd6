import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Seq2Seq } from '../models/seq2seq.ts'
import { compile, inputSpec, ndarray, type Tensor } from '../tensor/index.ts'
import { cachedModel, tableModel } from './seq2seq.contract.ts'
import { Seq2SeqGenerator } from './seq2seq-generator.ts'
import type { SearchOptions } from './seq2seq-options.ts'
import type { Hypothesis } from './target-search.ts'

const V = 14
const table = { vocabSize: V, salt: 900, scale: 5, ends: [2], endBias: 1 }
const tokens = { start: 1, end: [2], pad: 0, suppressed: [] }
const plain = (all: readonly Hypothesis[]) => all.map(({ ids, finishReason }) => ({ ids: [...ids], finishReason }))

/** Log-probability of each token of a target, given all before it, without a state. */
async function logprobs(model: Seq2Seq, source: Int32Array, target: readonly number[]): Promise<number[]> {
  const found: number[] = []
  const forward = (ids: Tensor, mask: Tensor, head: Tensor) => {
    return model.decode({}, head, model.encode({}, ids, mask), mask).logits.logSoftmax()
  }
  const specs = [inputSpec([1, 'source'], 'i32'), inputSpec([1, 'source'], 'bool'), inputSpec([1, 'target'], 'i32')]
  using program = await compile(forward as never, specs as never, { threads: 1 })
  for (let t = 0; t < target.length; t++) {
    const mask = ndarray(new Uint8Array(source.length).fill(1), [1, source.length], 'bool')
    const head = ndarray(Int32Array.of(tokens.start, ...target.slice(0, t)), [1, t + 1], 'i32')
    const rows = await program.run(...([ndarray(source, [1, source.length], 'i32'), mask, head] as never))
    const { data } = rows as unknown as { data: Float32Array }
    found.push(data[data.length - V + target[t]])
  }
  return found
}

const sources = Array.from({ length: 24 }, (_, i) =>
  Int32Array.from({ length: 1 + ((i * 5) % 7) }, (_, s) => (3 * i + 5 * s) % V),
)

describe.each([
  ['with a state of fixed size', tableModel(table)],
  ['with a cache', cachedModel(table, 20)],
])('%s', (_, model) => {
  let generator: Seq2SeqGenerator
  beforeAll(async () => {
    generator = await Seq2SeqGenerator.compile(model, {}, tokens, { threads: 2 })
  })
  afterAll(() => generator[Symbol.dispose]())

  it('the score of a target is what the model says of it, whatever was moved about to find it', async () => {
    if (!model.cache) return // its decode takes one token at a time
    const found = await generator.generate(sources, { beams: 4, nBest: 4, maxTokens: 9, lengthPenalty: 0 })
    for (const [i, all] of found.entries()) {
      for (const { ids, score, finishReason } of all) {
        const target = [...ids, ...(finishReason === 'stop' ? tokens.end : [])]
        const sum = (await logprobs(model, sources[i], target)).reduce((a, b) => a + b)
        expect(Math.abs(score - sum)).toBeLessThan(1e-4)
      }
    }
  })

  it.each<[string, SearchOptions]>([
    ['greedy', {}],
    ['with beams', { beams: 3, nBest: 3 }],
    ['with beams that stop early', { beams: 4, nBest: 2, earlyStopping: true, lengthPenalty: 0.6 }],
    ['drawn', { temperature: 1, nBest: 2, seed: 7 }],
  ])('finds the same for a source alone and among others: %s', async (_, options) => {
    const together = await generator.generate(sources, { ...options, maxTokens: 15 })
    for (const [i, source] of sources.entries()) {
      const [alone] = await generator.generate([source], { ...options, maxTokens: 15 })
      expect(plain(together[i])).toEqual(plain(alone))
      for (const [j, { score }] of alone.entries()) expect(Math.abs(score - together[i][j].score)).toBeLessThan(1e-5)
    }
    expect(new Set(together.map(([{ ids }]) => ids.length)).size).toBeGreaterThan(2) // some end before others
  })

  it('n-best are sorted and distinct', async () => {
    const found = await generator.generate(sources, { beams: 5, nBest: 5, maxTokens: 8 })
    for (const all of found) {
      expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).toSorted((a, b) => b - a))
      expect(new Set(all.map(({ ids, finishReason }) => `${ids} ${finishReason}`)).size).toBe(all.length)
    }
  })

  it('as many beams as there are beginnings find the best target of all', async () => {
    const options = { maxTokens: 2, lengthPenalty: 0, earlyStopping: 'never' } as const
    const scores: number[][] = []
    for (const beams of [1, 2, V]) {
      scores.push((await generator.generate(sources, { ...options, beams })).map(([{ score }]) => score))
    }
    for (const i of sources.keys()) {
      expect(scores[2][i]).toBeGreaterThanOrEqual(scores[1][i] - 1e-6)
      expect(scores[2][i]).toBeGreaterThanOrEqual(scores[0][i] - 1e-6)
    }
  })

  it.each<[string, SearchOptions]>([
    ['greedy', {}],
    ['with beams', { beams: 4 }],
    ['drawn', { temperature: 0.7, seed: 3 }],
  ])('what is streamed is the answer: %s', async (_, options) => {
    for (const source of sources.slice(0, 8)) {
      const stream = generator.stream(source, { ...options, maxTokens: 12 })
      const ids: number[] = []
      let step = await stream.next()
      for (; !step.done; step = await stream.next()) ids.push(...step.value)
      expect(ids).toEqual([...step.value[0].ids])
      expect(plain(step.value)).toEqual(plain((await generator.generate([source], { ...options, maxTokens: 12 }))[0]))
    }
  })

  it('the same seed draws the same, another one something else', async () => {
    const drawn = async (seed: number) => (await generator.generate(sources, { temperature: 1, seed, maxTokens: 8 })).map(plain)
    expect(await drawn(1)).toEqual(await drawn(1))
    expect(await drawn(1)).not.toEqual(await drawn(2))
  })

  it('keeps its rules: no n-gram twice, a least length, tokens that never come', async () => {
    const suppressed = await Seq2SeqGenerator.compile(model, {}, { ...tokens, suppressed: [5, 6] }, { threads: 1 })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 2, max: 3 }),
        fc.integer({ min: 0, max: 6 }),
        async (beams, n, minTokens) => {
          const found = await suppressed.generate(sources, { beams, noRepeatNgram: n, minTokens, maxTokens: 8 })
          for (const [{ ids, finishReason }] of found) {
            expect([...ids].some((id) => id === 5 || id === 6)).toBe(false)
            if (finishReason === 'stop') expect(ids.length).toBeGreaterThanOrEqual(minTokens)
            const grams = Array.from({ length: Math.max(0, ids.length - n + 1) }, (_, i) => ids.slice(i, i + n).join())
            expect(new Set(grams).size).toBe(grams.length)
          }
        },
      ),
      { numRuns: 12 },
    )
    suppressed[Symbol.dispose]()
  })

  it('stops where the signal aborts, and can be used again', async () => {
    const controller = new AbortController()
    const stream = generator.stream(sources[0], { maxTokens: 15, minTokens: 15, signal: controller.signal })
    await stream.next()
    controller.abort(new Error('enough'))
    await expect(stream.next()).rejects.toThrow('enough')
    const aborted = AbortSignal.abort(new Error('before'))
    await expect(generator.generate(sources, { signal: aborted })).rejects.toThrow('before')
    expect(await generator.generate(sources.slice(0, 1))).toHaveLength(1)
  })
})

it.each([1, 3])('what is forced wins over what is forbidden: %i beams', async (beams) => {
  const rules = { ...tokens, forcedBos: 5, forcedEos: 2, suppressed: [5, 2] }
  using generator = await Seq2SeqGenerator.compile(cachedModel(table, 20), {}, rules, { threads: 1 })
  for (const [{ ids, finishReason }] of await generator.generate(sources.slice(0, 4), { beams, maxTokens: 5 })) {
    expect(ids[0]).toBe(5)
    expect([ids.length, finishReason]).toEqual([4, 'stop'])
  }
})

it.each([1, 3])('renormalised, what is left of the probabilities is shared out: %i beams', async (beams) => {
  const model = cachedModel(table, 20)
  const allowed = Array.from({ length: V }, (_, id) => id).filter((id) => id !== 5 && id !== 6)
  using generator = await Seq2SeqGenerator.compile(model, {}, { ...tokens, suppressed: [5, 6] }, { threads: 1 })
  const options = { beams, maxTokens: 1, lengthPenalty: 0, renormalize: true }
  for (const [i, [{ score }]] of (await generator.generate(sources.slice(0, 6), options)).entries()) {
    const each = await Promise.all(allowed.map((id) => logprobs(model, sources[i], [id])))
    const all = each.map(([logprob]) => logprob)
    const total = Math.log(all.reduce((sum, logprob) => sum + Math.exp(logprob), 0))
    expect(score).toBeCloseTo(Math.max(...all) - total, 5)
  }
})

it('a hypothesis whose probabilities are no numbers is never passed over', async () => {
  const model = cachedModel(table, 20)
  const broken: Seq2Seq = {
    ...model,
    // What follows token 7 is NaN.
    decode(p, ids, ...rest) {
      const decoded = model.decode(p, ids, ...rest)
      const nan = ids.equal(7).cast('f32').neg().sqrt().unsqueeze(-1)
      return { ...decoded, logits: decoded.logits.add(nan) }
    },
  }
  using generator = await Seq2SeqGenerator.compile(broken, {}, tokens, { threads: 1 })
  for (const options of [{ forcedBos: 7 }, { beams: V - 1 }]) {
    const found = generator.generate(sources.slice(0, 1), { ...options, maxTokens: 4 })
    await expect(found).rejects.toThrow(/NaN for token id 0[\s\S]*weights may be damaged/)
  }
})

it('refuses what cannot be, and says why', async () => {
  const model = cachedModel(table, 20)
  using generator = await Seq2SeqGenerator.compile(model, {}, tokens, { threads: 1 })
  const source = sources[0]
  const cases: [SearchOptions, RegExp][] = [
    [{ beams: 0 }, /beams[\s\S]*whole number from 1/],
    [{ beams: 2, nBest: 3 }, /nBest[\s\S]*3 of 2/],
    [{ beams: 2, temperature: 1 }, /beams[\s\S]*draws nothing/],
    [{ temperature: -1 }, /temperature/],
    [{ maxTokens: 21 }, /20 tokens at most[\s\S]*ask for 20/],
    [{ maxTokens: 4, minTokens: 5 }, /minTokens[\s\S]*5 of 4/],
    [{ earlyStopping: 'soon' as never }, /earlyStopping/],
    [{ lengthPenalty: Number.NaN }, /lengthPenalty/],
    [{ targetPrefix: [V] }, /targetPrefix[\s\S]*0 to 13/],
  ]
  for (const [options, message] of cases) await expect(generator.generate([source], options)).rejects.toThrow(message)
  await expect(generator.generate([source, new Int32Array()])).rejects.toThrow(/source 2[\s\S]*at least one token/)
  await expect(generator.generate([new Int32Array(17)])).rejects.toThrow(/16 tokens at most[\s\S]*17/)
  await expect(generator.generate([Int32Array.of(V)])).rejects.toThrow(/0 to 13/)
  const without = { ...tokens, start: undefined as never }
  await expect(Seq2SeqGenerator.compile(model, {}, without)).rejects.toThrow(/start/)
  const nothing = { ...tokens, suppressed: Array.from({ length: V }, (_, i) => i) }
  using mute = await Seq2SeqGenerator.compile(model, {}, nothing, { threads: 1 })
  await expect(mute.generate([source])).rejects.toMatchObject({ code: 'engine' })
  await expect(mute.generate([source], { beams: 2 })).rejects.toMatchObject({ code: 'engine' })
})
