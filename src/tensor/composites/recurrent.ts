/** What the recurrent ops share. */
import { mulDims } from '../dims.ts'
import { expectTypes, sameShape, type TensorType } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { linear } from './linear.ts'

export type RecurrentAttrs = {
  /** Reads from the last step to the first. */
  reverse: boolean
  /** Whether a mask, bool [B, T], follows the states. */
  masked: boolean
}

/** Projections of the input [gates · H, I] and of the state [gates · H, H] to all gates, each with a bias [gates · H]. */
export type RecurrentParams = Record<'input' | 'hidden', { weight: Tensor; bias: Tensor }>

export type RecurrentOptions = {
  reverse?: boolean
  /** bool [B, T], true where a token is real; other steps hand the state on. */
  mask?: Tensor
}

export const recurrentInputs = (
  { input, hidden }: RecurrentParams,
  x: Tensor,
  first: readonly Tensor[],
  mask?: Tensor,
): Tensor[] => [...[x, input.weight, hidden.weight, input.bias, hidden.bias, ...first], ...(mask ? [mask] : [])]

/** The inputs: x, the weights and biases of input and state, the first states, a mask. */
export function named(inputs: readonly Tensor[], states: number, { masked }: RecurrentAttrs) {
  const [x, weightInput, weightHidden, biasInput, biasHidden] = inputs
  return {
    x,
    weightInput,
    weightHidden,
    biasInput,
    biasHidden,
    first: inputs.slice(5, 5 + states),
    mask: masked ? inputs.at(-1) : undefined,
  }
}

/** Types of y and of the states after the last step. */
export function inferRecurrent(
  place: string,
  gates: number,
  states: number,
  inputs: readonly TensorType[],
  { masked }: RecurrentAttrs,
) {
  const rule = `takes x [B,T,I], weights [${gates}·H,I] and [${gates}·H,H], two biases [${gates}·H], ${states} states [B,H], perhaps a bool mask [B,T]`
  const [x, weightInput, weightHidden, ...rest] = inputs
  const fit = inputs.length === 5 + states + Number(masked) && x.shape.length === 3 && weightHidden.shape.length === 2
  expectTypes(fit, place, rule, inputs)
  const [B, T, I] = x.shape
  const H = weightHidden.shape[1]
  const all = mulDims(gates, H)
  const wanted = [[all, I], [all, H], [all], [all], ...Array.from({ length: states }, () => [B, H]), [B, T]]
  const same = [weightInput, weightHidden, ...rest].every(({ shape, dtype }, i) => {
    const isMask = masked && i === inputs.length - 2
    return sameShape(shape, isMask ? [B, T] : wanted[i]) && dtype === (isMask ? 'bool' : 'f32')
  })
  expectTypes(same && x.dtype === 'f32', place, rule, inputs, 'a weight is [gates · H, in], as in PyTorch')
  const state: TensorType = { shape: [B, H], dtype: 'f32' }
  return { y: { shape: [B, T, H], dtype: 'f32' } as TensorType, states: Array.from({ length: states }, () => state), T, B, H }
}

/** How the axes lie inside the steps. */
type Layout = {
  /** The axis of features. */
  axis: 0 | 1
  /** The input's share of the gates in every step, steps first. */
  project(x: Tensor, weight: Tensor, bias: Tensor): Tensor
  /** The state's share. */
  times(weight: Tensor, h: Tensor): Tensor
  bias(vector: Tensor): Tensor
  /** A state [B, H] as a step has it, and back. */
  state(state: Tensor): Tensor
  /** A mask [B, T] as steps read it. */
  mask(mask: Tensor): Tensor
  /** The results of all steps as [B, T, H]. */
  results(ys: Tensor): Tensor
}

/** A step is h · Wᵀ with h [B, H]: what is fastest where the weights stay, because an engine packs them once. */
export const upright: Layout = {
  axis: 1,
  project: (x, weight, bias) => linear({ weight, bias }, x, { transposeWeight: true }).transpose([1, 0, 2]),
  times: (weight, h) => linear({ weight }, h, { transposeWeight: true }),
  bias: (vector) => vector,
  state: (state) => state,
  mask: (mask) => mask.transpose().unsqueeze(2),
  results: (ys) => ys.transpose([1, 0, 2]),
}

/**
 * A step is W · h with h [H, B]: what is fastest where the weights change with every run. They are the large factor, and as the left
 * one they are read where they lie instead of being packed anew in every step; and each gate is one stretch of memory.
 */
export const sideways: Layout = {
  axis: 0,
  project: (x, weight, bias) => weight.matmul(stepsFirst(x)).add(bias.unsqueeze(1)),
  times: (weight, h) => weight.matmul(h),
  bias: (vector) => vector.unsqueeze(1),
  state: (state) => state.transpose(),
  mask: (mask) => mask.transpose().unsqueeze(1),
  results: (ys) => ys.transpose([2, 0, 1]),
}

/** [B, T, C] to [T, C, B]. */
export const stepsFirst = (x: Tensor): Tensor => x.transpose([1, 2, 0])
/** What lies at masked steps is nobody's business: 0 instead, so that no product meets it. */
export const hide = (x: Tensor, mask: Tensor | undefined): Tensor => (mask ? mask.unsqueeze(2).where(x, 0) : x)
/** Where there is no mask everything is real. */
export const choose = (real: Tensor | undefined, a: Tensor, b: Tensor | number): Tensor => (real ? real.where(a, b) : a)

/** [T, C, B] to [C, T · B]: all steps beside one another. */
export const beside = (steps: Tensor): Tensor => {
  const [T, C, B] = steps.dims(3)
  return steps.transpose([1, 0, 2]).reshape([C, mulDims(T, B)])
}

/** Gradients of x, of its weight and bias, from those of the input's share of the gates, beside one another [gates · H, T · B]. */
export function inputGradients(g: Tensor, x: Tensor, weight: Tensor): Tensor[] {
  const [B, T, I] = x.dims(3)
  const rows = x.transpose([1, 0, 2]).reshape([mulDims(T, B), I])
  const ofX = g.matmul(weight, { transposeA: true }).reshape([T, B, I]).transpose([1, 0, 2])
  return [ofX, g.matmul(rows), g.sum(1)]
}

/** What a layout makes of a mask that may be absent: one sequence more, or none. */
export const maskSteps = (layout: Layout, mask: Tensor | undefined): Tensor[] => (mask ? [layout.mask(mask)] : [])
