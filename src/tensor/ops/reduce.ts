/** Reductions over axes, and what is computed along one axis. */
import type { Shape } from '../dims.ts'
import { defineOp, type KernelCall, type Op } from '../op.ts'
import { count, expectTypes, normaliseAxis, strides, type TensorType } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

export type ReduceAttrs = { axes: readonly number[]; keepDims: boolean }

const reducedShape = (shape: Shape, { axes, keepDims }: ReduceAttrs): Shape =>
  keepDims ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)) : shape.filter((_, axis) => !axes.includes(axis))

/** Puts the reduced axes back as 1, so that a gradient or a maximum broadcasts against the input. */
const keepAxes = (y: Tensor, x: Tensor, { axes }: ReduceAttrs): Tensor =>
  y.reshape(x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)))

const expectNumbers = (name: string, x: TensorType): void =>
  expectTypes(x.dtype === 'f32' || x.dtype === 'i32', name, 'takes an f32 or i32 tensor', [x], 'cast it first')

type Fold = { start: number; step: (sum: number, x: number) => number; finish?: (sum: number, n: number) => number }
type ReduceRow = Fold & { onnx: string; gradient: (g: Tensor, x: Tensor, y: Tensor, attrs: ReduceAttrs) => Tensor }

function reduction(name: string, { onnx, gradient, ...fold }: ReduceRow): Op<ReduceAttrs> {
  return defineOp<ReduceAttrs>({
    name,
    infer([x], attrs) {
      expectNumbers(name, x)
      return [{ shape: reducedShape(x.shape, attrs), dtype: x.dtype }]
    },
    lower(b, [x], { inputs, outputs: [y], attrs: { axes, keepDims } }) {
      if (axes.length === 0) return x
      const empty = name === 'mean' && axes.some((axis) => inputs[0].shape[axis] === 0)
      if (empty) return b.emit('Expand', [b.scalar('f32', Number.NaN), b.shape(y.shape)]) // the engine gives 0
      return b.emit(onnx, [x, b.ints(axes)], { keepdims: { i: Number(keepDims) } })
    },
    kernel: (call) => foldAxes(call, fold),
    gradient: ([g], { inputs: [x], outputs: [y], attrs }) => [
      g && gradient(keepAxes(g, x, attrs), x, keepAxes(y, x, attrs), attrs),
    ],
  })
}

function foldAxes({ inputs: [x], outputs: [y], attrs: { axes } }: KernelCall<ReduceAttrs>, { start, step, finish }: Fold): void {
  const kept = strides(x.shape.filter((_, axis) => !axes.includes(axis)))
  const steps = x.shape.map((_, axis) => (axes.includes(axis) ? 0 : kept.shift()!))
  const sums = new Float64Array(y.data.length).fill(start)
  forEachIndex(x.shape, steps, (i, at) => {
    sums[at] = step(sums[at], x.data[i])
  })
  const n = x.data.length / y.data.length
  for (let i = 0; i < sums.length; i++) y.data[i] = finish ? finish(sums[i], n) : sums[i]
}

function forEachIndex(shape: readonly number[], steps: readonly number[], visit: (index: number, at: number) => void): void {
  const position = new Array<number>(shape.length).fill(0)
  const size = count(shape)
  let at = 0
  for (let i = 0; i < size; i++) {
    visit(i, at)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis]
      if (++position[axis] < shape[axis]) break
      at -= steps[axis] * shape[axis]
      position[axis] = 0
    }
  }
}

/** The gradient of a maximum or minimum is shared by all that reach it. */
function amongWinners(g: Tensor, x: Tensor, y: Tensor, { axes }: ReduceAttrs): Tensor {
  const winners = x.equal(y).cast('f32')
  return g.div(winners.sum(axes, { keepDims: true })).mul(winners)
}

export const sum = reduction('sum', {
  onnx: 'ReduceSum',
  start: 0,
  step: (a, x) => a + x,
  gradient: (g, x) => g.broadcastTo(x.shape),
})
export const mean = reduction('mean', {
  onnx: 'ReduceMean',
  start: 0,
  step: (a, x) => a + x,
  finish: (a, n) => a / n,
  gradient: (g, x, _, { axes }) => g.div(x.sizeOf(axes)).broadcastTo(x.shape),
})
const nanMax = (a: number, x: number) => (Number.isNaN(x) ? x : Math.max(a, x))
const nanMin = (a: number, x: number) => (Number.isNaN(x) ? x : Math.min(a, x))
export const max = reduction('max', {
  onnx: 'ReduceMax',
  start: Number.NEGATIVE_INFINITY,
  step: nanMax,
  gradient: amongWinners,
})
export const min = reduction('min', {
  onnx: 'ReduceMin',
  start: Number.POSITIVE_INFINITY,
  step: nanMin,
  gradient: amongWinners,
})

export const argmax = defineOp<{ axis: number }>({
  name: 'argmax',
  infer([x], { axis }) {
    expectNumbers('argmax', x)
    return [{ shape: x.shape.toSpliced(normaliseAxis('argmax', axis, x.shape.length), 1), dtype: 'i32' }]
  },
  lower: (b, [x], { attrs: { axis } }) => b.cast(b.emit('ArgMax', [x], { axis: { i: axis }, keepdims: { i: 0 } }), 'i32'),
  kernel({ inputs: [x], outputs: [y], attrs: { axis } }) {
    const { outer, length, inner } = aroundAxis(x.shape, axis)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let best = 0
        for (let k = 1; k < length; k++) {
          if (x.data[(o * length + k) * inner + i] > x.data[(o * length + best) * inner + i]) best = k
        }
        y.data[o * inner + i] = best
      }
    }
  },
  gradient: 'none',
})

export const cumsum = defineOp<{ axis: number; reverse: boolean }>({
  name: 'cumsum',
  infer([x], { axis }) {
    expectNumbers('cumsum', x)
    normaliseAxis('cumsum', axis, x.shape.length)
    return [x]
  },
  lower: (b, [x], { attrs: { axis, reverse } }) =>
    b.emit('CumSum', [x, b.scalar('i32', axis)], { reverse: { i: Number(reverse) } }),
  kernel({ inputs: [x], outputs: [y], attrs: { axis, reverse } }) {
    const { outer, length, inner } = aroundAxis(x.shape, axis)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let total = 0
        for (let k = 0; k < length; k++) {
          const at = (o * length + (reverse ? length - 1 - k : k)) * inner + i
          total += x.data[at]
          y.data[at] = total
        }
      }
    }
  },
  gradient: ([g], { attrs: { axis, reverse } }) => [g?.cumsum(axis, { reverse: !reverse })],
})

/** A shape seen as outer × axis × inner. */
export function aroundAxis(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  return { outer: count(shape.slice(0, axis)), length: shape[axis], inner: count(shape.slice(axis + 1)) }
}

// ── softmax ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function alongLastAxis(name: string, [x]: readonly TensorType[]): TensorType[] {
  expectTypes(x.dtype === 'f32' && x.shape.length > 0, name, 'takes an f32 tensor with at least one axis', [x])
  return [x]
}

function forEachRow({ inputs: [x], outputs: [y] }: KernelCall, row: (x: Float32Array, y: Float32Array) => void): void {
  const length = x.shape.at(-1)!
  for (let at = 0; at < x.data.length; at += length) {
    row((x.data as Float32Array).subarray(at, at + length), (y.data as Float32Array).subarray(at, at + length))
  }
}

function logSumExp(row: Float32Array): number {
  const top = row.reduce((a, x) => Math.max(a, x), Number.NEGATIVE_INFINITY)
  return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0))
}

/** Softmax over the last axis. */
export const softmax = defineOp<Record<never, never>>({
  name: 'softmax',
  infer: (inputs) => alongLastAxis('softmax', inputs),
  lower: (b, inputs) => b.emit('Softmax', inputs, { axis: { i: -1 } }),
  kernel: (call) =>
    forEachRow(call, (x, y) => {
      const norm = logSumExp(x)
      for (let i = 0; i < x.length; i++) y[i] = Math.exp(x[i] - norm)
    }),
  gradient: ([g], { outputs: [y] }) => [g?.sub(g.mul(y).sum(-1, { keepDims: true })).mul(y)],
})

/** log(softmax(x)) over the last axis, without the overflow of taking both apart. */
export const logSoftmax = defineOp<Record<never, never>>({
  name: 'logSoftmax',
  infer: (inputs) => alongLastAxis('logSoftmax', inputs),
  lower: (b, inputs) => b.emit('LogSoftmax', inputs, { axis: { i: -1 } }),
  kernel: (call) =>
    forEachRow(call, (x, y) => {
      const norm = logSumExp(x)
      for (let i = 0; i < x.length; i++) y[i] = x[i] - norm
    }),
  gradient: ([g], { outputs: [y] }) => [g?.sub(y.exp().mul(g.sum(-1, { keepDims: true })))],
})
