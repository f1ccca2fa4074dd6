import { expect, it } from 'vitest'
import { compile, inputSpec } from '../../tensor/compile.ts'
import { initParams, type NdArray, ndarray, paramInputs, Rng, type Tensor, withTaps } from '../../tensor/index.ts'
import type { T5Config } from './config.ts'
import { t5Seq2Seq } from './model.ts'

const config: T5Config = {
  modelType: 't5',
  vocabSize: 20,
  dModel: 12,
  dKv: 5,
  dFf: 16,
  numLayers: 2,
  numDecoderLayers: 3,
  numHeads: 2,
  relativeAttentionNumBuckets: 8,
  relativeAttentionMaxDistance: 6,
  dropoutRate: 0.5,
  layerNormEpsilon: 1e-6,
  denseActFn: 'relu',
  isGatedAct: false,
  scaleDecoderOutputs: true,
  tieWordEmbeddings: true,
}
const model = t5Seq2Seq(config)
const params = initParams(model.spec, 3)
const ids = (shape: [number, number], salt: number) =>
  ndarray(
    Int32Array.from({ length: shape[0] * shape[1] }, (_, i) => (i * 7 + salt) % 20),
    shape,
    'i32',
  )
const specs = [
  paramInputs(model.spec),
  inputSpec(['B', 'S'], 'i32'),
  inputSpec(['B', 'S'], 'bool'),
  inputSpec(['B', 'T'], 'i32'),
] as const
const mask = ndarray(Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0), [2, 4], 'bool')
const inputs = [params, ids([2, 4], 1), mask, ids([2, 5], 2)] as const

it('shows the attention of every layer and head: rows sum to one, and nothing looks at padding or ahead', async () => {
  const names = ['encoderAttention', 'decoderAttention', 'crossAttention']
  const looked = (p: unknown, source: Tensor, mask: Tensor, target: Tensor) =>
    withTaps(model.decode(p, target, model.encode(p, source, mask), mask).logits, names)
  using program = await compile(looked as never, specs as never, { threads: 1 })
  const { taps } = (await program.run(...(inputs as never))) as unknown as { taps: Record<string, NdArray[]> }
  expect(names.map((name) => taps[name].map(({ shape }) => shape))).toEqual([
    Array.from({ length: 2 }, () => [2, 2, 4, 4]),
    Array.from({ length: 3 }, () => [2, 2, 5, 5]),
    Array.from({ length: 3 }, () => [2, 2, 5, 4]),
  ])
  for (const { name, weights } of names.flatMap((name) => taps[name].map((weights) => ({ name, weights })))) {
    const [, H, T, S] = weights.shape
    const row = (r: number) => Array.from(weights.data.subarray(r * S, (r + 1) * S))
    for (let r = 0; r < weights.data.length / S; r++) {
      expect(row(r).reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      const isSecond = r >= H * T
      const hidden = name === 'decoderAttention' ? row(r).slice((r % T) + 1) : isSecond ? row(r).slice(2) : []
      expect(hidden.every((weight) => weight === 0)).toBe(true)
    }
  }
})

it('drops out by a seed, in training alone', async () => {
  const dropped = (p: unknown, source: Tensor, mask: Tensor, target: Tensor, seed: Tensor) => {
    const rng = new Rng(seed)
    return model.decode(p, target, model.encode(p, source, mask, { rng }), mask, { rng }).logits
  }
  using program = await compile(dropped as never, [...specs, inputSpec([], 'i32')] as never, { threads: 1 })
  const run = async (seed: number) =>
    (await program.run(...([...inputs, ndarray([seed], [], 'i32')] as never))) as unknown as NdArray
  const [a, again, b] = [await run(1), await run(1), await run(2)]
  expect(again.data).toEqual(a.data)
  expect(b.data).not.toEqual(a.data)
})
