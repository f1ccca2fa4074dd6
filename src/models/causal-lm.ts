/** What language models that predict the next token have in common, whatever their architecture. */
import type { KeyValue } from '../nn/cache.ts'
import type { Rng, Tensor } from '../tensor/index.ts'

/** One pass through a causal language model. */
export type Pass = {
  /** Keys and values of the tokens before `ids`, one entry a layer. */
  past?: readonly KeyValue[]
  /** Where dropout draws from; without it nothing is dropped. */
  rng?: Rng
  /** Logits of the last position only: [B, 1, V]. */
  last?: boolean
}

export type Prediction = {
  /** [B, T, V], or [B, 1, V] with `last` */
  logits: Tensor<'B T V'>
  /** The new rows of the cache, one entry a layer. */
  present: KeyValue[]
}

export type CacheShape = { layers: number; heads: number; headSize: number }

/** A causal language model without its parameters: sizes, shapes, and the function. */
export interface CausalLm<Spec = any> {
  /** `model_type` of its config.json. */
  readonly modelType: string
  readonly vocabSize: number
  /** Most tokens that it attends to, what is generated included. */
  readonly contextLength: number
  /** Shape of a token's entry in the cache of each layer; absent where what was read is kept in another way. */
  readonly cache?: CacheShape
  readonly spec: Spec
  forward(p: any, ids: Tensor<'B T'>, pass?: Pass): Prediction
}
