import { describe, expect, it } from 'vitest'
import type { CausalLm } from '../models/causal-lm.ts'
import { gpt2Config } from '../models/gpt2/config.ts'
import { gpt2Lm } from '../models/gpt2/model.ts'
import { llamaConfig } from '../models/llama/config.ts'
import { llamaLm } from '../models/llama/model.ts'
import { isNdArray } from '../tensor/compile.ts'
import { compile, initParams, inputSpec, type NdArray, ndarray, type Tensor } from '../tensor/index.ts'
import { paramInputs } from '../tensor/params.ts'
import { Random } from '../tensor/random.ts'
import { leavesOf } from '../tensor/tree.ts'
import { Decoder } from './decoder.ts'

const V = 50
const CONTEXT = 40

const models: CausalLm[] = [
  gpt2Lm(gpt2Config({ vocabSize: V, nPositions: CONTEXT, nEmbd: 24, nLayer: 2, nHead: 3 })),
  llamaLm(
    llamaConfig({
      vocabSize: V,
      maxPositionEmbeddings: CONTEXT,
      hiddenSize: 24,
      numHiddenLayers: 2,
      numAttentionHeads: 6,
      numKeyValueHeads: 2,
    }),
  ),
]

/** Parameters large enough that every token and position matters. */
function params(lm: CausalLm): any {
  const tree = initParams(lm.spec, 3)
  const random = new Random(4)
  for (const [, { data }] of leavesOf(tree, isNdArray)) for (let i = 0; i < data.length; i++) data[i] += 0.2 * random.normal()
  return tree
}

const ids = (seed: number, B: number, T: number): NdArray => {
  const random = new Random(seed, 'ids')
  return ndarray(
    Int32Array.from({ length: B * T }, () => random.below(V)),
    [B, T],
    'i32',
  )
}

function part(all: NdArray, start: number, end: number): NdArray {
  const [B, T] = all.shape
  const rows = Array.from({ length: B }, (_, b) => [...all.data.subarray(b * T + start, b * T + end)])
  return ndarray(Int32Array.from(rows.flat()), [B, end - start], 'i32')
}

/** Logits of every position, without a cache. */
async function allLogits(lm: CausalLm, weights: unknown, tokens: NdArray): Promise<Float32Array> {
  const forward = (p: unknown, x: Tensor) => lm.forward(p, x).logits
  using program = await compile(forward as never, [paramInputs(lm.spec), inputSpec(['batch', 'tokens'], 'i32')] as never)
  return ((await program.run(...([weights, tokens] as never))) as unknown as NdArray).data as Float32Array
}

const largestDifference = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)

describe.each(models)('$modelType', (lm) => {
  const weights = params(lm)

  it('does not see the future: later tokens change earlier logits by exactly nothing', async () => {
    const tokens = ids(1, 2, 12)
    const before = await allLogits(lm, weights, tokens)
    const changed = ndarray(Int32Array.from(tokens.data), [2, 12], 'i32')
    for (const b of [0, 1]) for (let t = 7; t < 12; t++) changed.data[b * 12 + t] = (changed.data[b * 12 + t] + 1) % V
    const after = await allLogits(lm, weights, changed)
    for (const b of [0, 1]) {
      const row = (logits: Float32Array, start: number, end: number) => logits.slice((b * 12 + start) * V, (b * 12 + end) * V)
      expect(row(after, 0, 7)).toEqual(row(before, 0, 7))
      expect(largestDifference(row(after, 7, 12), row(before, 7, 12))).toBeGreaterThan(1e-2)
    }
  })

  it.each([
    ['one by one', Array(12).fill(1)],
    ['in chunks', [5, 1, 4, 2]],
    ['at once', [12]],
  ])('reads with a cache %s as without one', async (_, sizes) => {
    const tokens = ids(2, 2, 12)
    const full = await allLogits(lm, weights, tokens)
    using decoder = await Decoder.compile(lm, weights, { threads: 2 })
    const cache = decoder.cache(2)
    let at = 0
    for (const size of sizes) {
      const logits = await decoder.read(cache, part(tokens, at, at + size))
      at += size
      for (const b of [0, 1]) {
        const want = full.subarray((b * 12 + at - 1) * V, (b * 12 + at) * V)
        expect(largestDifference(logits.subarray(b * V, (b + 1) * V), want)).toBeLessThan(1e-4)
      }
    }
    expect(cache.length).toBe(12)
  })

  it('goes on from a cache that is repeated or cut back', async () => {
    using decoder = await Decoder.compile(lm, weights, { threads: 1 })
    const tokens = ids(3, 1, 9)
    const cache = decoder.cache()
    const once = await decoder.read(cache, tokens)
    const three = cache.repeat(3)
    cache.truncate(8)
    expect(largestDifference(await decoder.read(cache, part(tokens, 8, 9)), once)).toBeLessThan(1e-5)
    const next = ndarray(Int32Array.of(4, 5, 4), [3, 1], 'i32')
    const logits = await decoder.read(three, next)
    const alone = await decoder.read(cache, ndarray([5], [1, 1], 'i32'))
    expect(largestDifference(logits.subarray(V, 2 * V), alone)).toBeLessThan(1e-5)
    expect(logits.slice(0, V)).toEqual(logits.slice(2 * V))
  })

  it('refuses what its context has no room for, with both numbers, and keeps the cache', async () => {
    using decoder = await Decoder.compile(lm, weights, { threads: 1 })
    const cache = decoder.cache()
    await decoder.read(cache, ids(5, 1, CONTEXT - 1))
    await expect(decoder.read(cache, ids(6, 1, 2))).rejects.toThrow(/40 tokens at most[\s\S]*41 tokens/)
    expect(cache.length).toBe(CONTEXT - 1)
    await decoder.read(cache, ids(6, 1, 1))
  })
})

it('GPT-2 small has 124,439,808 parameters', async () => {
  const { countParams } = await import('../tensor/params.ts')
  const small = gpt2Lm(gpt2Config({ vocabSize: 50257, nPositions: 1024, nEmbd: 768, nLayer: 12, nHead: 12 }))
  expect(countParams(small.spec)).toBe(124_439_808)
})
