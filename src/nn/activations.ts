import { gelu, silu, type Tensor } from '../tensor/index.ts'

const tanhGelu = (x: Tensor): Tensor => gelu(x, 'tanh')

/** Activations by the names that a config.json gives them. */
export const activations = {
  relu: (x: Tensor): Tensor => x.relu(),
  gelu: (x: Tensor): Tensor => gelu(x),
  gelu_new: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_fast: tanhGelu,
  silu,
  swish: silu,
}

export type Activation = keyof typeof activations

export const activationNames = Object.keys(activations) as [Activation, ...Activation[]]
