/** Operations that move elements and change none. */
import { ShapeError } from '../../errors.ts'
import { addDims, type Dim, elements, type Shape, subDims } from '../dims.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import { expectTypes, formatShape, normaliseAxis, sameShape, strides } from '../shape.ts'
import { broadcastIndex } from './elementwise.ts'
import { aroundAxis } from './reduce.ts'

export const reshape = defineOp<{ shape: Shape }>({
  name: 'reshape',
  infer([x], { shape }) {
    if (elements(x.shape) !== elements(shape)) {
      throw new ShapeError({
        place: 'reshape',
        rule: 'both shapes must hold the same number of elements',
        got: `${formatShape(x.shape)} (${elements(x.shape)}) to ${formatShape(shape)} (${elements(shape)})`,
        hint: 'check the sizes; where one dimension should follow from the others, give it as -1',
      })
    }
    return [{ shape, dtype: x.dtype }]
  },
  lower: (b, [x], { inputs, attrs: { shape } }) => (sameShape(inputs[0].shape, shape) ? x : b.reshape(x, shape)),
  kernel: ({ inputs: [x], outputs: [y] }) => y.data.set(x.data),
  gradient: ([g], { inputs: [x] }) => [g?.reshape(x.shape)],
})

export const transpose = defineOp<{ axes: readonly number[] }>({
  name: 'transpose',
  infer([x], { axes }) {
    const permutes = axes.length === x.shape.length && axes.toSorted((a, b) => a - b).every((axis, i) => axis === i)
    expectTypes(permutes, 'transpose', `axes must name each axis of the tensor once; axes [${axes}]`, [x])
    return [{ shape: axes.map((axis) => x.shape[axis]), dtype: x.dtype }]
  },
  lower: (b, inputs, { attrs: { axes } }) => b.emit('Transpose', inputs, { perm: { ints: axes } }),
  kernel({ inputs: [x], outputs: [y], attrs: { axes } }) {
    const from = strides(x.shape)
    const steps = axes.map((axis) => from[axis])
    const to = strides(y.shape)
    for (let i = 0; i < y.data.length; i++) {
      let at = 0
      for (let axis = 0, rest = i; axis < to.length; axis++) {
        at += Math.floor(rest / to[axis]) * steps[axis]
        rest %= to[axis]
      }
      y.data[i] = x.data[at]
    }
  },
  gradient: ([g], { attrs: { axes } }) => [g?.transpose(axes.map((_, i) => axes.indexOf(i)))],
})

export const broadcastTo = defineOp<{ shape: Shape }>({
  name: 'broadcastTo',
  infer([x], { shape }) {
    const offset = shape.length - x.shape.length
    const fits = offset >= 0 && x.shape.every((dim, axis) => dim === 1 || dim === shape[axis + offset])
    expectTypes(fits, 'broadcastTo', `each dimension must be 1 or equal to that of ${formatShape(shape)}`, [x])
    return [{ shape, dtype: x.dtype }]
  },
  lower(b, [x], { inputs, attrs: { shape } }) {
    if (sameShape(inputs[0].shape, shape)) return x
    if (shape.includes(0))
      return b.reshape(b.emit('Slice', [b.emit('Reshape', [x, b.ints([-1])]), b.ints([0]), b.ints([0])]), shape)
    return b.emit('Expand', [x, b.shape(shape)])
  },
  kernel({ inputs: [x], outputs: [y] }) {
    const at = broadcastIndex(x.shape, y.shape)
    for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[at(i)]
  },
  gradient: ([g], { inputs: [x] }) => [g?.sumTo(x.shape)],
})

/** A number below zero; what a name will be is not known. */
const isNegative = (dim: Dim): boolean => typeof dim === 'number' && dim < 0

/** `x[start:stop]` along one axis. */
export const slice = defineOp<{ axis: number; start: Dim; stop: Dim }>({
  name: 'slice',
  infer([x], { axis, start, stop }) {
    const size = x.shape[normaliseAxis('slice', axis, x.shape.length)]
    if ([start, subDims(stop, start), subDims(size, stop)].some(isNegative)) {
      throw new ShapeError({
        place: 'slice',
        rule: `0 <= start <= stop <= ${size}, the size of axis ${axis}`,
        got: `start ${start}, stop ${stop} on ${formatShape(x.shape)}`,
      })
    }
    return [{ shape: x.shape.with(axis, subDims(stop, start)), dtype: x.dtype }]
  },
  lower: (b, [x], { attrs: { axis, start, stop } }) => b.emit('Slice', [x, b.dim(start), b.dim(stop), b.ints([axis])]),
  kernel({ inputs: [x], outputs: [y], attrs: { axis, start }, size }) {
    const { outer, length, inner } = aroundAxis(x.shape, axis)
    const block = y.shape[axis] * inner
    for (let o = 0; o < outer; o++) {
      const from = (o * length + size(start)) * inner
      y.data.set(x.data.subarray(from, from + block), o * block)
    }
  },
  gradient: ([g], { inputs: [x], attrs: { axis, start, stop } }) => [g?.pad(axis, start, subDims(x.shape[axis], stop))],
})

/** Zeros before and after, along one axis. */
export const pad = defineOp<{ axis: number; before: Dim; after: Dim }>({
  name: 'pad',
  infer([x], { axis, before, after }) {
    expectTypes(![before, after].some(isNegative), 'pad', `widths must not be negative; ${before} before, ${after} after`, [x])
    return [{ shape: x.shape.with(axis, addDims(addDims(before, x.shape[axis]), after)), dtype: x.dtype }]
  },
  lower: (b, [x], { inputs, attrs: { axis, before, after } }) => {
    const widths = b.emit('Concat', [b.dim(before), b.dim(after)], { axis: { i: 0 } })
    return b.emit('Pad', [x, widths, b.scalar(inputs[0].dtype, 0), b.ints([axis])])
  },
  kernel({ inputs: [x], outputs: [y], attrs: { axis, before }, size }) {
    const { outer, length, inner } = aroundAxis(y.shape, axis)
    const block = x.shape[axis] * inner
    for (let o = 0; o < outer; o++) {
      y.data.set(x.data.subarray(o * block, (o + 1) * block), (o * length + size(before)) * inner)
    }
  },
  gradient: ([g], { inputs: [x], attrs: { axis, before } }) => [g?.slice(axis, before, addDims(before, x.shape[axis]))],
})

export const concat = defineOp<{ axis: number }>({
  name: 'concat',
  infer(inputs, { axis }) {
    const [first] = inputs
    normaliseAxis('concat', axis, first.shape.length)
    const fits = inputs.every(
      ({ dtype, shape }) => dtype === first.dtype && sameShape(shape.with(axis, 1), first.shape.with(axis, 1)),
    )
    expectTypes(fits, 'concat', `tensors must have one dtype and agree on every axis but ${axis}`, inputs)
    const size = inputs.map(({ shape }) => shape[axis]).reduce(addDims)
    return [{ shape: first.shape.with(axis, size), dtype: first.dtype }]
  },
  lower: (b, inputs, { attrs: { axis } }) => b.emit('Concat', inputs, { axis: { i: axis } }),
  kernel({ inputs, outputs: [y], attrs: { axis } }) {
    let before = 0
    for (const x of inputs) {
      copyBlocks(x, y, axis, before)
      before += x.shape[axis]
    }
  },
  gradient([g], { inputs, attrs: { axis } }) {
    if (!g) return []
    return g.split(
      axis,
      inputs.map((x) => x.shape[axis]),
    )
  },
})

function copyBlocks(x: NdArray, y: NdArray, axis: number, before: number): void {
  const { outer, length, inner } = aroundAxis(y.shape, axis)
  const block = x.shape[axis] * inner
  for (let o = 0; o < outer; o++) y.data.set(x.data.subarray(o * block, (o + 1) * block), (o * length + before) * inner)
}

/** Consecutive pieces of an axis, one output each. */
export const split = defineOp<{ axis: number; sizes: readonly Dim[] }>({
  name: 'split',
  infer([x], { axis, sizes }) {
    const total = sizes.reduce(addDims)
    expectTypes(total === x.shape[axis], 'split', `sizes must add up to axis ${axis}; sizes [${sizes}] make ${total}`, [x])
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }))
  },
  lower: (b, [x], { attrs: { axis, sizes } }) => b.emitMany('Split', [x, b.shape(sizes)], sizes.length, { axis: { i: axis } }),
  kernel({ inputs: [x], outputs, attrs: { axis } }) {
    const { outer, length, inner } = aroundAxis(x.shape, axis)
    let before = 0
    for (const y of outputs) {
      const block = y.shape[axis] * inner
      for (let o = 0; o < outer; o++) {
        const from = (o * length + before) * inner
        y.data.set(x.data.subarray(from, from + block), o * block)
      }
      before += y.shape[axis]
    }
  },
  gradient(gradients, { outputs, attrs: { axis } }) {
    const [first, ...rest] = gradients.map((g, i) => g ?? outputs[i].zerosLike())
    return [first.concat(rest, axis)]
  },
})
