import { attention, type Initialiser, linear, type ParamsOf, type Tensor } from '../tensor/index.ts'
import { linearSpec } from './linear.ts'

/** One projection to queries, keys and values side by side, and one back. */
export const selfAttentionSpec = (C: number, init: Initialiser, residualInit: Initialiser = init) => ({
  qkv: linearSpec(C, 3 * C, init),
  proj: linearSpec(C, C, residualInit),
})

export type SelfAttention = ParamsOf<ReturnType<typeof selfAttentionSpec>>

export type SelfAttentionOptions = { heads: number; causal?: boolean; keyMask?: Tensor; tap?: string }

/**
 * Multi-head self-attention: every token looks at the others through H heads of size D = C / H.
 *
 * Vaswani et al. 2017, §3.2.2.
 *
 * @param x  [B, T, C]
 * @param options.keyMask  bool [B, T], true where a token is real
 * @returns  [B, T, C]
 */
export function selfAttention(
  p: SelfAttention,
  x: Tensor<'B T C'>,
  { heads, ...options }: SelfAttentionOptions,
): Tensor<'B T C'> {
  const [q, k, v] = linear(p.qkv, x).rearrange('b t (n h d) -> n b h t d', { n: 3, h: heads }).unstack(3)
  const y = attention(q, k, v, options)
  return linear(p.proj, y.rearrange('b h t d -> b t (h d)'))
}
