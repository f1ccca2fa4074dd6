import { ShapeError } from '../errors.ts'
import { type Bindings, bindDim, isName } from './dims.ts'
import type { NdArray } from './ndarray.ts'
import { formatType } from './shape.ts'
import type { Tensor } from './tensor.ts'

/**
 * Checks arrays against the inputs they are for and learns the sizes of named dimensions.
 *
 * @throws ShapeError when a dtype, a rank or a dimension differs, or one name meets two sizes
 */
export function bindInputs(inputs: readonly Tensor[], arrays: readonly NdArray[], names?: readonly string[]): Bindings {
  const bindings = new Map<string, number>()
  const place = (i: number) => `run: input ${names?.[i] ?? i}`
  for (const [i, tensor] of inputs.entries()) {
    const { shape } = arrays[i]
    if (shape.length !== tensor.rank) throw misfit(place(i), tensor, arrays[i], bindings)
    for (const [axis, dim] of tensor.shape.entries()) {
      if (isName(dim) && !bindings.has(dim)) bindings.set(dim, shape[axis])
    }
  }
  for (const [i, tensor] of inputs.entries()) expectArray(place(i), tensor, arrays[i], bindings)
  return bindings
}

/** @throws ShapeError unless the array has the tensor's type, given the sizes of its dimensions' names */
export function expectArray(place: string, tensor: Tensor, array: NdArray, bindings: Bindings): void {
  const { dtype, shape } = array
  const fits = dtype === tensor.dtype && shape.length === tensor.rank
  if (fits && tensor.shape.every((dim, axis) => bindDim(dim, bindings) === shape[axis])) return
  throw misfit(place, tensor, array, bindings)
}

function misfit(place: string, tensor: Tensor, array: NdArray, bindings: Bindings): ShapeError {
  const sizes = [...bindings].map(([name, size]) => `${name} = ${size}`).join(', ')
  return new ShapeError({ place, rule: `must be ${formatType(tensor)}${sizes && `, where ${sizes}`}`, got: formatType(array) })
}
