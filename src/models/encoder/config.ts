/** Sizes of an encoder, as in its config.json. */
export type EncoderConfig = {
  vocabSize: number
  /** Tokens that a text may have; longer ones are cut, and the answer says so. */
  maxPositions: number
  numLayers: number
  numHeads: number
  hiddenSize: number
  /** Share of activations set to zero while training. */
  dropout: number
  labels: readonly string[]
}
