/** What encoder–decoders have in common, recurrent or not: one function reads a source, the other writes a target after it. */
import type { KeyValue } from '../nn/cache.ts'
import type { Rng, Tensor } from '../tensor/index.ts'
import type { CacheShape } from './causal-lm.ts'

export type EncodePass = {
  /** Where dropout draws from; without it nothing is dropped. */
  rng?: Rng
}

export type DecodePass<State> = EncodePass & {
  /** What the decoder remembers of the target's tokens before `ids`; without it `ids` begin the target. */
  state?: State
  /** Logits of the last position only: [R, 1, V]. */
  last?: boolean
  /**
   * Scheduled sampling (Bengio et al. 2015): probability, f32 scalar, that a token is the given one and not the decoder's own last
   * choice. Needs `rng`; models that read all tokens at once ignore it.
   */
  teacherForcing?: Tensor
}

export type Decoded<State> = {
  /** [R, T, V], or [R, 1, V] with `last` */
  logits: Tensor<'R T V'>
  /**
   * What to hand to the next call: the new rows of every layer's cache, [T, R, K, D], for a model with `cache`; otherwise the whole
   * state, every tensor [R, …].
   */
  state: State
}

/**
 * An encoder–decoder without its parameters: sizes, shapes, and two functions.
 *
 * What `encode` returns is a tree of tensors that begin with the batch: whatever can be computed once a source, such as the keys and
 * values that every layer's cross-attention looks at, and a recurrent decoder's first state. `decode` reads R = B · N rows, of which
 * each N in turn are hypotheses of one source: the source is never repeated for them.
 */
export interface Seq2Seq<Spec = any, Source = any, State = any> {
  /** `model_type` of its config.json. */
  readonly modelType: string
  /** Tokens that sources, and targets, may hold. */
  readonly sourceVocabSize: number
  readonly vocabSize: number
  /** Most tokens of a source, and of a target with its start; infinite where the architecture sets no bound. */
  readonly maxSourceLength: number
  readonly maxTargetLength: number
  /** Shape of a target token's entry in the cache of each layer: the state is then `KeyValue[]`. Absent for a state of fixed size. */
  readonly cache?: CacheShape
  readonly spec: Spec
  /**
   * @param ids  i32 [B, S]
   * @param mask  bool [B, S], true where a token is real; what is not real changes nothing
   */
  encode(p: any, ids: Tensor<'B S'>, mask: Tensor<'B S'>, pass?: EncodePass): Source
  /**
   * Logits of the token after each of `ids`.
   *
   * @param ids  i32 [R, T]
   * @param source  what `encode` returned, B rows
   * @param mask  bool [B, S], the source's
   */
  decode(p: any, ids: Tensor<'R T'>, source: Source, mask: Tensor<'B S'>, pass?: DecodePass<State>): Decoded<State>
}

/** The state of a decoder that keeps keys and values. */
export type CachedState = readonly KeyValue[]
