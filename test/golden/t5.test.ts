import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadSeq2Seq } from '../../src/checkpoints/seq2seq.ts'
import type { T5Config } from '../../src/models/t5/config.ts'
import { decode, encode, encoderStates, type T5 } from '../../src/models/t5/model.ts'
import { bucketTable } from '../../src/models/t5/relative-positions.ts'
import { valueAndGrad } from '../../src/tensor/autodiff.ts'
import { compile, inputSpec, isNdArray } from '../../src/tensor/compile.ts'
import { reference } from '../../src/tensor/engine/reference.ts'
import { crossEntropy, type NdArray, ndarray, onnxruntime, paramInputs, type Tensor } from '../../src/tensor/index.ts'
import { leavesOf } from '../../src/tensor/tree.ts'
import { type Checksum, distance } from './formula.ts'

type Case = {
  checkpoint: string
  sources: number[][]
  lengths: number[]
  targets: number[][]
  encoderStates: Checksum
  logits: Checksum
}
type Slopes = Omit<Case, 'encoderStates' | 'logits'> & { labels: number[][]; loss: number; gradients: Record<string, Checksum> }
type Golden = {
  tolerance: { encoderStates: number; logits: number; gradients: number }
  checkpoints: { name: string; parameters: number; publishedConfig: Record<string, unknown> }[]
  buckets: { count: number; maxDistance: number; bidirectional: boolean; buckets: number[] }[]
  cases: Case[]
  gradients: Slopes[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('t5.json', import.meta.url), 'utf8'))
const load = (name: string) => loadSeq2Seq(fileURLToPath(new URL(`checkpoints/${name}`, import.meta.url)))

const rows = (lists: readonly (readonly number[])[]): NdArray =>
  ndarray(Int32Array.from(lists.flat()), [lists.length, lists[0].length], 'i32')
const maskOf = ({ lengths, sources }: Pick<Case, 'lengths' | 'sources'>): NdArray => {
  const S = sources[0].length
  const real = lengths.flatMap((length) => Array.from({ length: S }, (_, s) => Number(s < length)))
  return ndarray(Uint8Array.from(real), [lengths.length, S], 'bool')
}

const idsSpec = inputSpec(['batch', 'tokens'], 'i32')
const sourceSpecs = [inputSpec(['batch', 'source'], 'i32'), inputSpec(['batch', 'source'], 'bool')] as const

const forward = (config: T5Config) => (p: T5, source: Tensor, mask: Tensor, target: Tensor) => {
  const states = encoderStates(p, source, mask, config)
  const { logits } = decode(p, target, encode(p, states, config), mask, config)
  return { states: mask.unsqueeze(-1).where(states, 0), logits }
}

describe.each(golden.checkpoints)('$name, as transformers computes it', ({ name, parameters, publishedConfig }) => {
  it.each([onnxruntime, reference])('encoder states and logits: $name', async (engine) => {
    const { config, model, params } = await load(name)
    expect(leavesOf(params, isNdArray).reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(parameters)
    const specs = [paramInputs(model.spec), ...sourceSpecs, idsSpec] as const
    using program = await compile(forward(config) as never, specs as never, { threads: 2, engine })
    const cases = golden.cases.filter(({ checkpoint }) => checkpoint === name)
    expect(cases.length).toBe(2)
    for (const one of cases) {
      const inputs = [params, rows(one.sources), maskOf(one), rows(one.targets)]
      const { states, logits } = (await program.run(...(inputs as never))) as unknown as Record<string, NdArray>
      expect(distance(states.data, one.encoderStates)).toBeLessThan(golden.tolerance.encoderStates)
      expect(distance(logits.data, one.logits)).toBeLessThan(golden.tolerance.logits)
    }
  })

  it('the words of older config.json files mean the same', async () => {
    const { architecture, config } = await load(name)
    const published = architecture.fromJson(architecture.schema.parse(publishedConfig), (rule) => new Error(rule) as never)
    const again = architecture.schema.parse({ model_type: config.modelType, ...architecture.toJson(config) })
    const reread = architecture.fromJson(again, (rule) => new Error(rule) as never)
    const { tieWordEmbeddings } = config // which the file of weights says
    for (const one of [published, reread]) expect({ ...one, tieWordEmbeddings }).toEqual(config)
  })

  it('a target read token by token, behind two hypotheses of each source, has the logits of one read at once', async () => {
    const { model, params } = await load(name)
    const one = golden.cases.find(({ checkpoint }) => checkpoint === name)!
    const { layers, heads, headSize } = model.cache!
    const [B, R, T] = [one.sources.length, 2 * one.sources.length, one.targets[0].length]
    const past = inputSpec(['past', R, heads, headSize])
    const sides = [inputSpec([B, 'source'], 'i32'), inputSpec([B, 'source'], 'bool'), inputSpec([R, 'tokens'], 'i32')]
    const caches = Array.from({ length: layers }, () => ({ k: past, v: past }))
    const read = (p: unknown, ids: Tensor, mask: Tensor, target: Tensor, state?: any) =>
      model.decode(p, target, model.encode(p, ids, mask), mask, { state, last: state !== undefined })
    using atOnce = await compile(read as never, [paramInputs(model.spec), ...sides] as never, { threads: 1 })
    using bit = await compile(read as never, [paramInputs(model.spec), ...sides, caches] as never, { threads: 1 })
    const run = async (program: unknown, ...more: unknown[]) =>
      (await (program as typeof bit).run(...([params, rows(one.sources), maskOf(one), ...more] as never))) as unknown as {
        logits: NdArray
        state: { k: NdArray; v: NdArray }[]
      }
    const twice = one.targets.flatMap((row) => [row, row])
    const whole = await run(atOnce, rows(twice))
    let cache = whole.state.map(() => ({ k: ndarray([], [0, R, heads, headSize]), v: ndarray([], [0, R, heads, headSize]) }))
    for (let t = 0; t < T; t++) {
      const next = await run(bit, rows(twice.map((row) => [row[t]])), cache)
      const want = Array.from({ length: R }, (_, r) =>
        whole.logits.data.subarray((r * T + t) * model.vocabSize).subarray(0, model.vocabSize),
      )
      const errors = want.flatMap((row, r) => Array.from(row, (x, v) => Math.abs(x - next.logits.data[r * model.vocabSize + v])))
      expect(Math.max(...errors), `token ${t}`).toBeLessThan(1e-4)
      const grown = (a: NdArray, b: NdArray) => ndarray(Float32Array.of(...a.data, ...b.data), [t + 1, R, heads, headSize])
      cache = cache.map(({ k, v }, i) => ({ k: grown(k, next.state[i].k), v: grown(v, next.state[i].v) }))
    }
  })

  it('padding changes nothing, whatever stands there', async () => {
    const { model, config, params } = await load(name)
    const specs = [paramInputs(model.spec), ...sourceSpecs, idsSpec] as const
    using program = await compile(forward(config) as never, specs as never, { threads: 1 })
    const run = async (sources: number[][], lengths: number[], targets: number[][]) =>
      (await program.run(
        ...([params, rows(sources), maskOf({ sources, lengths }), rows(targets)] as never),
      )) as unknown as Record<string, NdArray>
    const one = golden.cases.find(({ checkpoint }) => checkpoint === name)!
    const [source, length, target] = [one.sources[1], one.lengths[1], one.targets[1]]
    const alone = await run([source.slice(0, length)], [length], [target])
    const padded = await run([[...source.slice(0, length), 9, 8, 7, 6, 5]], [length], [target])
    expect(Math.max(...alone.logits.data.map((x, i) => Math.abs(x - padded.logits.data[i])))).toBeLessThan(2e-6)
  })
})

describe.each(golden.gradients)('$checkpoint', ({ checkpoint, ...one }) => {
  it('gradients of the loss', async () => {
    const { model, architecture, params } = await load(checkpoint)
    const loss = (p: unknown, source: Tensor, mask: Tensor, target: Tensor, labels: Tensor) =>
      crossEntropy(model.decode(p, target, model.encode(p, source, mask), mask).logits, labels)
    const specs = [paramInputs(model.spec), ...sourceSpecs, idsSpec, idsSpec] as const
    using program = await compile(valueAndGrad(loss) as never, specs as never, { threads: 2 })
    const inputs = [params, rows(one.sources), maskOf(one), rows(one.targets), rows(one.labels)]
    const { value, grad } = (await program.run(...(inputs as never))) as unknown as { value: NdArray; grad: unknown }
    expect(value.data[0]).toBeCloseTo(one.loss, 4)
    const found = leavesOf(grad, isNdArray)
    expect(found.map(([path]) => architecture.nameOf(path)).sort()).toEqual(Object.keys(one.gradients).sort())
    for (const [path, { data }] of found) {
      const at = architecture.nameOf(path)
      expect(distance(data, one.gradients[at]), at).toBeLessThan(golden.tolerance.gradients)
    }
  })
})

it.each(golden.buckets)('$count buckets up to $maxDistance, both directions: $bidirectional', ({ buckets, ...sizes }) => {
  const table = bucketTable(sizes)
  expect([table[0], ...table, table.at(-1)]).toEqual(buckets) // farther than the largest distance counts as that
})
