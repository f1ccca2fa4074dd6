/**
 * T5, the whole architecture in one file.
 *
 * Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer": RMS normalisation before each
 * sublayer, no biases, relative positions, scores that are not scaled. T5 1.1 and mT5 (Xue et al. 2021) gate the feed-forward network
 * and have a head of their own; uMT5 (Chung et al. 2023) has a table of relative positions in each layer. Weights are [out, in].
 *
 * Axes: B sources · R target rows, N of each source · S source tokens · T target tokens · P target tokens before · C channels ·
 * H heads · D head size · F feed-forward · V vocabulary
 */
import { activations } from '../../nn/activations.ts'
import { cachedAttention, pastLength } from '../../nn/cache.ts'
import { crossAttention, type SourceKeys } from '../../nn/cross-attention.ts'
import { droppedAttention } from '../../nn/dropped-attention.ts'
import { dropout, embedding, linear, rmsNorm, rmsNormSpec } from '../../nn/index.ts'
import { addDims } from '../../tensor/dims.ts'
import { normal, type ParamsOf, param, type Tensor } from '../../tensor/index.ts'
import type { CachedState, Decoded, DecodePass, EncodePass, Seq2Seq } from '../seq2seq.ts'
import type { T5Config } from './config.ts'
import { type Buckets, relativeBias } from './relative-positions.ts'

/** Shape and initialiser of every parameter. */
export function t5Spec(config: T5Config) {
  const { dModel: C, dKv: D, dFf: F, numHeads: H, vocabSize: V } = config
  const dense = (nOut: number, nIn: number, std = nIn ** -0.5) => ({ weight: param([nOut, nIn], normal(std)) })
  const heads = () => ({
    q: dense(H * D, C, (C * D) ** -0.5), // takes the place of the scores' scaling
    k: dense(H * D, C),
    v: dense(H * D, C),
    o: dense(C, H * D),
  })
  const hasTable = (layer: number) => layer === 0 || config.modelType === 'umt5'
  const table = () => param([config.relativeAttentionNumBuckets, H], normal(C ** -0.5))
  const layer = (i: number) => ({
    attn: { ...heads(), ...(hasTable(i) && { bias: table() }) },
    attnNorm: rmsNormSpec(C),
    mlp: {
      ...(config.isGatedAct ? { gate: dense(F, C), linear: dense(F, C) } : { up: dense(F, C) }),
      down: dense(C, F),
    },
    mlpNorm: rmsNormSpec(C),
  })
  const crossing = () => ({ cross: heads(), crossNorm: rmsNormSpec(C) })
  return {
    embed: param([V, C], normal(1)),
    encoder: { layers: Array.from({ length: config.numLayers }, (_, i) => layer(i)), norm: rmsNormSpec(C) },
    decoder: {
      layers: Array.from({ length: config.numDecoderLayers }, (_, i) => ({ ...layer(i), ...crossing() })),
      norm: rmsNormSpec(C),
    },
    ...(!config.tieWordEmbeddings && { head: param([V, C], normal(1)) }),
  }
}

export type T5 = ParamsOf<ReturnType<typeof t5Spec>>
type Layer = T5['encoder']['layers'][number]
type Heads = T5['decoder']['layers'][number]['cross']

/** What is looked at of a source: keys and values for the cross-attention of each layer of the decoder. */
export type T5Source = readonly SourceKeys[]

/**
 * The encoder's states.
 *
 * @param ids  i32 [B, S]
 * @param mask  bool [B, S], true where a token is real
 * @returns  [B, S, C]
 */
export function encoderStates(
  p: T5,
  ids: Tensor<'B S'>,
  mask: Tensor<'B S'>,
  config: T5Config,
  { rng }: EncodePass = {},
): Tensor<'B S C'> {
  const { norm, add, drop, scores } = sublayers(config, rng)
  const H = config.numHeads
  let bias: Tensor | undefined
  let x: Tensor = drop(embedding(p.embed, ids))
  for (const { attn, attnNorm, mlp, mlpNorm } of p.encoder.layers) {
    if (attn.bias) bias = relativeBias(attn.bias, bucketsOf(config, true), ids.shape[1])
    const normed = norm(attnNorm, x)
    const [q, k, v] = [attn.q, attn.k, attn.v].map((projection) => split(projection, normed, H))
    x = add(x, join(attn, droppedAttention(q, k, v, { bias, keyMask: mask, tap: 'encoderAttention', ...scores })))
    x = add(x, feedForward(mlp, norm(mlpNorm, x), config, rng))
  }
  return drop(norm(p.encoder.norm, x))
}

/** Computes once what each layer of the decoder looks at. */
export const encode = (p: T5, states: Tensor<'B S C'>, { numHeads: H }: T5Config): T5Source =>
  p.decoder.layers.map(({ cross }) => ({ k: split(cross.k, states, H), v: split(cross.v, states, H) }))

/** Logits of the token after each of `ids`, which continue what `state` holds. */
export function decode(
  p: T5,
  ids: Tensor<'R T'>,
  source: T5Source,
  mask: Tensor<'B S'>,
  config: T5Config,
  { rng, state, last }: DecodePass<CachedState> = {},
): Decoded<CachedState> {
  const { norm, add, drop, scores } = sublayers(config, rng)
  const [, T] = ids.dims(2)
  const H = config.numHeads
  const present: CachedState[number][] = []
  let bias: Tensor | undefined
  let x: Tensor = drop(embedding(p.embed, ids))
  for (const [i, { attn, attnNorm, cross, crossNorm, mlp, mlpNorm }] of p.decoder.layers.entries()) {
    if (attn.bias) bias = relativeBias(attn.bias, bucketsOf(config, false), T, pastLength(state))
    const normed = norm(attnNorm, x)
    const [q, k, v] = [attn.q, attn.k, attn.v].map((projection) => split(projection, normed, H))
    const { y, rows } = cachedAttention(q, k, v, state?.[i], { bias, tap: 'decoderAttention', ...scores })
    present.push(rows)
    x = add(x, join(attn, y))
    const query = split(cross.q, norm(crossNorm, x), H)
    x = add(x, join(cross, crossAttention(query, source[i], mask, { tap: 'crossAttention', ...scores })))
    x = add(x, feedForward(mlp, norm(mlpNorm, x), config, rng))
  }
  if (last) x = x.slice(1, addDims(T, -1), T)
  x = drop(norm(p.decoder.norm, x))
  if (config.scaleDecoderOutputs) x = x.mul(config.dModel ** -0.5)
  return { logits: linear({ weight: p.head ?? p.embed }, x, OUT_IN), state: present }
}

const OUT_IN = { transposeWeight: true }

const bucketsOf = (config: T5Config, bidirectional: boolean): Buckets => ({
  count: config.relativeAttentionNumBuckets,
  maxDistance: config.relativeAttentionMaxDistance,
  bidirectional,
})

/** What stands around each sublayer: normalisation before it, dropout behind it, and the way past it. */
function sublayers({ layerNormEpsilon: epsilon, dropoutRate }: T5Config, rng: EncodePass['rng']) {
  const drop = (x: Tensor) => dropout(x, dropoutRate, rng)
  return {
    drop,
    scores: { scale: 1, dropout: { rate: dropoutRate, rng } },
    norm: (p: Layer['attnNorm'], x: Tensor) => rmsNorm(p, x, { epsilon }),
    add: (x: Tensor, y: Tensor) => x.add(drop(y)),
  }
}

/** A projection of [B, T, C] for each head: [B, H, T, D]. */
const split = (projection: Heads['q'], x: Tensor, h: number): Tensor =>
  linear(projection, x, OUT_IN).rearrange('b t (h d) -> b h t d', { h })

/** What the heads found, put together. */
const join = ({ o }: Pick<Heads, 'o'>, y: Tensor): Tensor => linear(o, y.rearrange('b h t d -> b t (h d)'), OUT_IN)

function feedForward(p: Layer['mlp'], x: Tensor, { denseActFn, dropoutRate }: T5Config, rng: EncodePass['rng']): Tensor {
  const active = (projection: Heads['q']) => activations[denseActFn](linear(projection, x, OUT_IN))
  const inner = 'gate' in p ? active(p.gate).mul(linear(p.linear, x, OUT_IN)) : active(p.up)
  return linear(p.down, dropout(inner, dropoutRate, rng), OUT_IN)
}

export const t5Seq2Seq = (config: T5Config): Seq2Seq<ReturnType<typeof t5Spec>, T5Source, CachedState> => ({
  modelType: config.modelType,
  sourceVocabSize: config.vocabSize,
  vocabSize: config.vocabSize,
  maxSourceLength: Number.POSITIVE_INFINITY,
  maxTargetLength: Number.POSITIVE_INFINITY,
  cache: { layers: config.numDecoderLayers, heads: config.numHeads, headSize: config.dKv },
  spec: t5Spec(config),
  encode: (p: T5, ids, mask, pass) => encode(p, encoderStates(p, ids, mask, config, pass), config),
  decode: (p: T5, ids, source, mask, pass) => decode(p, ids, source, mask, config, pass),
})
