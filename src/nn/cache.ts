import type { Tensor } from '../tensor/index.ts'
import { type DroppedAttentionOptions, droppedAttention } from './dropped-attention.ts'

/**
 * Keys and values of tokens that came before: [P, B, K, D] each. Positions come first, so that the cache is the caller's buffer and
 * new rows are appended at its end.
 */
export type KeyValue = { k: Tensor<'P B K D'>; v: Tensor<'P B K D'> }

/**
 * Causal attention of new tokens to themselves and to what a cache holds.
 *
 * @param q  [B, H, T, D]
 * @param k  [B, K, T, D], K divides H; `v` likewise
 * @param past  the P tokens before
 * @returns  y [B, H, T, D], and the new rows for the cache [T, B, K, D]
 */
export function cachedAttention(
  q: Tensor<'B H T D'>,
  k: Tensor<'B K T D'>,
  v: Tensor<'B K T D'>,
  past: KeyValue | undefined,
  options: DroppedAttentionOptions = {},
): { y: Tensor<'B H T D'>; rows: KeyValue } {
  const before = (cache: Tensor, now: Tensor) => cache.transpose([1, 2, 0, 3]).concat([now], 2)
  const [keys, values] = past ? [before(past.k, k), before(past.v, v)] : [k, v]
  const y = droppedAttention(q, keys, values, { ...options, causal: true })
  return { y, rows: { k: k.transpose([2, 0, 1, 3]), v: v.transpose([2, 0, 1, 3]) } }
}

/** How many tokens a cache holds. */
export const pastLength = (past: readonly KeyValue[] | undefined) => past?.[0]?.k.shape[0] ?? 0
