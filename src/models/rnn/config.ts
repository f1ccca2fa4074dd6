/** Sizes of a recurrent encoder–decoder. */
export type RnnConfig = {
  sourceVocabSize: number
  vocabSize: number
  embeddingSize: number
  /** Width of the decoder's states, and of what the encoder keeps of a token: where it reads both ways, half of it each way. */
  hiddenSize: number
  /** Layers of the encoder, and of the decoder. */
  numLayers: number
  cell: 'lstm' | 'gru'
  /** Whether the encoder reads the source from both ends. */
  bidirectional: boolean
  /** How the decoder looks at the source: not at all, as in Bahdanau et al. 2015 (additive), or as in Luong et al. 2015. */
  attention: 'none' | 'additive' | 'dot' | 'general'
  /** Without attention: each step is given the source's embedding (Cho et al. 2014), not the first alone (Sutskever et al. 2014). */
  contextInput: boolean
  /** Dropout of embeddings, between layers and of what the output layer reads, while training. */
  dropout: number
  /** One table embeds the tokens of sources and targets. */
  shareEmbeddings: boolean
  /** The table that embeds the target's tokens is the output layer too. */
  tieOutput: boolean
}

/** The sizes that have to be said; the rest follows. */
export function rnnConfig(
  sizes: Pick<RnnConfig, 'sourceVocabSize' | 'vocabSize' | 'hiddenSize'> & Partial<RnnConfig>,
): RnnConfig {
  const attention = sizes.attention ?? 'additive'
  return {
    embeddingSize: sizes.hiddenSize,
    numLayers: 1,
    cell: 'gru',
    bidirectional: true,
    attention,
    contextInput: attention === 'none',
    dropout: 0,
    shareEmbeddings: false,
    tieOutput: true,
    ...sizes,
  }
}
