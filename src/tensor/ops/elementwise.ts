/** Elementwise operations: one number out for one (or a broadcast pair of numbers) in. */
import { convert, type DType } from '../dtype.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp, type Gradient, type Op } from '../op.ts'
import { broadcastShapes, count, expectTypes, strides } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

type NoAttrs = Record<never, never>

const computable = (dtype: DType): boolean => dtype === 'f32' || dtype === 'i32'

// ── unary ────────────────────────────────────────────────────────────────────────────────────────────────────────────

type UnaryRow = { onnx: string; f: (x: number) => number; gradient: 'none' | ((g: Tensor, x: Tensor, y: Tensor) => Tensor) }

function unary(name: string, { onnx, f, gradient }: UnaryRow): Op<NoAttrs> {
  return defineOp<NoAttrs>({
    name,
    infer(inputs) {
      expectTypes(
        inputs.length === 1 && computable(inputs[0].dtype),
        name,
        'takes one f32 or i32 tensor',
        inputs,
        'cast it first',
      )
      return [inputs[0]]
    },
    lower: (b, inputs) => b.emit(onnx, inputs),
    kernel({ inputs: [x], outputs: [y] }) {
      for (let i = 0; i < y.data.length; i++) y.data[i] = f(x.data[i])
    },
    gradient: gradient === 'none' ? 'none' : ([g], { inputs: [x], outputs: [y] }) => [g && gradient(g, x, y)],
  })
}

export const neg = unary('neg', { onnx: 'Neg', f: (x) => -x, gradient: (g) => g.neg() })
export const exp = unary('exp', { onnx: 'Exp', f: Math.exp, gradient: (g, _, y) => g.mul(y) })
export const log = unary('log', { onnx: 'Log', f: Math.log, gradient: (g, x) => g.div(x) })
export const sqrt = unary('sqrt', { onnx: 'Sqrt', f: Math.sqrt, gradient: (g, _, y) => g.mul(0.5).div(y) })
export const reciprocal = unary('reciprocal', {
  onnx: 'Reciprocal',
  f: (x) => 1 / x,
  gradient: (g, _, y) => g.neg().mul(y).mul(y),
})
export const tanh = unary('tanh', { onnx: 'Tanh', f: Math.tanh, gradient: (g, _, y) => g.sub(g.mul(y).mul(y)) })
export const sigmoid = unary('sigmoid', {
  onnx: 'Sigmoid',
  f: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (g, _, y) => g.mul(y.sub(y.mul(y))),
})
export const erf = unary('erf', {
  onnx: 'Erf',
  f: errorFunction,
  gradient: (g, x) =>
    g.mul(
      x
        .mul(x)
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
    ),
})
export const relu = unary('relu', {
  onnx: 'Relu',
  f: (x) => (Number.isNaN(x) ? x : Math.max(x, 0)),
  gradient: (g, _, y) => y.lessOrEqual(0).not().cast('f32').mul(g), // a NaN lets the gradient through, as in PyTorch
})
export const abs = unary('abs', {
  onnx: 'Abs',
  f: Math.abs,
  gradient: (g, x) => x.greater(0).where(g, x.less(0).where(g.neg(), 0)),
})
export const sin = unary('sin', { onnx: 'Sin', f: Math.sin, gradient: (g, x) => g.mul(x.cos()) })
export const cos = unary('cos', { onnx: 'Cos', f: Math.cos, gradient: (g, x) => g.mul(x.sin()).neg() })
export const sign = unary('sign', { onnx: 'Sign', f: Math.sign, gradient: 'none' })
export const floor = unary('floor', { onnx: 'Floor', f: Math.floor, gradient: 'none' })

/** erf to double precision: the Taylor series near zero, the continued fraction of erfc further out. */
function errorFunction(x: number): number {
  const z = Math.abs(x)
  if (Number.isNaN(x)) return x
  if (z > 6) return Math.sign(x)
  if (z < 2.5) {
    let term = z
    let sum = z
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-z * z) / n
      sum += term / (2 * n + 1)
    }
    return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI))
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction)
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)))
}

// ── binary ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type BinaryGradient = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => [Gradient, Gradient]
type BinaryRow = {
  onnx: string
  f: (a: number, b: number) => number
  gradient: 'none' | BinaryGradient
  takes?: (dtype: DType) => boolean
  gives?: DType
}

function binary(name: string, { onnx, f, gradient, takes = computable, gives }: BinaryRow): Op<NoAttrs> {
  return defineOp<NoAttrs>({
    name,
    infer(inputs) {
      const [a, b] = inputs
      expectTypes(
        inputs.length === 2 && a.dtype === b.dtype && takes(a.dtype),
        name,
        'takes two tensors of one dtype that it computes with',
        inputs,
        'cast one of them',
      )
      return [{ shape: broadcastShapes(name, a.shape, b.shape), dtype: gives ?? a.dtype }]
    },
    lower: (b, inputs) => b.emit(onnx, inputs),
    kernel({ inputs: [a, b], outputs: [y] }) {
      zip(a, b, y, f)
    },
    gradient:
      gradient === 'none'
        ? 'none'
        : ([g], { inputs: [a, b], outputs: [y] }) => {
            if (!g) return []
            const [ga, gb] = gradient(g, a, b, y)
            return [ga?.sumTo(a.shape), gb?.sumTo(b.shape)]
          },
  })
}

export const add = binary('add', { onnx: 'Add', f: (a, b) => a + b, gradient: (g) => [g, g] })
export const sub = binary('sub', { onnx: 'Sub', f: (a, b) => a - b, gradient: (g) => [g, g.neg()] })
export const mul = binary('mul', { onnx: 'Mul', f: (a, b) => a * b, gradient: (g, a, b) => [g.mul(b), g.mul(a)] })
export const div = binary('div', {
  onnx: 'Div',
  f: (a, b) => a / b,
  gradient: (g, _, b, y) => [g.div(b), g.mul(y).div(b).neg()],
})
export const pow = binary('pow', {
  onnx: 'Pow',
  f: (a, b) => a ** b,
  gradient: (g, a, b, y) => [
    b.equal(0).where(0, g.mul(b).mul(a.pow(b.sub(1)))),
    a.equal(0).and(b.greaterOrEqual(0)).where(0, g.mul(y).mul(a.log())),
  ],
})
export const maximum = binary('maximum', {
  onnx: 'Max',
  f: (a, b) => Math.max(a, b),
  gradient: (g, a, b) => [g.mul(winnerShare(a, b)), g.mul(winnerShare(b, a))],
})
export const minimum = binary('minimum', {
  onnx: 'Min',
  f: (a, b) => Math.min(a, b),
  gradient: (g, a, b) => [g.mul(winnerShare(b, a)), g.mul(winnerShare(a, b))],
})

/** 1 where a > b, 0 where a < b, a half at a tie. */
const winnerShare = (a: Tensor, b: Tensor): Tensor => a.sub(b).sign().mul(0.5).add(0.5)

const comparison = (name: string, onnx: string, f: (a: number, b: number) => boolean, takes = computable) =>
  binary(name, { onnx, f: (a, b) => Number(f(a, b)), gradient: 'none', gives: 'bool', takes })

export const equal = comparison(
  'equal',
  'Equal',
  (a, b) => a === b,
  (dtype) => computable(dtype) || dtype === 'bool',
)
export const less = comparison('less', 'Less', (a, b) => a < b)
export const greater = comparison('greater', 'Greater', (a, b) => a > b)
export const lessOrEqual = comparison('lessOrEqual', 'LessOrEqual', (a, b) => a <= b)
export const greaterOrEqual = comparison('greaterOrEqual', 'GreaterOrEqual', (a, b) => a >= b)

const isBool = (dtype: DType): boolean => dtype === 'bool'
export const and = binary('and', { onnx: 'And', f: (a, b) => a & b, gradient: 'none', takes: isBool })
export const or = binary('or', { onnx: 'Or', f: (a, b) => a | b, gradient: 'none', takes: isBool })

export const not = defineOp<NoAttrs>({
  name: 'not',
  infer(inputs) {
    expectTypes(inputs.length === 1 && inputs[0].dtype === 'bool', 'not', 'takes one bool tensor', inputs)
    return [inputs[0]]
  },
  lower: (b, inputs) => b.emit('Not', inputs),
  kernel({ inputs: [x], outputs: [y] }) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = 1 - x.data[i]
  },
  gradient: 'none',
})

export const where = defineOp<NoAttrs>({
  name: 'where',
  infer(inputs) {
    const [condition, a, b] = inputs
    const fit = inputs.length === 3 && condition.dtype === 'bool' && a.dtype === b.dtype
    expectTypes(fit, 'where', 'takes a bool condition and two tensors of one dtype', inputs)
    return [{ shape: broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape)), dtype: a.dtype }]
  },
  lower(b, [condition, x, y], { outputs: [z] }) {
    if (z.dtype !== 'bool') return b.emit('Where', [condition, x, y])
    return b.emit('Or', [b.emit('And', [condition, x]), b.emit('And', [b.emit('Not', [condition]), y])])
  },
  kernel({ inputs: [condition, a, b], outputs: [y] }) {
    const [at, atA, atB] = [condition, a, b].map((x) => broadcastIndex(x.shape, y.shape))
    for (let i = 0; i < y.data.length; i++) y.data[i] = condition.data[at(i)] ? a.data[atA(i)] : b.data[atB(i)]
  },
  gradient: ([g], { inputs: [condition, a, b] }) =>
    g ? [undefined, condition.where(g, 0).sumTo(a.shape), condition.where(0, g).sumTo(b.shape)] : [],
})

export const cast = defineOp<{ dtype: DType }>({
  name: 'cast',
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  lower: (b, [x], { attrs: { dtype } }) => b.cast(x, dtype),
  kernel({ inputs: [x], outputs: [y] }) {
    convert(x.data, x.dtype, y.data, y.dtype, count(y.shape))
  },
  gradient: ([g], { inputs: [x] }) => [x.dtype === 'f32' ? g : undefined],
})

// ── broadcasting in the reference kernels ────────────────────────────────────────────────────────────────────────────

function zip(a: NdArray, b: NdArray, y: NdArray, f: (a: number, b: number) => number): void {
  const atA = broadcastIndex(a.shape, y.shape)
  const atB = broadcastIndex(b.shape, y.shape)
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(a.data[atA(i)], b.data[atB(i)])
}

/** From an index into the broadcast result to the index into one of its sources. */
export function broadcastIndex(source: readonly number[], result: readonly number[]): (index: number) => number {
  if (count(source) === count(result)) return (index) => index
  const steps = strides(source).map((stride, axis) => (source[axis] === 1 ? 0 : stride))
  const offset = result.length - source.length
  return (index) => {
    let at = 0
    for (let axis = result.length - 1; axis >= 0; axis--) {
      if (axis >= offset) at += (index % result[axis]) * steps[axis - offset]
      index = Math.floor(index / result[axis])
    }
    return at
  }
}
