import { ConfigError } from '../../errors.ts'
import type { Activation } from '../../nn/activations.ts'

/** What tells the members of the family apart. */
type Design = {
  /** Layer normalisation after each residual addition (Vaswani et al. 2017), or before each sublayer and at the end of both stacks. */
  norm: 'post' | 'pre'
  positions: 'learned' | 'sinusoidal'
  /** The embeddings are normalised before the first layer. */
  embeddingNorm: boolean
  /** A bias is added to the logits. */
  logitsBias: boolean
  /**
   * Wavelengths go from 2π to 10000 · 2π and include the end, as in tensor2tensor; otherwise they stop short of it, as the paper
   * has it (§3.5).
   */
  wholeWave?: boolean
}

/** A `model_type`. */
export type TransformerType = 'marian' | 'pegasus' | 'bart' | 'mbart' | 'm2m_100'

/** How the Transformer of each `model_type` is built. */
export const designs: Readonly<Record<TransformerType, Design>> = {
  marian: { norm: 'post', positions: 'sinusoidal', embeddingNorm: false, logitsBias: true },
  pegasus: { norm: 'pre', positions: 'sinusoidal', embeddingNorm: false, logitsBias: true },
  bart: { norm: 'post', positions: 'learned', embeddingNorm: true, logitsBias: true },
  mbart: { norm: 'pre', positions: 'learned', embeddingNorm: true, logitsBias: true },
  m2m_100: { norm: 'pre', positions: 'sinusoidal', embeddingNorm: false, logitsBias: false, wholeWave: true },
}

/** Sizes of a Transformer with an encoder and a decoder, as in its config.json. */
export type TransformerConfig = {
  /** Which member of the family it is, and so how it is built and what class of transformers loads it. */
  modelType: TransformerType
  /** Tokens of sources and, unless `decoderVocabSize` differs, of targets. */
  vocabSize: number
  decoderVocabSize: number
  dModel: number
  encoderLayers: number
  encoderAttentionHeads: number
  encoderFfnDim: number
  decoderLayers: number
  decoderAttentionHeads: number
  decoderFfnDim: number
  maxPositionEmbeddings: number
  /** The first token's position: rows of the position table before it are unused. */
  positionOffset: number
  activationFunction: Activation
  /** Of the embeddings and of each sublayer's output, of the attention weights, and inside the feed-forward network. */
  dropout: number
  attentionDropout: number
  activationDropout: number
  /** Embeddings are multiplied by √C. */
  scaleEmbedding: boolean
  /** One table for sources and targets. */
  shareEncoderDecoderEmbeddings: boolean
  /** The output layer is the targets' embedding. Without it transformers share no embedding at all. */
  tieWordEmbeddings: boolean
}

/**
 * The sizes that have to be said; the rest is as in the paper: C/64 heads, four times as wide in the feed-forward network, dropout
 * 0.1, sinusoidal positions, and one table of embeddings for sources, targets and the output.
 *
 * @throws ConfigError for sizes that contradict each other
 */
export function transformerConfig(
  sizes: Pick<TransformerConfig, 'vocabSize' | 'dModel' | 'encoderLayers' | 'maxPositionEmbeddings'> & Partial<TransformerConfig>,
): TransformerConfig {
  const heads = sizes.encoderAttentionHeads ?? Math.max(1, Math.round(sizes.dModel / 64))
  const width = sizes.encoderFfnDim ?? 4 * sizes.dModel
  const modelType = sizes.modelType ?? 'marian'
  const config: TransformerConfig = {
    modelType,
    decoderVocabSize: sizes.vocabSize,
    encoderAttentionHeads: heads,
    encoderFfnDim: width,
    decoderLayers: sizes.encoderLayers,
    decoderAttentionHeads: heads,
    decoderFfnDim: width,
    positionOffset: firstPosition(modelType),
    activationFunction: 'relu',
    dropout: 0.1,
    attentionDropout: 0,
    activationDropout: 0,
    scaleEmbedding: true,
    shareEncoderDecoderEmbeddings: sizes.decoderVocabSize === undefined || sizes.decoderVocabSize === sizes.vocabSize,
    tieWordEmbeddings: true,
    ...sizes,
  }
  const wrong = contradiction(config)
  if (wrong) throw new ConfigError({ place: 'transformer config', ...wrong })
  return config
}

/** Two rows of a learned table were meant for padding; M2M-100 counts from behind the id of its padding, which it keeps at 1. */
export const firstPosition = (modelType: TransformerType, pad = 1): number =>
  modelType === 'm2m_100' ? pad + 1 : designs[modelType].positions === 'learned' ? 2 : 0

/** The first rule that the sizes break, in the words of config.json. */
export function contradiction(config: TransformerConfig): { rule: string; got: string } | undefined {
  const { dModel: C, modelType } = config
  const separate = modelType === 'marian' && !config.shareEncoderDecoderEmbeddings
  const rules: [holds: boolean, rule: string, got: string][] = [
    [
      config.encoderLayers > 0 && config.decoderLayers > 0,
      'encoder_layers and decoder_layers must be above 0',
      `${config.encoderLayers}, ${config.decoderLayers}`,
    ],
    [
      C % config.encoderAttentionHeads === 0,
      'd_model must be a multiple of encoder_attention_heads',
      `${C}, ${config.encoderAttentionHeads}`,
    ],
    [
      C % config.decoderAttentionHeads === 0,
      'd_model must be a multiple of decoder_attention_heads',
      `${C}, ${config.decoderAttentionHeads}`,
    ],
    [
      designs[modelType].positions === 'learned' || (C % 2 === 0 && C > 2),
      'd_model must be an even number above 2 for sines and cosines',
      `${C}`,
    ],
    [
      separate || config.decoderVocabSize === config.vocabSize,
      'decoder_vocab_size may differ from vocab_size only in a marian whose share_encoder_decoder_embeddings is false',
      `${config.decoderVocabSize}, ${config.vocabSize} in a ${modelType}`,
    ],
    [
      config.shareEncoderDecoderEmbeddings || modelType === 'marian' || !config.tieWordEmbeddings,
      'only a marian may have separate embeddings and a tied output layer',
      modelType,
    ],
  ]
  const broken = rules.find(([holds]) => !holds)
  return broken && { rule: broken[1], got: broken[2] }
}
