import type { Activation } from '../../nn/activations.ts'

/** mT5 never scales its outputs; uMT5 has a table of relative positions in each layer. */
export type T5Type = 't5' | 'mt5' | 'umt5'

/** Sizes of a T5, as in its config.json. */
export type T5Config = {
  modelType: T5Type
  vocabSize: number
  dModel: number
  /** Size of a head; dModel need not be a multiple of it. */
  dKv: number
  dFf: number
  numLayers: number
  numDecoderLayers: number
  numHeads: number
  relativeAttentionNumBuckets: number
  relativeAttentionMaxDistance: number
  dropoutRate: number
  layerNormEpsilon: number
  /** The activation of the feed-forward network, and whether a second projection is multiplied with it (Shazeer 2020). */
  denseActFn: Activation
  isGatedAct: boolean
  /** Whether what the head sees is multiplied by dModel^−½, as in the first T5 and in uMT5. */
  scaleDecoderOutputs: boolean
  tieWordEmbeddings: boolean
}
