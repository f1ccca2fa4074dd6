/**
 * A Transformer encoder that classifies texts, the whole architecture in one file.
 *
 * Vaswani et al. 2017, "Attention Is All You Need"; normalisation before each sublayer: Xiong et al. 2020.
 *
 * Axes: B batch · T tokens · C channels · V vocabulary · L labels
 */
import {
  crossEntropy,
  dropout,
  embedding,
  feedForward,
  feedForwardSpec,
  layerNorm,
  layerNormSpec,
  linear,
  linearSpec,
  selfAttention,
  selfAttentionSpec,
} from '../../nn/index.ts'
import { normal, type ParamsOf, param, type Rng, type Tensor } from '../../tensor/index.ts'
import type { EncoderConfig } from './config.ts'

/** Shape and initialiser of every parameter. */
export function encoderSpec({ vocabSize: V, maxPositions, numLayers, hiddenSize: C, labels }: EncoderConfig) {
  const init = normal(0.02)
  const residual = normal(0.02 / Math.sqrt(2 * numLayers)) // two residual additions per block
  const block = () => ({
    ln1: layerNormSpec(C),
    attn: selfAttentionSpec(C, init, residual),
    ln2: layerNormSpec(C),
    mlp: feedForwardSpec(C, 4 * C, init, residual),
  })
  return {
    tokenEmbedding: param([V, C], init),
    positionEmbedding: param([maxPositions, C], init),
    blocks: Array.from({ length: numLayers }, block),
    norm: layerNormSpec(C),
    classifier: linearSpec(C, labels.length, init),
  }
}

export type Encoder = ParamsOf<ReturnType<typeof encoderSpec>>

/** Where dropout draws from; without it nothing is dropped. */
export type Pass = { rng?: Rng }

/**
 * Class logits of texts.
 *
 * @param ids  i32 [B, T]
 * @param mask  bool [B, T], true where a token is real
 * @returns  [B, L]
 */
export function encoder(
  p: Encoder,
  ids: Tensor<'B T'>,
  mask: Tensor<'B T'>,
  config: EncoderConfig,
  { rng }: Pass = {},
): Tensor<'B L'> {
  const { numHeads: heads, dropout: rate } = config
  const positions = p.positionEmbedding.slice(0, 0, ids.dims(2)[1])
  let x: Tensor<'B T C'> = dropout(embedding(p.tokenEmbedding, ids).add(positions), rate, rng)
  for (const { ln1, attn, ln2, mlp } of p.blocks) {
    x = x.add(dropout(selfAttention(attn, layerNorm(ln1, x), { heads, keyMask: mask, tap: 'attention' }), rate, rng))
    x = x.add(dropout(feedForward(mlp, layerNorm(ln2, x), relu), rate, rng))
  }
  return linear(p.classifier, meanOfTokens(layerNorm(p.norm, x), mask))
}

const relu = (x: Tensor): Tensor => x.relu()

/** Mean over the real tokens: [B, T, C] → [B, C]. */
function meanOfTokens(x: Tensor<'B T C'>, mask: Tensor<'B T'>): Tensor<'B C'> {
  const weight = mask.cast('f32').unsqueeze(-1)
  return x.mul(weight).sum(1).div(weight.sum(1).maximum(1))
}

/** Mean cross-entropy in nats per text. */
export const encoderLoss = (
  p: Encoder,
  ids: Tensor<'B T'>,
  mask: Tensor<'B T'>,
  labels: Tensor<'B'>,
  config: EncoderConfig,
  pass?: Pass,
) => crossEntropy(encoder(p, ids, mask, config, pass), labels)
