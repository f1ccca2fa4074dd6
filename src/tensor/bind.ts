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
  for (const [i, tensor] of inputs.entries()) {
    for (const [axis, dim] of tensor.shape.entries()) {
      if (isName(dim) && !bindings.has(dim)) bindings.set(dim, arrays[i].shape[axis])
    }
  }
  for (const [i, tensor] of inputs.entries()) {
    const { dtype, shape } = arrays[i]
    const fits = dtype === tensor.dtype && shape.length === tensor.rank
    if (fits && tensor.shape.every((dim, axis) => bindDim(dim, bindings) === shape[axis])) continue
    const sizes = [...bindings].map(([name, size]) => `${name} = ${size}`).join(', ')
    throw new ShapeError({
      place: `run: input ${names?.[i] ?? i}`,
      rule: `must be ${formatType(tensor)}${sizes && `, where ${sizes}`}`,
      got: formatType(arrays[i]),
    })
  }
  return bindings
}
