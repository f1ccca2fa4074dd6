import { divideDims } from '../tensor/dims.ts'
import type { Tensor } from '../tensor/index.ts'
import { type DroppedAttentionOptions, droppedAttention } from './dropped-attention.ts'

/** Keys and values of a source, [B, K, S, D] each. */
export type SourceKeys = { k: Tensor<'B K S D'>; v: Tensor<'B K S D'> }

/**
 * Attention of a target's tokens to those of its source.
 *
 * Several hypotheses of one source stand side by side as its queries, so its keys are never repeated for them.
 *
 * Vaswani et al. 2017, §3.2.3.
 *
 * @param q  [R, H, T, D], R = B · N: N hypotheses of each source, neighbours
 * @param mask  bool [B, S], true where a source's token is real
 * @returns  [R, H, T, D]
 */
export function crossAttention(
  q: Tensor<'R H T D'>,
  { k, v }: SourceKeys,
  mask: Tensor<'B S'>,
  options: Pick<DroppedAttentionOptions, 'scale' | 'tap' | 'dropout'> = {},
): Tensor<'R H T D'> {
  const [R, , T] = q.dims(4)
  const n = divideDims(R, k.shape[0])!
  if (n === 1) return droppedAttention(q, k, v, { ...options, keyMask: mask })
  const side = q.rearrange('(b n) h t d -> b h (n t) d', { n })
  return droppedAttention(side, k, v, { ...options, keyMask: mask }).rearrange('b h (n t) d -> (b n) h t d', { n, t: T })
}
