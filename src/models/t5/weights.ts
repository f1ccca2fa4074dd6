/** T5, mT5 and uMT5 in the Hugging Face layout: their config.json, and what their parameters are called. */
import { z } from 'zod'
import type { LoquentError } from '../../errors.ts'
import { type Activation, activationNames } from '../../nn/activations.ts'
import { epsilon, size } from '../causal-architecture.ts'
import type { Seq2SeqArchitecture } from '../seq2seq-architecture.ts'
import type { T5Config, T5Type } from './config.ts'
import { t5Seq2Seq } from './model.ts'
import { bucketSizes } from './relative-positions.ts'

/** A table of all offsets is computed, so their number is bounded. */
const MAX_DISTANCE = 1_000_000

const schemaOf = (modelType: T5Type) =>
  z.object({
    model_type: z.literal(modelType),
    vocab_size: size,
    d_model: size,
    d_kv: size,
    d_ff: size,
    num_layers: size.max(10_000),
    num_decoder_layers: size.max(10_000).nullish(),
    num_heads: size,
    relative_attention_num_buckets: size.default(32),
    relative_attention_max_distance: size.max(MAX_DISTANCE).default(128),
    dropout_rate: z.number().min(0).lt(1).default(0.1),
    layer_norm_epsilon: epsilon.default(1e-6),
    feed_forward_proj: z.string().default(modelType === 't5' ? 'relu' : 'gated-gelu'),
    tie_word_embeddings: z.boolean().default(true),
    scale_decoder_outputs: z.boolean().nullish(),
  })

type Json = z.infer<ReturnType<typeof schemaOf>>

function fromJson(json: Json, place: (rule: string, got: string) => LoquentError): T5Config {
  const config: T5Config = {
    modelType: json.model_type,
    vocabSize: json.vocab_size,
    dModel: json.d_model,
    dKv: json.d_kv,
    dFf: json.d_ff,
    numLayers: json.num_layers,
    numDecoderLayers: json.num_decoder_layers ?? json.num_layers,
    numHeads: json.num_heads,
    relativeAttentionNumBuckets: json.relative_attention_num_buckets,
    relativeAttentionMaxDistance: json.relative_attention_max_distance,
    dropoutRate: json.dropout_rate,
    layerNormEpsilon: json.layer_norm_epsilon,
    ...feedForwardOf(json.feed_forward_proj, place),
    // Files of versions before 5, and uMT5, say by whether the head is tied if it is scaled. transformers 5 scale uMT5 even where its
    // file says that it is not tied, unlike the versions with which it was published.
    scaleDecoderOutputs: json.model_type !== 'mt5' && (json.scale_decoder_outputs ?? json.tie_word_embeddings),
    tieWordEmbeddings: json.tie_word_embeddings,
  }
  const { relativeAttentionNumBuckets: count, relativeAttentionMaxDistance: maxDistance } = config
  for (const bidirectional of [true, false]) {
    const { single } = bucketSizes({ count, bidirectional })
    if (single < 1) throw place('relative_attention_num_buckets must be at least 4', `${count}`)
    if (maxDistance <= single) {
      throw place(`relative_attention_max_distance must be greater than ${single}, with ${count} buckets`, `${maxDistance}`)
    }
  }
  return config
}

/** `relu`, `gated-gelu`, …; the gelu of a gated network is the one by tanh. */
function feedForwardOf(name: string, place: (rule: string, got: string) => LoquentError) {
  const isGatedAct = name.startsWith('gated-')
  const plain = isGatedAct ? name.slice('gated-'.length) : name
  const denseActFn = name === 'gated-gelu' ? 'gelu_new' : activationNames.find((known) => known === plain)
  if (denseActFn) return { isGatedAct, denseActFn }
  throw place(`feed_forward_proj is one of ${activationNames.join(', ')}, or one of these after gated-`, JSON.stringify(name))
}

const nameOfFeedForward = (isGated: boolean, activation: Activation): string =>
  isGated ? `gated-${activation === 'gelu_new' ? 'gelu' : activation}` : activation

const toJson = (config: T5Config) => ({
  vocab_size: config.vocabSize,
  d_model: config.dModel,
  d_kv: config.dKv,
  d_ff: config.dFf,
  num_layers: config.numLayers,
  num_decoder_layers: config.numDecoderLayers,
  num_heads: config.numHeads,
  relative_attention_num_buckets: config.relativeAttentionNumBuckets,
  relative_attention_max_distance: config.relativeAttentionMaxDistance,
  dropout_rate: config.dropoutRate,
  layer_norm_epsilon: config.layerNormEpsilon,
  feed_forward_proj: nameOfFeedForward(config.isGatedAct, config.denseActFn),
  tie_word_embeddings: config.modelType === 'umt5' ? config.scaleDecoderOutputs : config.tieWordEmbeddings,
  ...(config.modelType === 't5' && { scale_decoder_outputs: config.scaleDecoderOutputs }),
})

/** Which of a layer's sublayers a part stands in; the feed-forward network is the last, behind cross-attention in the decoder. */
const SUBLAYERS = { attn: 'SelfAttention', cross: 'EncDecAttention', mlp: 'DenseReluDense' }
const LEAVES: Record<string, string> = { bias: 'relative_attention_bias', up: 'wi', gate: 'wi_0', linear: 'wi_1', down: 'wo' }

const HEAD = 'lm_head.weight'

function nameOf(path: string): string {
  if (path === 'embed') return 'shared.weight'
  if (path === 'head') return HEAD
  const [stack, , layer, part, leaf] = path.split('.')
  if (layer === 'gain') return `${stack}.final_layer_norm.weight`
  const kind = part.replace('Norm', '') as keyof typeof SUBLAYERS
  const at = { attn: 0, cross: 1, mlp: stack === 'encoder' ? 1 : 2 }[kind]
  const place = `${stack}.block.${layer}.layer.${at}`
  return part === kind ? `${place}.${SUBLAYERS[kind]}.${LEAVES[leaf] ?? leaf}.weight` : `${place}.layer_norm.weight`
}

const otherNames = (path: string): readonly string[] =>
  path === 'embed' ? ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'] : []

/** The embedding once more, and a table that the first files carry and no T5 looks at. */
const isSpare = (name: string): boolean =>
  /^(encoder|decoder)\.embed_tokens\.weight$/.test(name) ||
  name === 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight'

const architecture = (modelType: T5Type, className: string): Seq2SeqArchitecture<T5Config, Json> => ({
  modelType,
  className,
  prefix: '',
  schema: schemaOf(modelType),
  fromJson,
  // transformers 5 write a head of its own beside a config.json that says it is tied, and 4 the other way round.
  inFile: (config, has) => ({ ...config, tieWordEmbeddings: !has(HEAD) }),
  toJson,
  model: t5Seq2Seq,
  nameOf,
  otherNames,
  copies: otherNames,
  isSpare,
  assumed: { eos_token_id: 1, ...(modelType !== 't5' && { decoder_start_token_id: 0 }) },
})

/** One model file reads them all. */
export const t5Architectures: readonly Seq2SeqArchitecture<T5Config, Json>[] = [
  architecture('t5', 'T5ForConditionalGeneration'),
  architecture('mt5', 'MT5ForConditionalGeneration'),
  architecture('umt5', 'UMT5ForConditionalGeneration'),
]
