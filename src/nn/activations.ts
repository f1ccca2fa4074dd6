import { gelu, silu, type Tensor } from '../tensor/index.ts'

const exactGelu = (x: Tensor): Tensor => gelu(x)
const tanhGelu = (x: Tensor): Tensor => gelu(x, 'tanh')

/** Activations by the names that a config.json gives them. */
export const activations = {
  relu: (x: Tensor): Tensor => x.relu(),
  gelu: exactGelu,
  gelu_python: exactGelu,
  gelu_new: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_python_tanh: tanhGelu,
  gelu_accurate: tanhGelu,
  gelu_fast: tanhGelu,
  /** Hendrycks and Gimpel 2016, §2: x σ(1.702 x). */
  quick_gelu: (x: Tensor): Tensor => x.mul(x.mul(1.702).sigmoid()),
  silu,
  swish: silu,
  /** So et al. 2021 */
  relu2: (x: Tensor): Tensor => x.relu().mul(x.relu()),
  relu6: (x: Tensor): Tensor => x.maximum(0).minimum(6),
  tanh: (x: Tensor): Tensor => x.tanh(),
  sigmoid: (x: Tensor): Tensor => x.sigmoid(),
  linear: (x: Tensor): Tensor => x,
}

export type Activation = keyof typeof activations

export const activationNames = Object.keys(activations) as [Activation, ...Activation[]]
