/** Sizes of a recurrent language model. */
export type RnnLmConfig = {
  vocabSize: number
  hiddenSize: number
  numLayers: number
  /** Dropout of the embedding and of each layer's output while training. */
  dropout: number
  /** Tokens that it was trained to look back on; it reads longer texts too. */
  contextLength: number
}
