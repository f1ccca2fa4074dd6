/** What the tests of this room share: every engine, random arrays, one way to run and one to compare. */
import { expect } from 'vitest'
import { type CompileOptions, compile, type InputSpec, specsOf } from './compile.ts'
import type { DType } from './dtype.ts'
import { onnxruntime } from './engine/onnxruntime/engine.ts'
import { reference } from './engine/reference.ts'
import { type NdArray, ndarray, zeros } from './ndarray.ts'
import { Random } from './random.ts'
import { count } from './shape.ts'
import type { Tensor } from './tensor.ts'
import type { MapLeaves } from './tree.ts'

export const engines: { title: string; options: CompileOptions }[] = [
  { title: 'reference', options: { engine: reference } },
  { title: 'onnxruntime, 1 thread', options: { engine: onnxruntime, threads: 1 } },
  { title: 'onnxruntime, 2 threads', options: { engine: onnxruntime, threads: 2 } },
]

/** Uniform from `low` to `high`; the same for the same shape and seed. */
export function random(shape: readonly number[], { seed = 0, low = -1, high = 1 } = {}): NdArray {
  const numbers = new Random(seed, shape.join())
  return ndarray(
    Float32Array.from({ length: count(shape) }, () => low + (high - low) * numbers.uniform()),
    shape,
  )
}

export const ids = (numbers: readonly number[], shape: readonly number[] = [numbers.length]): NdArray =>
  ndarray(numbers, shape, 'i32')

export const bools = (numbers: readonly number[], shape: readonly number[] = [numbers.length]): NdArray =>
  ndarray(numbers, shape, 'bool')

export const numbersOf = ({ data }: NdArray): number[] => Array.from(data)

/** A copy, so that a test may write into it. */
export function copy({ shape, dtype, data }: NdArray): NdArray {
  const out = zeros(shape, dtype as DType)
  out.data.set(data)
  return out
}

type TensorsFor<Args> = { [K in keyof Args]: MapLeaves<Args[K], NdArray, Tensor> }

/** Compiles a function for the arrays that it gets, and runs it once. */
export async function evaluate<const Args extends readonly unknown[], Out>(
  f: (...args: TensorsFor<Args>) => Out,
  args: Args,
  options?: CompileOptions,
): Promise<MapLeaves<Out, Tensor, NdArray>> {
  const specs = specsOf(args) as unknown as InputSpec[]
  using program = await compile((...tensors) => f(...(tensors as unknown as TensorsFor<Args>)), specs, options)
  return await program.run(...(args as unknown as NdArray[]))
}

/** Equal shapes, and numbers whose errors are at most `tolerance` × max(1, |number|). */
export function expectClose(got: NdArray, want: NdArray | readonly number[], tolerance = 1e-5, what = 'result'): void {
  const numbers = 'data' in want ? want.data : want
  if ('data' in want) expect(got.shape, `shape of ${what}`).toEqual(want.shape)
  expect(got.data.length, `length of ${what}`).toBe(numbers.length)
  for (const [i, number] of numbers.entries()) {
    const error = Math.abs(got.data[i] - number) / Math.max(1, Math.abs(number))
    if (!(error <= tolerance) && !Object.is(got.data[i], number)) expect.fail(`${what}[${i}]: ${got.data[i]}, expected ${number}`)
  }
}
