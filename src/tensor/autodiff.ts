/** Reverse-mode differentiation of graphs, by the gradient rules of the op table. */
import { internal, ShapeError } from '../errors.ts'
import { dependents, Rewriter, topological } from './graph.ts'
import type { Call, Gradient } from './op.ts'
import { formatType } from './shape.ts'
import { scalar, Tensor } from './tensor.ts'
import { leavesOf, withLeaves } from './tree.ts'

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor

/**
 * Turns a scalar function of a tree into one that also returns the gradient, a tree of the same type.
 *
 * Only the first argument is differentiated. Nothing is computed here: the result is a larger graph.
 *
 * @throws ShapeError when `f` does not return an f32 scalar
 */
export function valueAndGrad<P, Rest extends unknown[]>(
  f: (p: P, ...rest: Rest) => Tensor,
): (p: P, ...rest: Rest) => { value: Tensor; grad: P } {
  return (p, ...rest) => {
    const leaves = leavesOf(p, isTensor).map(([, leaf]) => leaf)
    const { value, gradients } = differentiate(f(p, ...rest), leaves)
    return { value, grad: withLeaves(p, isTensor, gradients) as P }
  }
}

/** The gradient alone. */
export function grad<P, Rest extends unknown[]>(f: (p: P, ...rest: Rest) => Tensor): (p: P, ...rest: Rest) => P {
  const both = valueAndGrad(f)
  return (...args) => both(...args).grad
}

/** The gradients of a scalar with respect to `sources`, and the scalar itself, rewritten to share what both need. */
export function differentiate(output: Tensor, sources: readonly Tensor[]): { value: Tensor; gradients: Tensor[] } {
  if (output.rank !== 0 || output.dtype !== 'f32') {
    throw new ShapeError({
      place: 'grad',
      rule: 'only a function that returns an f32 scalar has a gradient',
      got: formatType(output),
      hint: 'reduce the result with .mean() or .sum()',
    })
  }
  const [value] = makeDifferentiable([output], sources)
  const gradients = backward([value], [scalar(1)], sources)
  return { value, gradients: gradients.map((gradient, i) => gradient ?? sources[i].zerosLike()) }
}

/** Replaces calls on the way from `sources` by forms that can be differentiated. */
export function makeDifferentiable(outputs: readonly Tensor[], sources: readonly Tensor[]): Tensor[] {
  const reached = new Set(sources)
  const touched = new Set<Call>()
  const rewriter = new Rewriter((call) => {
    if (!call.inputs.some((tensor) => reached.has(tensor) || touched.has(tensor.call))) return undefined
    if (call.op.gradient === 'none') return undefined // nothing flows back from what comes after it
    touched.add(call)
    if (call.op.differentiable) return call.op.differentiable(call)
    return call.op.gradient ? undefined : call.op.decompose!(call.inputs, call.attrs)
  })
  return rewriter.rewrite(outputs)
}

/**
 * Gradients of `sources`, given those of `outputs`; undefined where nothing flows.
 *
 * The graph must have been made differentiable.
 */
export function backward(outputs: readonly Tensor[], seeds: readonly Gradient[], sources: readonly Tensor[]): Gradient[] {
  const order = topological(outputs, new Set(sources))
  const onTheWay = dependents(order, new Set(sources))
  const gradients = new Map<Tensor, Tensor>()
  const accumulate = (tensor: Tensor, gradient: Gradient) => {
    if (!gradient) return
    const sum = gradients.get(tensor)
    gradients.set(tensor, sum ? sum.add(gradient) : gradient)
  }
  for (const [i, tensor] of outputs.entries()) accumulate(tensor, seeds[i])
  for (const call of order.toReversed()) {
    if (!onTheWay.has(call)) continue
    const rule = call.op.gradient
    const incoming = call.outputs.map((tensor) => gradients.get(tensor))
    if (rule === 'none' || incoming.every((gradient) => gradient === undefined)) continue
    if (!rule) throw internal(`${call.op.name} has no gradient rule and was not rewritten`)
    for (const [i, gradient] of rule(incoming, call).entries()) accumulate(call.inputs[i], gradient)
  }
  return sources.map((source) => gradients.get(source))
}
