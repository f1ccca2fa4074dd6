import { type Initialiser, linear, type ParamsOf, type Tensor } from '../tensor/index.ts'
import { linearSpec } from './linear.ts'

export const feedForwardSpec = (C: number, F: number, init: Initialiser, residualInit: Initialiser = init) => ({
  up: linearSpec(C, F, init),
  down: linearSpec(F, C, residualInit),
})

export type FeedForward = ParamsOf<ReturnType<typeof feedForwardSpec>>

/**
 * Position-wise feed-forward network: activation(x·up)·down.
 *
 * Vaswani et al. 2017, §3.3.
 *
 * @param x  [..., C]
 * @param activation  `relu` in that paper, `gelu` in BERT and GPT
 */
export const feedForward = (p: FeedForward, x: Tensor, activation: (x: Tensor) => Tensor): Tensor =>
  linear(p.down, activation(linear(p.up, x)))
