/**
 * The Transformer with an encoder and a decoder, the whole architecture in one file.
 *
 * Vaswani et al. 2017, "Attention Is All You Need", and what is built like it: Marian, BART, mBART, M2M-100 and NLLB, Pegasus
 * (config.ts says how they differ). Weights are [out, in], as checkpoints hold them.
 *
 * Axes: B sources · R target rows, N of each source · S source tokens · T target tokens · P target tokens before · C channels ·
 * H heads · D head size (C / H) · F feed-forward · V vocabulary
 */
import { activations } from '../../nn/activations.ts'
import { cachedAttention, pastLength } from '../../nn/cache.ts'
import { crossAttention, type SourceKeys } from '../../nn/cross-attention.ts'
import { droppedAttention } from '../../nn/dropped-attention.ts'
import { dropout, embedding, layerNorm, layerNormSpec, linear } from '../../nn/index.ts'
import { sinusoids } from '../../nn/sinusoids.ts'
import { addDims } from '../../tensor/dims.ts'
import { iota, normal, type ParamsOf, param, type Tensor, zeroInit } from '../../tensor/index.ts'
import { xavierUniform } from '../../tensor/params.ts'
import type { CachedState, Decoded, DecodePass, EncodePass, Seq2Seq } from '../seq2seq.ts'
import { designs, type TransformerConfig } from './config.ts'

/** Shape and initialiser of every parameter. */
export function transformerSpec(config: TransformerConfig) {
  const { dModel: C, vocabSize, decoderVocabSize: V, maxPositionEmbeddings, positionOffset } = config
  const { positions, norm, embeddingNorm, logitsBias } = designs[config.modelType]
  const embeddingInit = normal(config.scaleEmbedding ? C ** -0.5 : 0.02) // unit variance once it is scaled (§3.4)
  const table = (rows: number) => param([rows, C], embeddingInit)
  const dense = (nOut: number, nIn: number) => ({
    weight: param([nOut, nIn], xavierUniform(nIn, nOut)),
    bias: param([nOut], zeroInit),
  })
  const heads = () => ({ q: dense(C, C), k: dense(C, C), v: dense(C, C), o: dense(C, C) })
  const selfAttention = () => ({ attn: heads(), attnNorm: layerNormSpec(C) })
  const feedForward = (F: number) => ({ mlp: { up: dense(F, C), down: dense(C, F) }, mlpNorm: layerNormSpec(C) })
  const crossAttention = () => ({ cross: heads(), crossNorm: layerNormSpec(C) })
  const isShared = config.shareEncoderDecoderEmbeddings && config.tieWordEmbeddings
  const around = (rows: number) => ({
    ...(!isShared && { embed: table(rows) }),
    ...(positions === 'learned' && { positions: table(maxPositionEmbeddings + positionOffset) }),
    ...(embeddingNorm && { embedNorm: layerNormSpec(C) }),
    ...(norm === 'pre' && { norm: layerNormSpec(C) }),
  })
  const layers = <L>(n: number, layer: () => L): L[] => Array.from({ length: n }, layer)
  return {
    ...(isShared && { embed: table(V) }),
    encoder: {
      ...around(vocabSize),
      layers: layers(config.encoderLayers, () => ({ ...selfAttention(), ...feedForward(config.encoderFfnDim) })),
    },
    decoder: {
      ...around(V),
      layers: layers(config.decoderLayers, () => ({
        ...selfAttention(),
        ...crossAttention(),
        ...feedForward(config.decoderFfnDim),
      })),
    },
    ...(!config.tieWordEmbeddings && { head: table(V) }),
    ...(logitsBias && { logitsBias: param([1, V], zeroInit) }),
  }
}

export type Transformer = ParamsOf<ReturnType<typeof transformerSpec>>
type Stack = Transformer['encoder'] | Transformer['decoder']
type Heads = Transformer['encoder']['layers'][number]['attn']
type Norm = Transformer['encoder']['layers'][number]['attnNorm']

/** What is looked at of a source: keys and values for the cross-attention of each layer of the decoder. */
export type TransformerSource = readonly SourceKeys[]

/**
 * The encoder's states.
 *
 * @param ids  i32 [B, S]
 * @param mask  bool [B, S], true where a token is real
 * @returns  [B, S, C]
 */
export function encoderStates(
  p: Transformer,
  ids: Tensor<'B S'>,
  mask: Tensor<'B S'>,
  config: TransformerConfig,
  { rng }: EncodePass = {},
): Tensor<'B S C'> {
  const around = residual(config, rng)
  const H = config.encoderAttentionHeads
  const dropped = { rate: config.attentionDropout, rng }
  let x = embed(p.encoder, p.encoder.embed ?? p.embed!, ids, 0, config, rng)
  for (const { attn, attnNorm, mlp, mlpNorm } of p.encoder.layers) {
    x = around(attnNorm, x, (x) => {
      const [q, k, v] = [attn.q, attn.k, attn.v].map((projection) => split(projection, x, H))
      return join(attn, droppedAttention(q, k, v, { keyMask: mask, dropout: dropped, tap: 'encoderAttention' }))
    })
    x = around(mlpNorm, x, (x) => feedForward(mlp, x, config, rng))
  }
  return p.encoder.norm ? layerNorm(p.encoder.norm, x) : x
}

/** Of the encoder's states, computed once a source: the keys and values that each layer of the decoder looks at. */
export function encode(
  p: Transformer,
  states: Tensor<'B S C'>,
  { decoderAttentionHeads: H }: TransformerConfig,
): TransformerSource {
  return p.decoder.layers.map(({ cross }) => ({ k: split(cross.k, states, H), v: split(cross.v, states, H) }))
}

/** Logits of the token after each of `ids`, which continue what `state` holds. */
export function decode(
  p: Transformer,
  ids: Tensor<'R T'>,
  source: TransformerSource,
  mask: Tensor<'B S'>,
  config: TransformerConfig,
  { rng, state, last }: DecodePass<CachedState> = {},
): Decoded<CachedState> {
  const around = residual(config, rng)
  const H = config.decoderAttentionHeads
  const dropped = { rate: config.attentionDropout, rng }
  const table = p.decoder.embed ?? p.embed!
  const present: CachedState[number][] = []
  let x = embed(p.decoder, table, ids, pastLength(state), config, rng)
  for (const [i, { attn, attnNorm, cross, crossNorm, mlp, mlpNorm }] of p.decoder.layers.entries()) {
    x = around(attnNorm, x, (x) => {
      const [q, k, v] = [attn.q, attn.k, attn.v].map((projection) => split(projection, x, H))
      const { y, rows } = cachedAttention(q, k, v, state?.[i], { dropout: dropped, tap: 'decoderAttention' })
      present.push(rows)
      return join(attn, y)
    })
    x = around(crossNorm, x, (x) =>
      join(cross, crossAttention(split(cross.q, x, H), source[i], mask, { dropout: dropped, tap: 'crossAttention' })),
    )
    x = around(mlpNorm, x, (x) => feedForward(mlp, x, config, rng))
  }
  if (last) x = x.slice(1, addDims(ids.shape[1], -1), ids.shape[1])
  if (p.decoder.norm) x = layerNorm(p.decoder.norm, x)
  const head = { weight: p.head ?? table, bias: p.logitsBias?.reshape([config.decoderVocabSize]) }
  return { logits: linear(head, x, OUT_IN), state: present }
}

const OUT_IN = { transposeWeight: true }

/** Embeddings of tokens and of their positions, the first of which is `start`. */
function embed(
  p: Stack,
  table: Tensor,
  ids: Tensor,
  start: Tensor['shape'][number],
  config: TransformerConfig,
  rng: EncodePass['rng'],
) {
  const { dModel: C, positionOffset, scaleEmbedding } = config
  const positions = iota(ids.shape[1], addDims(start, positionOffset))
  const rows = embedding(table, ids)
  const { wholeWave } = designs[config.modelType]
  const x = (scaleEmbedding ? rows.mul(Math.sqrt(C)) : rows).add(
    p.positions ? embedding(p.positions, positions) : sinusoids(positions, C, { wholeWave }),
  )
  return dropout(p.embedNorm ? layerNorm(p.embedNorm, x) : x, config.dropout, rng)
}

/** How a sublayer stands in the stack (§3.1): x + sublayer(norm(x)), or norm(x + sublayer(x)) as the paper has it. */
function residual({ modelType, dropout: rate }: TransformerConfig, rng: EncodePass['rng']) {
  const isPre = designs[modelType].norm === 'pre'
  return (norm: Norm, x: Tensor, sublayer: (x: Tensor) => Tensor): Tensor =>
    isPre ? x.add(dropout(sublayer(layerNorm(norm, x)), rate, rng)) : layerNorm(norm, x.add(dropout(sublayer(x), rate, rng)))
}

/** A projection of [B, T, C] for each head: [B, H, T, D]. */
const split = (projection: Heads['q'], x: Tensor, h: number): Tensor =>
  linear(projection, x, OUT_IN).rearrange('b t (h d) -> b h t d', { h })

/** What the heads found, put together. */
const join = ({ o }: Heads, y: Tensor): Tensor => linear(o, y.rearrange('b h t d -> b t (h d)'), OUT_IN)

/** §3.3 */
function feedForward(
  p: Transformer['encoder']['layers'][number]['mlp'],
  x: Tensor,
  { activationFunction, activationDropout }: TransformerConfig,
  rng: EncodePass['rng'],
): Tensor {
  const inner = activations[activationFunction](linear(p.up, x, OUT_IN))
  return linear(p.down, dropout(inner, activationDropout, rng), OUT_IN)
}

export const transformerSeq2Seq = (
  config: TransformerConfig,
): Seq2Seq<ReturnType<typeof transformerSpec>, TransformerSource, CachedState> => ({
  modelType: config.modelType,
  sourceVocabSize: config.vocabSize,
  vocabSize: config.decoderVocabSize,
  maxSourceLength: config.maxPositionEmbeddings,
  maxTargetLength: config.maxPositionEmbeddings,
  cache: {
    layers: config.decoderLayers,
    heads: config.decoderAttentionHeads,
    headSize: config.dModel / config.decoderAttentionHeads,
  },
  spec: transformerSpec(config),
  encode: (p: Transformer, ids, mask, pass) => encode(p, encoderStates(p, ids, mask, config, pass), config),
  decode: (p: Transformer, ids, source, mask, pass) => decode(p, ids, source, mask, config, pass),
})
