import type { Activation } from '../../nn/activations.ts'

/** Sizes of a GPT-2, as in its config.json. */
export type Gpt2Config = {
  vocabSize: number
  nPositions: number
  nEmbd: number
  nLayer: number
  nHead: number
  /** Width of the feed-forward network. */
  nInner: number
  activationFunction: Activation
  layerNormEpsilon: number
  embdPdrop: number
  residPdrop: number
  /** The output layer is the token embedding. */
  tieWordEmbeddings: boolean
  /** Attention is not scaled by 1/√D where this is false. */
  scaleAttnWeights: boolean
  /** Attention of layer i is also divided by i + 1. */
  scaleAttnByInverseLayerIdx: boolean
}

/** The sizes that have to be said; the rest is as in GPT-2 small, but without dropout. */
export function gpt2Config(
  sizes: Pick<Gpt2Config, 'vocabSize' | 'nPositions' | 'nEmbd' | 'nLayer' | 'nHead'> & Partial<Gpt2Config>,
): Gpt2Config {
  return {
    nInner: 4 * sizes.nEmbd,
    activationFunction: 'gelu_new',
    layerNormEpsilon: 1e-5,
    embdPdrop: 0,
    residPdrop: 0,
    tieWordEmbeddings: true,
    scaleAttnWeights: true,
    scaleAttnByInverseLayerIdx: false,
    ...sizes,
  }
}
