import { ShapeError } from '../errors.ts'
import { type Dim, elements, type Shape } from './dims.ts'
import type { DType } from './dtype.ts'

/** What is known of a tensor before it is computed. */
export type TensorType = { readonly shape: Shape; readonly dtype: DType }

export const formatShape = (shape: Shape): string => `[${shape.join(',')}]`
export const formatType = ({ shape, dtype }: TensorType): string => `${dtype}${formatShape(shape)}`
export const formatTypes = (types: readonly TensorType[]): string => types.map(formatType).join(', ') || 'nothing'

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i])

/** Number of elements of a shape without names. */
export const count = (shape: readonly number[]): number => elements(shape) as number

/**
 * NumPy broadcasting: align at the right, a 1 stretches.
 *
 * @throws ShapeError when two dimensions differ and neither is 1
 */
export function broadcastShapes(place: string, a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const dimA = a[a.length - rank + i] ?? 1
    const dimB = b[b.length - rank + i] ?? 1
    if (dimA === dimB || dimB === 1) return dimA
    if (dimA === 1) return dimB
    throw new ShapeError({
      place,
      rule: 'shapes must be equal or broadcast: aligned at the right, dimensions equal or 1',
      got: `${formatShape(a)} and ${formatShape(b)}`,
      hint: 'reshape or broadcast one of them, or transpose so that the axes line up',
    })
  })
}

/** A negative axis counts from the end. */
export function normaliseAxis(place: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank) {
    throw new ShapeError({ place, rule: `axis must be a whole number from ${-rank} to ${rank - 1}`, got: `${axis}` })
  }
  return normal
}

/** Row-major strides, in elements. */
export function strides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = stride
    stride *= shape[i]
  }
  return out
}

/** Throws unless `condition`; the message shows the types that came. */
export function expectTypes(condition: boolean, place: string, rule: string, types: readonly TensorType[], hint?: string): void {
  if (!condition) throw new ShapeError({ place, rule, got: formatTypes(types), hint })
}
