import { isNdArray } from '../tensor/compile.ts'
import { isParamSpec, type ParamArrays } from '../tensor/params.ts'
import { Random } from '../tensor/random.ts'
import { count } from '../tensor/shape.ts'
import { leavesOf, mapTree } from '../tensor/tree.ts'

/** Parameters begin at cache lines: what copies and walks over them is several times slower where they do not. */
const ALIGNMENT = 64 / Float32Array.BYTES_PER_ELEMENT
export const aligned = (at: number): number => Math.ceil(at / ALIGNMENT) * ALIGNMENT

/** One parameter's place in a flat buffer. */
export type Range = { path: string; start: number; end: number; rank: number }

/** A tree of arrays that are views into one buffer, so that an optimiser walks memory once. What lies between them is zero. */
export type Flat<Spec> = { readonly data: Float32Array; readonly tree: ParamArrays<Spec> }

/** Where each parameter of a spec lies. */
export function rangesOf(spec: unknown): Range[] {
  let end = 0
  return leavesOf(spec, isParamSpec).map(([path, { shape }]) => {
    const start = aligned(end)
    end = start + count(shape)
    return { path, start, end, rank: shape.length }
  })
}

/** Zeros in the shape of a spec. */
export function flatZeros<Spec>(spec: Spec): Flat<Spec> {
  const ranges = rangesOf(spec)
  const data = new Float32Array(new SharedArrayBuffer(4 * (ranges.at(-1)?.end ?? 0))) // which a crew's threads see
  let next = 0
  const tree = mapTree(spec, isParamSpec, ({ shape }) => {
    const { start, end } = ranges[next++]
    return { dtype: 'f32' as const, shape, data: data.subarray(start, end) }
  })
  return { data, tree }
}

/** Fresh parameters in one flat buffer, each drawn from the stream that its path names. */
export function initFlat<Spec>(spec: Spec, seed: number): Flat<Spec> {
  const flat = flatZeros(spec)
  const arrays = leavesOf(flat.tree, isNdArray)
  for (const [i, [path, { init }]] of leavesOf(spec, isParamSpec).entries()) {
    init(arrays[i][1].data as Float32Array, new Random(seed, path))
  }
  return flat
}
