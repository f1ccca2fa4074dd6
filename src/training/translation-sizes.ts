/** Sizes of translation models: of the Transformer by name, of the recurrent ones so that they have as many parameters. */
import { ConfigError } from '../errors.ts'
import { type RnnConfig, rnnConfig } from '../models/rnn/config.ts'
import { rnnSeq2Seq } from '../models/rnn/model.ts'
import { rnnArchitecture } from '../models/rnn/weights.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { Seq2SeqArchitecture } from '../models/seq2seq-architecture.ts'
import { firstPosition, transformerConfig } from '../models/transformer/config.ts'
import { transformerSeq2Seq } from '../models/transformer/model.ts'
import { m2m100Architecture } from '../models/transformer/weights.ts'
import { countParams } from '../tensor/index.ts'
import type { Seq2SeqTrainingOptions } from './train-seq2seq.ts'

export type TranslationKind = 'rnn' | 'rnn-attention' | 'transformer'

/** Layers of the encoder, and of the decoder; width of embeddings, and in the Transformer of everything but its feed-forward networks. */
export type TranslationSize = { layers: number; width: number; heads: number; feedForward: number }

/** Sizes from minutes on a laptop to the base model of Vaswani et al. 2017. */
export const translationPresets = {
  tiny: { layers: 2, width: 64, heads: 4, feedForward: 256, training: { batchTokens: 1024, learningRate: 3e-3, steps: 1500 } },
  small: {
    layers: 4,
    width: 128,
    heads: 4,
    feedForward: 256,
    training: { batchTokens: 2048, learningRate: 2e-3, steps: 10_000 },
  },
  medium: {
    layers: 4,
    width: 256,
    heads: 4,
    feedForward: 1024,
    training: { batchTokens: 4096, learningRate: 1e-3, steps: 20_000 },
  },
  base: {
    layers: 6,
    width: 512,
    heads: 8,
    feedForward: 2048,
    training: { batchTokens: 8192, learningRate: 7e-4, steps: 50_000 },
  },
} as const satisfies Record<string, TranslationSize & { training: Partial<Seq2SeqTrainingOptions> }>

export type TranslationPreset = keyof typeof translationPresets

/**
 * A preset's sizes with some replaced; where only the width is, the feed-forward network keeps its proportion to it.
 *
 * @throws ConfigError for no layers, and for a width that the heads do not divide
 */
export function translationSize(preset: TranslationPreset, replaced: Partial<TranslationSize> = {}): TranslationSize {
  const { layers, width, heads, feedForward } = translationPresets[preset]
  const scaled = Math.round((feedForward * (replaced.width ?? width)) / width)
  const size = { layers, width, heads, feedForward: scaled, ...replaced }
  const positive = (n: number) => Number.isInteger(n) && n > 0
  if (!positive(size.layers)) throw new ConfigError({ place: 'layers', rule: 'must be above 0', got: `${size.layers}` })
  if (positive(size.width) && size.width % size.heads === 0) return size
  throw new ConfigError({
    place: 'width',
    rule: `must be a multiple of ${size.heads}, the heads of attention in the Transformer that all kinds are as large as`,
    got: `${size.width}`,
  })
}

export type Recurrence = { cell?: RnnConfig['cell']; attention?: 'additive' | 'dot' | 'general' }

export type Design = TranslationSize & Recurrence & { vocabSize: number; maxLength: number; dropout: number; pad: number }

export type DesignedModel = { architecture: Seq2SeqArchitecture<any>; config: any; model: Seq2Seq; parameters: number }

/** A model of the kind, with as many parameters as a Transformer of these sizes has. */
export function designModel(kind: TranslationKind, design: Design): DesignedModel {
  const config = transformerOf(design)
  const parameters = countParams(transformerSeq2Seq(config).spec)
  if (kind === 'transformer') return { architecture: m2m100Architecture, config, model: transformerSeq2Seq(config), parameters }
  const rnn = rnnOf(kind, design, parameters)
  const model = rnnSeq2Seq(rnn)
  return { architecture: rnnArchitecture, config: rnn, model, parameters: countParams(model.spec) }
}

/** Normalised before each sublayer (Xiong et al. 2020), which learns faster; so it is an M2M-100, whose positions begin behind the padding's. */
const transformerOf = ({ vocabSize, maxLength, layers, width, heads, feedForward, dropout, pad }: Design) =>
  transformerConfig({
    modelType: 'm2m_100',
    positionOffset: firstPosition('m2m_100', pad),
    vocabSize,
    dModel: width,
    encoderLayers: layers,
    encoderAttentionHeads: heads,
    encoderFfnDim: feedForward,
    maxPositionEmbeddings: maxLength,
    dropout,
  })

/** Deeper recurrent networks learn more slowly, without what makes deep Transformers learn. */
const RNN_LAYERS = 1

/** The width whose number of parameters comes closest, by halving: the number grows with the width. */
function rnnOf(kind: 'rnn' | 'rnn-attention', design: Design, parameters: number): RnnConfig {
  const { vocabSize, width, dropout, cell, attention = 'additive' } = design
  const configOf = (half: number) =>
    rnnConfig({
      sourceVocabSize: vocabSize,
      vocabSize,
      embeddingSize: width,
      hiddenSize: 2 * half,
      numLayers: RNN_LAYERS,
      attention: kind === 'rnn' ? 'none' : attention,
      shareEmbeddings: true,
      tieOutput: true,
      dropout,
      ...(cell && { cell }),
    })
  const excess = (half: number) => countParams(rnnSeq2Seq(configOf(half)).spec) - parameters
  let [low, high] = [1, 2]
  while (excess(high) < 0) [low, high] = [high, 2 * high]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (excess(middle) < 0) low = middle
    else high = middle
  }
  return configOf(Math.abs(excess(low)) < Math.abs(excess(high)) ? low : high)
}
