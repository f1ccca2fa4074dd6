/** Sizes of a Llama, as in its config.json. */
export type LlamaConfig = {
  vocabSize: number
  hiddenSize: number
  intermediateSize: number
  numHiddenLayers: number
  numAttentionHeads: number
  numKeyValueHeads: number
  headDim: number
  maxPositionEmbeddings: number
  rmsNormEps: number
  ropeTheta: number
  ropeScaling: RopeScaling
  tieWordEmbeddings: boolean
  attentionBias: boolean
  mlpBias: boolean
  /** Dropout of the embedding and of each sublayer's output while training; not a key that transformers knows. */
  residPdrop: number
}

/** How rotary frequencies are stretched for contexts longer than those of the first training. */
export type RopeScaling =
  | { ropeType: 'default' }
  | { ropeType: 'linear'; factor: number }
  | {
      ropeType: 'llama3'
      factor: number
      lowFreqFactor: number
      highFreqFactor: number
      originalMaxPositionEmbeddings: number
    }

/** The sizes that have to be said; the rest follows, as in the first Llama. */
export function llamaConfig(
  sizes: Pick<LlamaConfig, 'vocabSize' | 'hiddenSize' | 'numHiddenLayers' | 'numAttentionHeads' | 'maxPositionEmbeddings'> &
    Partial<LlamaConfig>,
): LlamaConfig {
  return {
    intermediateSize: 32 * Math.ceil((8 * sizes.hiddenSize) / 3 / 32), // as many parameters as 4 C in two matrices
    numKeyValueHeads: sizes.numAttentionHeads,
    headDim: sizes.hiddenSize / sizes.numAttentionHeads,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    ropeScaling: { ropeType: 'default' },
    tieWordEmbeddings: true,
    attentionBias: false,
    mlpBias: false,
    residPdrop: 0,
    ...sizes,
  }
}
