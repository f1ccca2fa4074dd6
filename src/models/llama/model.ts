/**
 * Llama, the whole architecture in one file.
 *
 * Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models": RMS normalisation before each sublayer, rotary positions,
 * SwiGLU; grouped queries as in Llama 2. Weights are [out, in], as checkpoints hold them.
 *
 * Axes: B batch · T tokens · P tokens before · C channels · H heads · K key/value heads · D head size · F feed-forward · V vocabulary
 */
import { cachedAttention, type KeyValue, pastLength } from '../../nn/cache.ts'
import { dropout, embedding, linear, rmsNorm, rmsNormSpec, rotary, silu } from '../../nn/index.ts'
import { ropeFrequencies, rotaryTable } from '../../nn/rope.ts'
import { addDims } from '../../tensor/dims.ts'
import { normal, type ParamsOf, param, type Tensor, zeroInit } from '../../tensor/index.ts'
import type { CausalLm, Pass, Prediction } from '../causal-lm.ts'
import type { LlamaConfig } from './config.ts'

/** Shape and initialiser of every parameter. */
export function llamaSpec(config: LlamaConfig) {
  const { vocabSize: V, hiddenSize: C, intermediateSize: F, numHiddenLayers, headDim: D } = config
  const [H, K] = [config.numAttentionHeads, config.numKeyValueHeads]
  const dense = (nOut: number, nIn: number, bias: boolean, std = 0.02) => ({
    weight: param([nOut, nIn], normal(std)),
    ...(bias && { bias: param([nOut], zeroInit) }),
  })
  const residual = 0.02 / Math.sqrt(2 * numHiddenLayers) // two residual additions per layer
  const layer = () => ({
    attnNorm: rmsNormSpec(C),
    attn: {
      q: dense(H * D, C, config.attentionBias),
      k: dense(K * D, C, config.attentionBias),
      v: dense(K * D, C, config.attentionBias),
      o: dense(C, H * D, config.attentionBias, residual),
    },
    mlpNorm: rmsNormSpec(C),
    mlp: { gate: dense(F, C, config.mlpBias), up: dense(F, C, config.mlpBias), down: dense(C, F, config.mlpBias, residual) },
  })
  return {
    embed: param([V, C], normal(0.02)),
    layers: Array.from({ length: numHiddenLayers }, layer),
    norm: rmsNormSpec(C),
    ...(!config.tieWordEmbeddings && { head: param([V, C], normal(0.02)) }),
  }
}

export type Llama = ParamsOf<ReturnType<typeof llamaSpec>>
type Layer = Llama['layers'][number]
type Rotation = { cos: Tensor; sin: Tensor }

/**
 * Next-token logits. With `past`, `ids` continues a cached prefix.
 *
 * @param ids  i32 [B, T]
 */
export function llama(p: Llama, ids: Tensor<'B T'>, config: LlamaConfig, { past, rng, last }: Pass = {}): Prediction {
  const { rmsNormEps: epsilon, residPdrop: rate } = config
  const [, T] = ids.dims(2)
  const rotation = rotaryTable(frequencies(config), T, pastLength(past))
  const present: KeyValue[] = []
  let x: Tensor<'B T C'> = dropout(embedding(p.embed, ids), rate, rng)
  for (const [i, { attnNorm, attn, mlpNorm, mlp }] of p.layers.entries()) {
    const { y, rows } = selfAttention(attn, rmsNorm(attnNorm, x, { epsilon }), config, rotation, past?.[i])
    present.push(rows)
    x = x.add(dropout(y, rate, rng))
    x = x.add(dropout(swiGlu(mlp, rmsNorm(mlpNorm, x, { epsilon })), rate, rng))
  }
  if (last) x = x.slice(1, addDims(T, -1), T)
  return { logits: linear({ weight: p.head ?? p.embed }, rmsNorm(p.norm, x, { epsilon }), OUT_IN), present }
}

const OUT_IN = { transposeWeight: true }

function selfAttention(p: Layer['attn'], x: Tensor<'B T C'>, config: LlamaConfig, { cos, sin }: Rotation, past?: KeyValue) {
  const { numAttentionHeads: H, numKeyValueHeads: K } = config
  const heads = (projection: Layer['attn']['q'], h: number) =>
    linear(projection, x, OUT_IN).rearrange('b t (h d) -> b h t d', { h })
  const q = rotary(heads(p.q, H), cos, sin)
  const k = rotary(heads(p.k, K), cos, sin)
  const { y, rows } = cachedAttention(q, k, heads(p.v, K), past, { tap: 'attention' })
  return { y: linear(p.o, y.rearrange('b h t d -> b t (h d)'), OUT_IN), rows }
}

/** Gated feed-forward network: (silu(x·gate) ⊙ x·up)·down. Shazeer 2020. */
const swiGlu = (p: Layer['mlp'], x: Tensor): Tensor =>
  linear(p.down, silu(linear(p.gate, x, OUT_IN)).mul(linear(p.up, x, OUT_IN)), OUT_IN)

/** Angular frequencies of the rotary embedding, stretched as the config says. */
function frequencies({ headDim, ropeTheta, ropeScaling }: LlamaConfig): number[] {
  const plain = ropeFrequencies(headDim, ropeTheta)
  if (ropeScaling.ropeType === 'default') return plain
  const { factor } = ropeScaling
  if (ropeScaling.ropeType === 'linear') return plain.map((frequency) => frequency / factor)
  // Llama 3.1: waves longer than the old context are stretched, short ones kept, those between mixed.
  const { lowFreqFactor: low, highFreqFactor: high, originalMaxPositionEmbeddings: context } = ropeScaling
  return plain.map((frequency) => {
    const turns = (context * frequency) / (2 * Math.PI) // within the old context
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)))
    return kept * frequency + (1 - kept) * (frequency / factor)
  })
}

export const llamaLm = (config: LlamaConfig): CausalLm<ReturnType<typeof llamaSpec>> => ({
  modelType: 'llama',
  vocabSize: config.vocabSize,
  contextLength: config.maxPositionEmbeddings,
  cache: { layers: config.numHiddenLayers, heads: config.numKeyValueHeads, headSize: config.headDim },
  spec: llamaSpec(config),
  forward: (p: Llama, ids, pass) => llama(p, ids, config, pass),
})
