import { ShapeError } from '../errors.ts'
import { allocate, arrayName, convert, type DType, stores, type TypedArray } from './dtype.ts'
import { count, formatShape, formatType } from './shape.ts'

/** Numbers in memory: what programs take and return. Row-major; `data` may be a view into a larger buffer. */
export type NdArray = { readonly dtype: DType; readonly shape: readonly number[]; readonly data: TypedArray }

/**
 * Wraps a typed array, or makes one from numbers.
 *
 * @throws ShapeError when the data does not hold exactly the elements of `shape`
 */
export function ndarray(data: TypedArray | readonly number[], shape: readonly number[], dtype: DType = 'f32'): NdArray {
  const size = count(shape)
  if (Array.isArray(data)) return fromNumbers(data, shape, dtype, size)
  const array = data as TypedArray
  if (!stores(array, dtype, size)) {
    throw new ShapeError({
      place: 'ndarray',
      rule: `${formatType({ shape, dtype })} is stored as ${arrayName(dtype)}, ${size} elements`,
      got: `${array.constructor.name} of length ${array.length}`,
      hint: 'check the shape and the dtype that belong to this data',
    })
  }
  return { dtype, shape, data: array }
}

function fromNumbers(numbers: readonly number[], shape: readonly number[], dtype: DType, size: number): NdArray {
  if (numbers.length !== size) {
    throw new ShapeError({
      place: 'ndarray',
      rule: `shape ${formatShape(shape)} takes ${size} numbers`,
      got: `${numbers.length}`,
    })
  }
  const out = zeros(shape, dtype)
  convert(numbers, 'f32', out.data, dtype, size)
  return out
}

/** An array of zeros. */
export function zeros(shape: readonly number[], dtype: DType = 'f32'): NdArray {
  return { dtype, shape, data: allocate(dtype, count(shape)) }
}

/** The same values in another dtype. */
export function castArray(array: NdArray, dtype: DType): NdArray {
  if (array.dtype === dtype) return array
  const out = zeros(array.shape, dtype)
  convert(array.data, array.dtype, out.data, dtype, count(array.shape))
  return out
}

export const isNdArray = (value: unknown): value is NdArray => ArrayBuffer.isView((value as NdArray | undefined)?.data)
