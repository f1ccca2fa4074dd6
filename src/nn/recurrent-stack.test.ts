import { describe, expect, it } from 'vitest'
import { ShapeError } from '../errors.ts'
import { differentiate, isTensor } from '../tensor/autodiff.ts'
import { compile, inputSpec } from '../tensor/compile.ts'
import { onnxruntime } from '../tensor/engine/onnxruntime/engine.ts'
import { reference } from '../tensor/engine/reference.ts'
import { initParams, type NdArray, ndarray, paramInputs, Random, Rng, type Tensor } from '../tensor/index.ts'
import { leavesOf } from '../tensor/tree.ts'
import { type Cell, type RecurrentStack, recurrentStack, recurrentStackSpec } from './recurrent-stack.ts'

const [I, H] = [3, 4]
const texts = inputSpec(['batch', 'tokens', I])
const masks = inputSpec(['batch', 'tokens'], 'bool')
const sizes = (cell: Cell, bidirectional = true) => ({ cell, inputSize: I, hiddenSize: H, layers: 2, bidirectional })

function noise(shape: number[], seed = 1): NdArray {
  const random = new Random(seed)
  const size = shape.reduce((a, b) => a * b, 1)
  return ndarray(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  )
}

const row = ({ data, shape }: NdArray, b: number): number[] => {
  const size = data.length / shape[0]
  return Array.from(data.subarray(b * size, (b + 1) * size) as Float32Array)
}

function expectEqual(got: readonly number[], want: readonly number[]): void {
  expect(got).toHaveLength(want.length)
  for (const [i, x] of want.entries()) expect(Math.abs(got[i] - x)).toBeLessThan(1e-6)
}

describe.each(['lstm', 'gru'] as const)('%s', (cell) => {
  const spec = recurrentStackSpec(sizes(cell))
  const params = initParams(spec, 1)
  /** Outputs, states, and the gradients of the input and of every parameter. */
  const f = (p: RecurrentStack, x: Tensor, mask?: Tensor) => {
    const { y, states } = recurrentStack(p, x, { cell, mask })
    const last = leavesOf(states, isTensor).map(([, state]) => state)
    const loss = [y, ...last].map((z) => z.mul(z).sum()).reduce((a, b) => a.add(b))
    const leaves = leavesOf(p, isTensor).map(([, leaf]) => leaf)
    const [ofX, ...ofParams] = differentiate(loss, [x, ...leaves]).gradients
    return { y, last, ofX, ofParams }
  }

  it.each([reference, onnxruntime])('a text gives among padding what it gives alone, on $name', async (engine) => {
    using padded = await compile(f, [paramInputs(spec), texts, masks], { engine, threads: 1 })
    using alone = await compile((p: RecurrentStack, x: Tensor) => f(p, x), [paramInputs(spec), texts], { engine, threads: 1 })
    const [T, lengths] = [6, [4, 6, 1]]
    const x = noise([3, T, I])
    const mask = ndarray(
      Uint8Array.from({ length: 3 * T }, (_, k) => Number(k % T < lengths[Math.floor(k / T)])),
      [3, T],
      'bool',
    )
    for (const [b, n] of lengths.entries()) x.data.fill(Number.NaN, (b * T + n) * I, (b + 1) * T * I) // whatever lies there
    const together = await padded.run(params, x, mask)
    const sums = together.ofParams.map(({ data }) => new Float64Array(data.length))
    for (const [b, n] of lengths.entries()) {
      const single = await alone.run(params, ndarray(row(x, b).slice(0, n * I), [1, n, I]))
      const width = 2 * H
      expectEqual(row(together.y, b).slice(0, n * width), row(single.y, 0))
      expect(
        row(together.y, b)
          .slice(n * width)
          .every((value) => value === 0),
      ).toBe(true)
      expectEqual(row(together.ofX, b).slice(0, n * I), row(single.ofX, 0))
      expect(
        row(together.ofX, b)
          .slice(n * I)
          .every((value) => value === 0),
      ).toBe(true)
      for (const [k, state] of together.last.entries()) expectEqual(row(state, b), row(single.last[k], 0))
      for (const [k, { data }] of single.ofParams.entries()) for (const [i, value] of data.entries()) sums[k][i] += Number(value)
    }
    for (const [k, { data }] of together.ofParams.entries()) {
      for (const [i, value] of data.entries()) expect(Math.abs(Number(value) - sums[k][i])).toBeLessThan(2e-5)
    }
  })

  it('a mask with gaps skips them', async () => {
    using program = await compile(f, [paramInputs(spec), texts, masks], { engine: reference })
    const x = noise([1, 5, I])
    const gaps = await program.run(params, x, ndarray(Uint8Array.of(1, 0, 1, 1, 0), [1, 5], 'bool'))
    const kept = Float32Array.from([0, 2, 3].flatMap((t) => row(x, 0).slice(t * I, (t + 1) * I)))
    const short = await program.run(params, ndarray(kept, [1, 3, I]), ndarray(Uint8Array.of(1, 1, 1), [1, 3], 'bool'))
    for (const [k, state] of gaps.last.entries()) expectEqual(row(state, 0), row(short.last[k], 0))
  })

  it('drops between layers alone', async () => {
    const one = { ...sizes(cell, false), layers: 1 }
    const dropped = async (layers: number) => {
      const spec = recurrentStackSpec({ ...one, layers })
      const run = (p: RecurrentStack, x: Tensor, seed: Tensor) => {
        const [rng, options] = [new Rng(seed), { cell, dropout: 0.5 }]
        return [recurrentStack(p, x, options).y, recurrentStack(p, x, { ...options, rng }).y]
      }
      using program = await compile(run, [paramInputs(spec), texts, inputSpec([], 'i32')], { engine: reference })
      const [plain, drawn] = await program.run(initParams(spec, 1), noise([2, 3, I]), ndarray([7], [], 'i32'))
      return row(plain, 0).some((value, i) => value !== row(drawn, 0)[i])
    }
    expect(await dropped(1)).toBe(false)
    expect(await dropped(2)).toBe(true)
  })

  it('names what does not fit', async () => {
    const wrong = inputSpec(['batch', 'others'], 'bool')
    const run = (p: RecurrentStack, x: Tensor, mask: Tensor) => recurrentStack(p, x, { cell, mask }).y
    await expect(compile(run, [paramInputs(spec), texts, wrong])).rejects.toThrow(ShapeError)
    const wide = inputSpec(['batch', 'tokens', I + 1])
    await expect(compile(run, [paramInputs(spec), wide, masks])).rejects.toThrow(/takes x \[B,T,I\], weights/)
  })
})
