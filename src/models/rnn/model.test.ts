import { describe, expect, it } from 'vitest'
import { differentiate, isTensor } from '../../tensor/autodiff.ts'
import { compile, specsOf } from '../../tensor/compile.ts'
import { topological } from '../../tensor/graph.ts'
import { crossEntropy, initParams, type NdArray, ndarray, Rng, type Tensor, withTaps } from '../../tensor/index.ts'
import { isNdArray } from '../../tensor/ndarray.ts'
import { isParamSpec } from '../../tensor/params.ts'
import { Random } from '../../tensor/random.ts'
import { input } from '../../tensor/tensor.ts'
import { leavesOf, mapTree } from '../../tensor/tree.ts'
import { type RnnConfig, rnnConfig } from './config.ts'
import { rnnSeq2Seq } from './model.ts'

const V = 9
const make = (over: Partial<RnnConfig>) => {
  const sizes = { sourceVocabSize: 11, vocabSize: V, embeddingSize: 6, hiddenSize: 8, numLayers: 2 }
  const model = rnnSeq2Seq(rnnConfig({ ...sizes, ...over }))
  const params = initParams(model.spec, 1)
  const random = new Random(7)
  for (const [, { data }] of leavesOf<NdArray>(params, isNdArray)) for (const i of data.keys()) data[i] = random.normal() / 2
  return { model, params }
}
const i32 = (data: number[], shape: number[]) => ndarray(Int32Array.from(data), shape, 'i32')
const bool = (data: number[], shape: number[]) => ndarray(Uint8Array.from(data), shape, 'bool')
const numbers = ({ data }: NdArray): number[] => [...(data as Float32Array)]
const widest = (a: NdArray, b: NdArray): number => {
  expect(a.shape).toEqual(b.shape)
  return Math.max(...numbers(a).map((x, i) => Math.abs(x - b.data[i])))
}

const sources = { ids: i32([1, 2, 3, 4, 5, 6], [2, 3]), mask: bool([1, 1, 1, 1, 1, 0], [2, 3]) }
const targets = i32([1, 5, 2, 8, 3, 3, 7, 0], [2, 4])

/** One run of a function of parameters and arrays. */
async function evaluate(f: (p: any, arrays: Tensor[]) => unknown, params: unknown, arrays: NdArray[]): Promise<any> {
  using program: any = await compile(f as any, [specsOf(params), specsOf(arrays)] as any, { threads: 1 })
  return await program.run(params, arrays)
}

/** Logits of whole targets, and attention weights. */
async function whole({ model, params }: ReturnType<typeof make>, { ids, mask }: typeof sources, targets: NdArray) {
  const f = (p: any, [source, mask, ids]: Tensor[]) =>
    withTaps(model.decode(p, ids, model.encode(p, source, mask), mask).logits, ['crossAttention'])
  const { result, taps } = await evaluate(f, params, [ids, mask, targets])
  return { logits: result as NdArray, weights: taps.crossAttention as NdArray[] }
}

const kinds = (['none', 'additive', 'dot', 'general'] as const).flatMap((attention) =>
  (['lstm', 'gru'] as const).map((cell) => ({ attention, cell })),
)

describe.each(kinds)('attention $attention, $cell', ({ attention, cell }) => {
  const made = make({ attention, cell })

  it('is not changed by padding, and gives it no weight', async () => {
    const plain = await whole(made, sources, targets)
    const wider = { ids: i32([1, 2, 3, 9, 9, 4, 5, 7, 8, 2], [2, 5]), mask: bool([1, 1, 1, 0, 0, 1, 1, 0, 0, 0], [2, 5]) }
    const padded = await whole(made, wider, targets)
    expect(widest(padded.logits, plain.logits)).toBeLessThan(1e-6)
    expect(padded.weights).toHaveLength(attention === 'none' ? 0 : 1)
    for (const { shape, data } of padded.weights) {
      expect(shape).toEqual([2, 1, 4, 5])
      for (let row = 0; row < 8; row++) {
        const weights = [...data.subarray(5 * row, 5 * row + 5)]
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
        expect(weights.filter((weight) => weight > 0)).toHaveLength(row < 4 ? 3 : 2)
      }
    }
  })

  it('reads a target token by token as all at once', async () => {
    const { model, params } = made
    const f = (p: any, [source, mask, ids]: Tensor[]) => {
      const read = model.encode(p, source, mask)
      let state: any
      const logits = [0, 1, 2, 3].map((t) => {
        const decoded = model.decode(p, ids.slice(1, t, t + 1), read, mask, { state, last: t % 2 === 0 })
        state = decoded.state
        return decoded.logits
      })
      return { logits: logits[0].concat(logits.slice(1), 1), last: model.decode(p, ids, read, mask, { last: true }).logits }
    }
    const stepwise = await evaluate(f, params, [sources.ids, sources.mask, targets])
    const { logits } = await whole(made, sources, targets)
    expect(widest(stepwise.logits, logits)).toBeLessThan(1e-6)
    const last = [...logits.data.subarray(3 * V, 4 * V), ...logits.data.subarray(7 * V)]
    expect(widest(stepwise.last, ndarray(last, [2, 1, V]))).toBeLessThan(1e-6)
  })

  it('reads several targets of a source side by side as each alone', async () => {
    const many = i32(
      [...targets.data.subarray(0, 4), 4, 4, 4, 4, 0, 8, 7, 6, ...targets.data.subarray(4), 5, 5, 5, 5, 1, 2, 3, 4],
      [6, 4],
    )
    const together = await whole(made, sources, many)
    for (const n of [0, 1, 2]) {
      const rows = [n, n + 3].flatMap((r) => [...many.data.subarray(4 * r, 4 * r + 4)])
      const alone = await whole(made, sources, i32(rows, [2, 4]))
      const picked = [n, n + 3].flatMap((r) => [...together.logits.data.subarray(4 * V * r, 4 * V * (r + 1))])
      expect(widest(alone.logits, ndarray(picked, [2, 4, V]))).toBeLessThan(1e-6)
    }
  })

  it('learns from its own choices where tokens are not given, and not through the choosing', async () => {
    const { model, params } = made
    const f = (p: any, [source, mask, ids, labels, seed, teacherForcing]: Tensor[]) => {
      const pass = { rng: new Rng(seed), teacherForcing }
      const { logits } = model.decode(p, ids, model.encode(p, source, mask), mask, pass)
      const leaves = leavesOf<Tensor>(p, isTensor).map(([, leaf]) => leaf)
      return { logits, gradients: differentiate(crossEntropy(logits, labels), leaves).gradients }
    }
    const run = (ids: NdArray, p: number): Promise<{ logits: NdArray; gradients: NdArray[] }> =>
      evaluate(f, params, [sources.ids, sources.mask, ids, targets, i32([5], []), ndarray([p], [])])
    const always = await run(targets, 1)
    expect(widest(always.logits, (await whole(made, sources, targets)).logits)).toBeLessThan(1e-6)
    const never = await run(targets, 0)
    const read = Array.from(targets.data, (given, i) => {
      const before = [...never.logits.data.subarray((i - 1) * V, i * V)]
      return i % 4 === 0 ? given : before.indexOf(Math.max(...before))
    })
    expect(read).not.toEqual([...targets.data])
    const replayed = await run(i32(read, [2, 4]), 1)
    expect(widest(replayed.logits, never.logits)).toBeLessThan(1e-6)
    for (const [i, gradient] of never.gradients.entries()) expect(widest(gradient, replayed.gradients[i])).toBeLessThan(1e-6)
    const half = await run(targets, 0.5)
    for (const other of [always, never]) expect(widest(half.logits, other.logits)).toBeGreaterThan(1e-3)
  })
})

it('has nothing of scheduled sampling in its graph without it', () => {
  const { model } = make({})
  const params = mapTree(model.spec, isParamSpec, ({ shape }) => input(shape))
  const mask = input(['b', 's'], 'bool')
  const opsOf = (teacherForcing?: Tensor) => {
    const pass = { rng: new Rng(input([], 'i32')), teacherForcing }
    const source = model.encode(params, input(['b', 's'], 'i32'), mask)
    const { logits } = model.decode(params, input(['b', 't'], 'i32'), source, mask, pass)
    return topological([logits]).map(({ op }) => op.name)
  }
  expect(opsOf()).not.toContain('uniform')
  expect(opsOf(input([]))).toContain('uniform')
})

it('keeps nothing of choosing tokens for gradients', () => {
  const { model } = make({})
  const params = mapTree(model.spec, isParamSpec, ({ shape }) => input(shape))
  const [ids, mask] = [input([2, 3], 'i32'), input([2, 3], 'bool')]
  const pass = { rng: new Rng(input([], 'i32')), teacherForcing: input([]) }
  const { logits } = model.decode(params, ids, model.encode(params, ids, mask), mask, pass)
  const leaves = leavesOf<Tensor>(params, isTensor).map(([, leaf]) => leaf)
  const calls = topological(differentiate(crossEntropy(logits, ids), leaves).gradients)
  const scans = calls.filter(({ op }) => op.name === 'scan')
  const choosing = scans.filter(({ outputs }) => outputs.some(({ dtype }) => dtype === 'i32'))
  expect(choosing.map(({ attrs }) => attrs.tape)).toEqual([undefined])
  expect(scans.some(({ attrs }) => attrs.tape)).toBe(true)
})
