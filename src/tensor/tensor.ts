import { ShapeError } from '../errors.ts'
import { type Dim, divideDims, elements, type Shape } from './dims.ts'
import type { DType } from './dtype.ts'
import { type NdArray, ndarray } from './ndarray.ts'
import type { Call, Op } from './op.ts'
import * as elementwise from './ops/elementwise.ts'
import * as layout from './ops/layout.ts'
import * as lookup from './ops/lookup.ts'
import { matmul } from './ops/matmul.ts'
import * as reduce from './ops/reduce.ts'
import * as source from './ops/source.ts'
import { rearrangement } from './rearrange.ts'
import { formatShape, formatType, normaliseAxis, sameShape, type TensorType } from './shape.ts'

type Operand = Tensor | number
type Axes = number | readonly number[]

/**
 * One value of a graph that has not been computed yet. Immutable: an operation returns a new tensor.
 *
 * The type parameter names the axes for the reader and the compiler: `Tensor<'B T'>` clashes with `Tensor<'B T C'>`;
 * a plain `Tensor` fits anywhere.
 */
export class Tensor<Layout extends string = any> {
  declare readonly layout: Layout
  readonly shape: Shape
  readonly dtype: DType
  /** The operation that gives this value, and which of its outputs this is. */
  readonly call: Call
  readonly index: number

  constructor(call: Call, index: number, { shape, dtype }: TensorType) {
    this.call = call
    this.index = index
    this.shape = shape
    this.dtype = dtype
  }

  get rank(): number {
    return this.shape.length
  }

  /** The dimensions, of which there must be `rank`. */
  dims<N extends number>(rank: N): DimsOf<N> {
    if (this.rank !== rank) {
      throw new ShapeError({ place: 'dims', rule: `the tensor must have ${rank} axes`, got: formatType(this) })
    }
    return this.shape as unknown as DimsOf<N>
  }

  // Arithmetic: shapes broadcast, a number stands for a scalar of this dtype.

  add(b: Operand): Tensor {
    return apply1(elementwise.add, [this, this.#operand(b)])
  }
  sub(b: Operand): Tensor {
    return apply1(elementwise.sub, [this, this.#operand(b)])
  }
  mul(b: Operand): Tensor {
    return apply1(elementwise.mul, [this, this.#operand(b)])
  }
  div(b: Operand): Tensor {
    return apply1(elementwise.div, [this, this.#operand(b)])
  }
  pow(b: Operand): Tensor {
    return apply1(elementwise.pow, [this, this.#operand(b)])
  }
  maximum(b: Operand): Tensor {
    return apply1(elementwise.maximum, [this, this.#operand(b)])
  }
  minimum(b: Operand): Tensor {
    return apply1(elementwise.minimum, [this, this.#operand(b)])
  }
  square(): Tensor {
    return this.mul(this)
  }

  neg(): Tensor {
    return apply1(elementwise.neg, [this])
  }
  exp(): Tensor {
    return apply1(elementwise.exp, [this])
  }
  log(): Tensor {
    return apply1(elementwise.log, [this])
  }
  sqrt(): Tensor {
    return apply1(elementwise.sqrt, [this])
  }
  reciprocal(): Tensor {
    return apply1(elementwise.reciprocal, [this])
  }
  tanh(): Tensor {
    return apply1(elementwise.tanh, [this])
  }
  sigmoid(): Tensor {
    return apply1(elementwise.sigmoid, [this])
  }
  erf(): Tensor {
    return apply1(elementwise.erf, [this])
  }
  relu(): Tensor {
    return apply1(elementwise.relu, [this])
  }
  abs(): Tensor {
    return apply1(elementwise.abs, [this])
  }
  sign(): Tensor {
    return apply1(elementwise.sign, [this])
  }
  floor(): Tensor {
    return apply1(elementwise.floor, [this])
  }
  sin(): Tensor {
    return apply1(elementwise.sin, [this])
  }
  cos(): Tensor {
    return apply1(elementwise.cos, [this])
  }

  // Comparisons and choice.

  equal(b: Operand): Tensor {
    return apply1(elementwise.equal, [this, this.#operand(b)])
  }
  less(b: Operand): Tensor {
    return apply1(elementwise.less, [this, this.#operand(b)])
  }
  greater(b: Operand): Tensor {
    return apply1(elementwise.greater, [this, this.#operand(b)])
  }
  lessOrEqual(b: Operand): Tensor {
    return apply1(elementwise.lessOrEqual, [this, this.#operand(b)])
  }
  greaterOrEqual(b: Operand): Tensor {
    return apply1(elementwise.greaterOrEqual, [this, this.#operand(b)])
  }
  and(b: Tensor): Tensor {
    return apply1(elementwise.and, [this, b])
  }
  or(b: Tensor): Tensor {
    return apply1(elementwise.or, [this, b])
  }
  not(): Tensor {
    return apply1(elementwise.not, [this])
  }
  /** Where this bool is true `a`, elsewhere `b`. */
  where(a: Operand, b: Operand): Tensor {
    const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'f32'
    const [x, y] = [a, b].map((value) => (value instanceof Tensor ? value : scalar(value, dtype)))
    return apply1(elementwise.where, [this, x, y])
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply1(elementwise.cast, [this], { dtype })
  }

  // Reductions: over all axes where none is given.

  sum(axes?: Axes, { keepDims = false } = {}): Tensor {
    return apply1(reduce.sum, [this], { axes: this.#axes('sum', axes), keepDims })
  }
  mean(axes?: Axes, { keepDims = false } = {}): Tensor {
    return apply1(reduce.mean, [this], { axes: this.#axes('mean', axes), keepDims })
  }
  max(axes?: Axes, { keepDims = false } = {}): Tensor {
    return apply1(reduce.max, [this], { axes: this.#axes('max', axes), keepDims })
  }
  min(axes?: Axes, { keepDims = false } = {}): Tensor {
    return apply1(reduce.min, [this], { axes: this.#axes('min', axes), keepDims })
  }
  argmax(axis = -1): Tensor {
    return apply1(reduce.argmax, [this], { axis: normaliseAxis('argmax', axis, this.rank) })
  }
  cumsum(axis: number, { reverse = false } = {}): Tensor {
    return apply1(reduce.cumsum, [this], { axis: normaliseAxis('cumsum', axis, this.rank), reverse })
  }
  softmax(): Tensor {
    return apply1(reduce.softmax, [this])
  }
  logSoftmax(): Tensor {
    return apply1(reduce.logSoftmax, [this])
  }
  /** Sums away what broadcasting added, so that the result has `shape`. */
  sumTo(shape: Shape): Tensor {
    if (sameShape(this.shape, shape)) return this
    const offset = this.rank - shape.length
    const axes = this.shape.flatMap((dim, axis) => (axis < offset || (shape[axis - offset] === 1 && dim !== 1) ? [axis] : []))
    return this.sum(axes, { keepDims: true }).reshape(shape)
  }
  /** Number of elements along `axes`, as a scalar that can be computed with. */
  sizeOf(axes: readonly number[]): Tensor {
    const dim = elements(axes.map((axis) => this.shape[axis]))
    return typeof dim === 'number' ? scalar(dim) : apply1(source.dimension, [], { dim })
  }

  // Matrices and lookups.

  matmul(b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    return apply1(matmul, [this, b], { transposeA, transposeB })
  }
  /** Rows of this table: `ids.shape + this.shape[1:]`. */
  gather(ids: Tensor): Tensor {
    return apply1(lookup.gather, [this, ids])
  }
  /** These ids say to which of `rows` zero rows each update is added. */
  scatterAdd(updates: Tensor, rows: Dim): Tensor {
    return apply1(lookup.scatterAdd, [this, updates], { rows })
  }
  /** The element of the last axis that `ids` names at each position. */
  pick(ids: Tensor): Tensor {
    return apply1(lookup.pick, [this, ids])
  }
  /** These values, with `values` added to the element of the last axis that `ids` names at each position. */
  addAt(ids: Tensor, values: Tensor): Tensor {
    return apply1(lookup.addAt, [this, ids, values])
  }
  oneHot(depth: Dim): Tensor {
    return apply1(lookup.oneHot, [this], { depth })
  }

  // Layout.

  /** The same elements in another shape; one dimension may be -1 and follows from the others. */
  reshape(shape: Shape): Tensor {
    const full = this.#inferDim(shape)
    return sameShape(this.shape, full) ? this : apply1(layout.reshape, [this], { shape: full })
  }
  /** Permutes the axes; without an argument, swaps the last two. */
  transpose(axes: readonly number[] = swapLast(this.rank)): Tensor {
    const moves = axes.length !== this.rank || axes.some((axis, i) => axis !== i)
    return moves ? apply1(layout.transpose, [this], { axes }) : this
  }
  /**
   * Splits, permutes and merges axes by name: `x.rearrange('b t (h d) -> b h t d', { h: 12 })`.
   *
   * Rogozhnikov 2022, "Einops". Sizes that do not follow from the tensor's shape are given.
   *
   * @throws ShapeError when the pattern does not fit the tensor
   */
  rearrange(pattern: string, sizes: Readonly<Record<string, Dim>> = {}): Tensor {
    const { split, axes, merged } = rearrangement(pattern, this.shape, sizes)
    return this.reshape(split).transpose(axes).reshape(merged)
  }
  broadcastTo(shape: Shape): Tensor {
    return sameShape(this.shape, shape) ? this : apply1(layout.broadcastTo, [this], { shape })
  }
  slice(axis: number, start: Dim, stop: Dim): Tensor {
    return apply1(layout.slice, [this], { axis: normaliseAxis('slice', axis, this.rank), start, stop })
  }
  pad(axis: number, before: Dim, after: Dim): Tensor {
    if (before === 0 && after === 0) return this
    return apply1(layout.pad, [this], { axis: normaliseAxis('pad', axis, this.rank), before, after })
  }
  /** Consecutive pieces of an axis. */
  split(axis: number, sizes: readonly Dim[]): Tensor[] {
    const normal = normaliseAxis('split', axis, this.rank)
    if (sizes.length === 1 && sizes[0] === this.shape[normal]) return [this]
    return apply(layout.split, [this], { axis: normal, sizes })
  }
  /** The `n` slices along the first axis, without it. */
  unstack(n: number): Tensor[] {
    return this.split(
      0,
      Array.from({ length: n }, () => 1),
    ).map((piece) => piece.reshape(this.shape.slice(1)))
  }
  concat(others: readonly Tensor[], axis: number): Tensor {
    if (others.length === 0) return this
    return apply1(layout.concat, [this, ...others], { axis: normaliseAxis('concat', axis, this.rank) })
  }
  unsqueeze(axis: number): Tensor {
    return this.reshape(this.shape.toSpliced(normaliseAxis('unsqueeze', axis, this.rank + 1), 0, 1))
  }
  zerosLike(): Tensor {
    return scalar(0, this.dtype).broadcastTo(this.shape)
  }

  // Marks.

  /** Names this value, so that `withTaps` can return it. */
  tap(name: string): Tensor {
    return apply1(source.tap, [this], { name })
  }
  stopGradient(): Tensor {
    return apply1(source.stopGradient, [this])
  }
  /** This value, but computed no earlier than the scalar `token`. */
  after(token: Tensor): Tensor {
    return apply1(source.after, [this, token])
  }

  #operand(value: Operand): Tensor {
    return typeof value === 'number' ? scalar(value, this.dtype) : value
  }

  #axes(place: string, axes: Axes | undefined): number[] {
    if (axes === undefined) return this.shape.map((_, axis) => axis)
    const normal = [axes].flat().map((axis) => normaliseAxis(place, axis, this.rank))
    if (new Set(normal).size === normal.length) return normal
    throw new ShapeError({ place, rule: 'each axis may be named once', got: `axes [${axes}] of ${formatType(this)}` })
  }

  #inferDim(shape: Shape): Shape {
    const at = shape.indexOf(-1)
    if (at < 0) return shape
    const others = shape.toSpliced(at, 1)
    const dim = divideDims(elements(this.shape), elements(others))
    if (dim !== undefined && !others.includes(-1)) return shape.with(at, dim)
    throw new ShapeError({
      place: 'reshape',
      rule: 'one dimension may be -1, and must follow exactly from the others',
      got: `${formatShape(this.shape)} to ${formatShape(shape)}`,
    })
  }
}

type DimsOf<N extends number, T extends Dim[] = []> = T['length'] extends N ? T : DimsOf<N, [...T, Dim]>

function swapLast(rank: number): number[] {
  const last = normaliseAxis('transpose', -2, rank)
  return [...Array(last).keys(), last + 1, last]
}

/** Applies an operation of the table: infers the types of its outputs, computes nothing. */
export function apply<Attrs>(op: Op<Attrs>, inputs: readonly Tensor[], attrs: Attrs): Tensor[] {
  const outputs: Tensor[] = []
  const call: Call<Attrs> = { op, inputs, attrs, outputs }
  for (const [index, type] of op.infer(inputs, attrs).entries()) outputs.push(new Tensor(call, index, type))
  return outputs
}

/** Applies an operation that has one output. */
export function apply1<Attrs>(op: Op<Attrs>, inputs: readonly Tensor[], attrs: Attrs = {} as Attrs): Tensor {
  return apply(op, inputs, attrs)[0]
}

/** A value that is part of the program; engines may lay it out for speed. */
export const constant = (value: NdArray): Tensor => apply1(source.constant, [], { value })

const scalars = new Map<string, Tensor>()

/** A number as a tensor of rank 0. */
export function scalar(value: number, dtype: DType = 'f32'): Tensor {
  const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`
  let tensor = scalars.get(key)
  if (!tensor) {
    tensor = constant(ndarray([value], [], dtype))
    if (scalars.size < 1000) scalars.set(key, tensor)
  }
  return tensor
}

/** start, start + 1, … start + size − 1, as i32. */
export const iota = (size: Dim, start: Dim = 0): Tensor => apply1(source.iota, [], { size, start })

/** The tensors side by side along an existing axis. */
export const concat = ([first, ...rest]: readonly Tensor[], axis: number): Tensor => first.concat(rest, axis)

/** The tensors side by side along a new first axis. */
export const stack = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((tensor) => tensor.unsqueeze(0)),
    0,
  )

/** A value that arrives when the program runs. */
export const input = (shape: Shape, dtype: DType = 'f32'): Tensor => apply1(source.input, [], { shape, dtype })

/** Uniform numbers in [0, 1) from a seed (i32 scalar) and a salt that tells one use from another. */
export const uniform = (seed: Tensor, shape: Shape, salt: number): Tensor => apply1(source.uniform, [seed], { shape, salt })
