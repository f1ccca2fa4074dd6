import { describe, expect, it } from 'vitest'
import { compile, inputSpec } from '../tensor/compile.ts'
import { initParams, type NdArray, ndarray, normal, type ParamsOf, paramInputs, type Tensor } from '../tensor/index.ts'
import { Random } from '../tensor/random.ts'
import { selfAttention, selfAttentionSpec } from './attention.ts'

const [C, heads] = [8, 2]
const spec = selfAttentionSpec(C, normal(0.5))
const params = initParams(spec, 1)
const specs = [paramInputs(spec), inputSpec(['batch', 'tokens', C]), inputSpec(['batch', 'tokens'], 'bool')] as const

const compiled = (causal: boolean) =>
  compile((p: ParamsOf<typeof spec>, x: Tensor, keyMask: Tensor) => selfAttention(p, x, { heads, causal, keyMask }), specs, {
    threads: 1,
  })

function noise(T: number): NdArray {
  const random = new Random(T)
  return ndarray(
    Float32Array.from({ length: T * C }, () => random.normal()),
    [1, T, C],
  )
}

const mask = (...kept: number[]): NdArray => ndarray(Uint8Array.from(kept), [1, kept.length], 'bool')
const rows = ({ data }: NdArray, T: number) => Array.from(data.subarray(0, T * C) as Float32Array)

function expectEqual(got: readonly number[], want: readonly number[]): void {
  for (const [i, x] of want.entries()) expect(got[i]).toBeCloseTo(x, 5)
}

describe('self-attention', () => {
  it('does not see masked keys', async () => {
    using program = await compiled(false)
    const x = noise(5)
    const short = ndarray(rows(x, 3), [1, 3, C])
    const want = await program.run(params, short, mask(1, 1, 1))
    const got = await program.run(params, x, mask(1, 1, 1, 0, 0))
    expectEqual(rows(got, 3), rows(want, 3))
    const unmasked = await program.run(params, x, mask(1, 1, 1, 1, 1))
    expect(Math.abs(unmasked.data[0] - want.data[0])).toBeGreaterThan(1e-3)
  })

  it('does not see the future where it is causal', async () => {
    using program = await compiled(true)
    const x = noise(5)
    const want = await program.run(params, x, mask(1, 1, 1, 1, 1))
    x.data.fill(9, 3 * C)
    const got = await program.run(params, x, mask(1, 1, 1, 1, 1))
    expectEqual(rows(got, 3), rows(want, 3))
    expect(Math.abs(got.data[3 * C] - want.data[3 * C])).toBeGreaterThan(1e-3)
  })

  it('keeps heads apart: a head whose values are zero adds nothing', async () => {
    using program = await compiled(false)
    const D = C / heads
    const secondHead = structuredClone(params)
    for (let i = 0; i < C; i++) secondHead.qkv.weight.data.fill(0, i * 3 * C + 2 * C, i * 3 * C + 2 * C + D)
    const x = noise(4)
    const before = await program.run(secondHead, x, mask(1, 1, 1, 1))
    secondHead.proj.weight.data.fill(7, 0, D * C) // rows that only the first head's outputs meet
    const after = await program.run(secondHead, x, mask(1, 1, 1, 1))
    expectEqual(rows(after, 4), rows(before, 4))
  })
})
