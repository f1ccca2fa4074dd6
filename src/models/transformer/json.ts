/** The config.json of Marian, Pegasus, BART, mBART and M2M-100, with what transformers assume where a key is missing. */
import { z } from 'zod'
import type { LoquentError } from '../../errors.ts'
import { activationNames } from '../../nn/activations.ts'
import { size } from '../causal-architecture.ts'
import { contradiction, firstPosition, type TransformerConfig, type TransformerType } from './config.ts'

const layers = z.number().int().min(1).max(10_000)
const probability = z.number().min(0).lt(1)
const id = z.number().int().min(0)

/** What transformers assume, where not all of the family agree. */
const DEFAULTS: Record<
  TransformerType,
  {
    vocab_size: number
    activation_function: 'gelu' | 'relu'
    attention_dropout: number
    scale_embedding: boolean
    pad_token_id: number
  }
> = {
  marian: { vocab_size: 58101, activation_function: 'gelu', attention_dropout: 0, scale_embedding: false, pad_token_id: 58100 },
  pegasus: { vocab_size: 50265, activation_function: 'gelu', attention_dropout: 0, scale_embedding: false, pad_token_id: 0 },
  bart: { vocab_size: 50265, activation_function: 'gelu', attention_dropout: 0, scale_embedding: false, pad_token_id: 1 },
  mbart: { vocab_size: 50265, activation_function: 'gelu', attention_dropout: 0, scale_embedding: false, pad_token_id: 1 },
  m2m_100: { vocab_size: 128112, activation_function: 'relu', attention_dropout: 0.1, scale_embedding: true, pad_token_id: 1 },
}

export function transformerSchema(modelType: TransformerType) {
  const otherwise = DEFAULTS[modelType]
  return z.object({
    model_type: z.literal(modelType),
    vocab_size: size.default(otherwise.vocab_size),
    decoder_vocab_size: size.nullish(),
    max_position_embeddings: size.default(1024),
    d_model: size.default(1024),
    encoder_layers: layers.default(12),
    encoder_attention_heads: size.default(16),
    encoder_ffn_dim: size.default(4096),
    decoder_layers: layers.default(12),
    decoder_attention_heads: size.default(16),
    decoder_ffn_dim: size.default(4096),
    activation_function: z.enum(activationNames).default(otherwise.activation_function),
    dropout: probability.default(0.1),
    attention_dropout: probability.default(otherwise.attention_dropout),
    activation_dropout: probability.default(0),
    scale_embedding: z.boolean().default(otherwise.scale_embedding),
    share_encoder_decoder_embeddings: z.boolean().default(true),
    tie_word_embeddings: z.boolean().default(true),
    pad_token_id: id.nullable().default(otherwise.pad_token_id),
  })
}

export type TransformerJson = z.infer<ReturnType<typeof transformerSchema>>

export function configFromJson(
  modelType: TransformerType,
  json: TransformerJson,
  place: (rule: string, got: string) => LoquentError,
): TransformerConfig {
  const isShared = modelType !== 'marian' || json.share_encoder_decoder_embeddings // one table, whatever else is said
  const { pad_token_id: pad } = json
  if (modelType === 'm2m_100' && (pad === null || pad >= json.vocab_size)) {
    throw place(
      'pad_token_id must be an id of the vocabulary: positions are counted from it',
      `${pad} beside ${json.vocab_size} tokens`,
    )
  }
  const config: TransformerConfig = {
    modelType,
    vocabSize: json.vocab_size,
    decoderVocabSize: (!isShared && json.decoder_vocab_size) || json.vocab_size,
    dModel: json.d_model,
    encoderLayers: json.encoder_layers,
    encoderAttentionHeads: json.encoder_attention_heads,
    encoderFfnDim: json.encoder_ffn_dim,
    decoderLayers: json.decoder_layers,
    decoderAttentionHeads: json.decoder_attention_heads,
    decoderFfnDim: json.decoder_ffn_dim,
    maxPositionEmbeddings: json.max_position_embeddings,
    positionOffset: firstPosition(modelType, pad ?? undefined),
    activationFunction: json.activation_function,
    dropout: json.dropout,
    attentionDropout: json.attention_dropout,
    activationDropout: json.activation_dropout,
    scaleEmbedding: json.scale_embedding,
    shareEncoderDecoderEmbeddings: isShared,
    tieWordEmbeddings: json.tie_word_embeddings,
  }
  const wrong = contradiction(config)
  if (wrong) throw place(wrong.rule, wrong.got)
  return config
}

export const configToJson = (config: TransformerConfig) => ({
  vocab_size: config.vocabSize,
  ...(config.modelType === 'marian' && {
    decoder_vocab_size: config.decoderVocabSize,
    share_encoder_decoder_embeddings: config.shareEncoderDecoderEmbeddings,
  }),
  ...(config.modelType === 'm2m_100' && {
    pad_token_id: config.positionOffset - 1,
    encoder_layerdrop: 0, // transformers assume more
    decoder_layerdrop: 0,
  }),
  d_model: config.dModel,
  encoder_layers: config.encoderLayers,
  encoder_attention_heads: config.encoderAttentionHeads,
  encoder_ffn_dim: config.encoderFfnDim,
  decoder_layers: config.decoderLayers,
  decoder_attention_heads: config.decoderAttentionHeads,
  decoder_ffn_dim: config.decoderFfnDim,
  num_hidden_layers: config.encoderLayers,
  max_position_embeddings: config.maxPositionEmbeddings,
  activation_function: config.activationFunction,
  dropout: config.dropout,
  attention_dropout: config.attentionDropout,
  activation_dropout: config.activationDropout,
  scale_embedding: config.scaleEmbedding,
  tie_word_embeddings: config.tieWordEmbeddings,
  is_encoder_decoder: true,
})
