/**
 * GPT-2, the whole architecture in one file.
 *
 * Radford et al. 2019, "Language Models are Unsupervised Multitask Learners".
 *
 * Axes: B batch · T tokens · P tokens before · C channels · H heads · D head size (C / H) · V vocabulary
 */
import { activations } from '../../nn/activations.ts'
import { cachedAttention, type KeyValue, pastLength } from '../../nn/cache.ts'
import {
  dropout,
  embedding,
  feedForward,
  feedForwardSpec,
  layerNorm,
  layerNormSpec,
  linear,
  selfAttentionSpec,
} from '../../nn/index.ts'
import { addDims } from '../../tensor/dims.ts'
import { iota, normal, type ParamsOf, param, type Tensor } from '../../tensor/index.ts'
import type { CausalLm, Pass, Prediction } from '../causal-lm.ts'
import type { Gpt2Config } from './config.ts'

/** Shape and initialiser of every parameter. */
export function gpt2Spec({ vocabSize: V, nPositions, nLayer, nEmbd: C, nInner, tieWordEmbeddings }: Gpt2Config) {
  const init = normal(0.02)
  const residual = normal(0.02 / Math.sqrt(2 * nLayer)) // two residual additions per block (§2.3)
  const block = () => ({
    ln1: layerNormSpec(C),
    attn: selfAttentionSpec(C, init, residual),
    ln2: layerNormSpec(C),
    mlp: feedForwardSpec(C, nInner, init, residual),
  })
  return {
    wte: param([V, C], init),
    wpe: param([nPositions, C], init),
    blocks: Array.from({ length: nLayer }, block),
    lnF: layerNormSpec(C),
    ...(!tieWordEmbeddings && { head: param([V, C], init) }),
  }
}

export type Gpt2 = ParamsOf<ReturnType<typeof gpt2Spec>>
type Block = Gpt2['blocks'][number]

/**
 * Next-token logits. With `past`, `ids` continues a cached prefix.
 *
 * @param ids  i32 [B, T]
 */
export function gpt2(p: Gpt2, ids: Tensor<'B T'>, config: Gpt2Config, { past, rng, last }: Pass = {}): Prediction {
  const { layerNormEpsilon: epsilon, embdPdrop, residPdrop } = config
  const [, T] = ids.dims(2)
  const positions = iota(T, pastLength(past))
  const present: KeyValue[] = []
  let x: Tensor<'B T C'> = dropout(embedding(p.wte, ids).add(embedding(p.wpe, positions)), embdPdrop, rng)
  for (const [i, { ln1, attn, ln2, mlp }] of p.blocks.entries()) {
    const { y, rows } = selfAttention(attn, layerNorm(ln1, x, { epsilon }), config, i, past?.[i])
    present.push(rows)
    x = x.add(dropout(y, residPdrop, rng))
    x = x.add(dropout(feedForward(mlp, layerNorm(ln2, x, { epsilon }), activations[config.activationFunction]), residPdrop, rng))
  }
  if (last) x = x.slice(1, addDims(T, -1), T)
  return { logits: linear({ weight: p.head ?? p.wte }, layerNorm(p.lnF, x, { epsilon }), { transposeWeight: true }), present }
}

function selfAttention(p: Block['attn'], x: Tensor<'B T C'>, config: Gpt2Config, layer: number, past?: KeyValue) {
  const { nHead, nEmbd, scaleAttnWeights, scaleAttnByInverseLayerIdx } = config
  const [q, k, v] = linear(p.qkv, x).rearrange('b t (n h d) -> n b h t d', { n: 3, h: nHead }).unstack(3)
  const scale = (scaleAttnWeights ? Math.sqrt(nHead / nEmbd) : 1) / (scaleAttnByInverseLayerIdx ? layer + 1 : 1)
  const { y, rows } = cachedAttention(q, k, v, past, { scale, tap: 'attention' })
  return { y: linear(p.proj, y.rearrange('b h t d -> b t (h d)')), rows }
}

export const gpt2Lm = (config: Gpt2Config): CausalLm<ReturnType<typeof gpt2Spec>> => ({
  modelType: 'gpt2',
  vocabSize: config.vocabSize,
  contextLength: config.nPositions,
  cache: { layers: config.nLayer, heads: config.nHead, headSize: config.nEmbd / config.nHead },
  spec: gpt2Spec(config),
  forward: (p: Gpt2, ids, pass) => gpt2(p, ids, config, pass),
})
