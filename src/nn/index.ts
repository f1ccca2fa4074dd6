/** Layers as functions over parameter trees: `layer(p, x, options)`. */
export { attention, crossEntropy, dropout, gelu, layerNorm, linear, rmsNorm, rotary, silu } from '../tensor/index.ts'
export { type SelfAttention, type SelfAttentionOptions, selfAttention, selfAttentionSpec } from './attention.ts'
export { embedding } from './embedding.ts'
export { type FeedForward, feedForward, feedForwardSpec } from './feed-forward.ts'
export { type Linear, linearSpec } from './linear.ts'
export { layerNormSpec, rmsNormSpec } from './norm.ts'
export { gru, gruSpec, type LstmState, lstm, lstmSpec, type Recurrent, type RecurrentOptions } from './recurrent.ts'
export {
  type Cell,
  type CellState,
  type RecurrentStack,
  type RecurrentStackOptions,
  type RecurrentStackSizes,
  recurrentStack,
  recurrentStackSpec,
} from './recurrent-stack.ts'
