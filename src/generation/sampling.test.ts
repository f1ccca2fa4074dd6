import { describe, expect, it } from 'vitest'
import { Random } from '../tensor/random.ts'
import { History } from './history.ts'
import { Sampler } from './sampling.ts'

const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN: NOT_A_NUMBER } = Number
const logits = Float32Array.of(2, 1, 1, 0, -1, -3)

describe('a token', () => {
  it('is the most probable one at temperature 0, of equal ones the first', () => {
    expect(new Sampler({ temperature: 0 }, 4).next(Float32Array.of(0, 3, 3, 1)).id).toBe(1)
    expect(new Sampler({ temperature: 0 }, 2).distribution(Float32Array.of(0, 1))).toEqual({
      ids: Int32Array.of(1),
      probabilities: Float64Array.of(1),
    })
  })

  it.each([1e-300, 1e-3])('is the most probable one as temperature nears 0: %d', (temperature) => {
    const sampler = new Sampler({ temperature, seed: 1 }, 6)
    expect(Array.from({ length: 20 }, () => sampler.next(logits).id)).toEqual(new Array(20).fill(0))
  })

  it.each([{ topP: 1e-9 }, { temperature: 0 }])('is the first of equal ones also with %j', (options) => {
    expect(new Sampler(options, 5).next(new Float32Array(5)).id).toBe(0)
  })

  it('changes with what was generated', () => {
    const sampler = new Sampler({ temperature: 0, frequencyPenalty: 0.4, presencePenalty: 0.3 }, 6)
    const history = new History([0, 0, 0])
    const ids = Array.from({ length: 4 }, () => {
      const { id } = sampler.next(logits, history)
      history.push(id)
      return id
    })
    // Token 0 loses 0.7, then 0.4 each time: 2, 1.3, 0.9 against 1 and 1.
    expect(ids).toEqual([0, 0, 1, 2])
  })

  it('is where the running sum of probabilities exceeds one uniform number of the stream of the seed', () => {
    const random = new Random(9, 'sampling')
    const sampler = new Sampler({ seed: 9, topK: 3 }, 6)
    const weights = [Math.E, 1, 1]
    for (let i = 0; i < 200; i++) {
      const point = random.uniform() * (Math.E + 2)
      const want = weights.findIndex((_, id) => weights.slice(0, id + 1).reduce((a, b) => a + b) > point)
      expect(sampler.next(logits).id).toBe(want)
    }
  })

  it('repeats with its seed, and leaves the logits and the history as they were', () => {
    const history = new History([1])
    const draw = (seed: number) => {
      const sampler = new Sampler({ seed, topP: 0.9, repetitionPenalty: 1.5, logitBias: { 3: 1 } }, 6)
      return Array.from({ length: 50 }, () => sampler.next(logits, history).id).join()
    }
    expect(draw(3)).toBe(draw(3))
    expect(draw(3)).not.toBe(draw(4))
    expect([...logits]).toEqual([2, 1, 1, 0, -1, -3])
    expect([history.length, [...history.seen]]).toEqual([0, [1]])
  })

  it('does not depend on the rows before it, nor does looking at the distribution', () => {
    const [fresh, used] = [
      new Sampler({ seed: 6, topP: 0.8, logitBias: { 2: 1 } }, 6),
      new Sampler({ seed: 6, topP: 0.8, logitBias: { 2: 1 } }, 6),
    ]
    used.distribution(logits.map((logit) => 5 - logit))
    expect(used.distribution(logits)).toEqual(fresh.distribution(logits))
    expect(used.next(logits)).toEqual(fresh.next(logits))
  })

  it('may come from a row inside a larger array', () => {
    const rows = Float32Array.of(9, 9, 9, 0, 4, 1)
    expect(new Sampler({ topK: 2, topLogprobs: 3 }, 3).distribution(rows.subarray(3)).ids).toEqual(Int32Array.of(1, 2))
    expect(new Sampler({ topP: 0.5 }, 3).next(rows.subarray(3)).id).toBe(1)
  })
})

describe('log-probabilities', () => {
  const logSumExp = Math.log(Math.exp(2) + 2 * Math.E + 1 + Math.exp(-1) + Math.exp(-3))

  it.each([
    { temperature: 0 },
    { temperature: 1 },
    { temperature: 0.3 },
    { topK: 1 },
    { topP: 0.2 },
    { minP: 1 },
    { logitBias: { 0: 50 } },
    { repetitionPenalty: 1.1, temperature: 0 },
  ])('are those of the model itself, whatever the options: %j', (options) => {
    const { id, logprob, topLogprobs } = new Sampler({ ...options, topLogprobs: 4, seed: 1 }, 6).next(logits, new History([0]))
    expect(logprob).toBeCloseTo(logits[id] - logSumExp, 12)
    expect(topLogprobs.map((top) => top.id)).toEqual([0, 1, 2, 3])
    for (const top of topLogprobs) expect(top.logprob).toBeCloseTo(logits[top.id] - logSumExp, 12)
  })

  it('of equal tokens name the lower ids, no more than asked for and no more than there are', () => {
    const told = (n: number, row: Float32Array) =>
      new Sampler({ topLogprobs: n }, row.length).next(row).topLogprobs.map(({ id }) => id)
    expect(told(2, logits)).toEqual([0, 1])
    expect(told(3, new Float32Array(1000))).toEqual([0, 1, 2])
    expect(told(100, logits)).toEqual([0, 1, 2, 3, 4, 5])
    expect(told(0, logits)).toEqual([])
  })

  it('of a row with −∞ are −∞ there', () => {
    const { topLogprobs } = new Sampler({ topLogprobs: 3 }, 3).next(Float32Array.of(NEGATIVE_INFINITY, 0, 0))
    expect(topLogprobs).toEqual([
      { id: 1, logprob: -Math.LN2 },
      { id: 2, logprob: -Math.LN2 },
      { id: 0, logprob: NEGATIVE_INFINITY },
    ])
  })
})

describe('logits that are not finite', () => {
  const row = Float32Array.of(0, POSITIVE_INFINITY, 5, POSITIVE_INFINITY)

  it.each([{}, { temperature: 0.5 }, { topK: 1 }, { topP: 0.9 }, { minP: 0.5 }, { repetitionPenalty: 2 }])(
    '+∞ shares the whole among such tokens: %j',
    (options) => {
      const sampler = new Sampler({ ...options, seed: 3, topLogprobs: 3 }, 4)
      const { ids, probabilities } = sampler.distribution(row, new History([1]))
      expect([[...ids], [...probabilities]]).toEqual([
        [1, 3],
        [0.5, 0.5],
      ])
      const { logprob, topLogprobs } = sampler.next(row)
      expect(logprob).toBe(-Math.LN2)
      expect(topLogprobs).toEqual([
        { id: 1, logprob: -Math.LN2 },
        { id: 3, logprob: -Math.LN2 },
        { id: 2, logprob: NEGATIVE_INFINITY },
      ])
    },
  )

  it('−∞ is never drawn, and a bias cannot allow it; a bias of −∞ forbids even +∞', () => {
    const forbidden = Float32Array.of(NEGATIVE_INFINITY, 0, 0)
    expect([...new Sampler({ logitBias: { 0: POSITIVE_INFINITY } }, 3).distribution(forbidden).ids]).toEqual([1, 2])
    expect([...new Sampler({ logitBias: { 1: NEGATIVE_INFINITY } }, 4).distribution(row).ids]).toEqual([3])
  })

  it.each([
    ['a NaN', Float32Array.of(0, NOT_A_NUMBER, 1), 'NaN for token id 1'],
    ['a NaN in front', Float32Array.of(NOT_A_NUMBER, 0, 1), 'NaN for token id 0'],
    ['nothing but −∞', new Float32Array(3).fill(NEGATIVE_INFINITY), 'nothing but −∞'],
  ])('%s is an EngineError that names token and step', (_, bad, got) => {
    const history = new History([1, 2])
    history.push(0)
    for (const temperature of [0, 1]) {
      expect(() => new Sampler({ temperature }, 3).next(bad, history)).toThrow(
        expect.objectContaining({ code: 'engine', message: expect.stringMatching(`token 2: logits of the model.*\n.*${got}`) }),
      )
    }
  })

  it('a bias that forbids every token is named as such', () => {
    const sampler = new Sampler({ logitBias: { 0: NEGATIVE_INFINITY, 1: NEGATIVE_INFINITY } }, 2)
    expect(() => sampler.next(Float32Array.of(1, 2))).toThrow(
      /token 1: logits after bias and penalties.*\n.*nothing but −∞\n.*logitBias/,
    )
  })

  it('a row of another length is a ShapeError', () => {
    expect(() => new Sampler({}, 4).next(new Float32Array(3))).toThrow(
      expect.objectContaining({ code: 'shape', message: expect.stringContaining('3 logits, 4 tokens') }),
    )
  })
})
