import { type AttentionOptions, attention, dropout, type Rng, type Tensor, withTaps } from '../tensor/index.ts'

export type DroppedAttentionOptions = AttentionOptions & {
  /** Share of the attention weights that is set to zero, where there is an `rng` to draw from. */
  dropout?: { rate: number; rng?: Rng }
}

/**
 * Attention of which some weights are dropped while training: a query then looks past some keys.
 *
 * @param q  [B, H, T, D]; k and v [B, K, S, D], where K = H if weights are dropped
 * @returns  [B, H, T, D]
 */
export function droppedAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { dropout: dropped, ...options }: DroppedAttentionOptions,
): Tensor {
  if (!dropped?.rng || dropped.rate === 0) return attention(q, k, v, options)
  const { taps } = withTaps(attention(q, k, v, { ...options, tap: 'weights' }), ['weights'])
  return dropout(taps.weights[0], dropped.rate, dropped.rng).matmul(v)
}
