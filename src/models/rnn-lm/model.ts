/**
 * A recurrent language model, the whole architecture in one file: LSTM layers over token embeddings, whose matrix is also the output
 * layer.
 *
 * Hochreiter & Schmidhuber 1997; Mikolov et al. 2010; tied embeddings: Press & Wolf 2017.
 *
 * Axes: B batch · T tokens · C channels · V vocabulary
 */
import { dropout, embedding, type LstmState, linear, lstm, lstmSpec } from '../../nn/index.ts'
import { addDims } from '../../tensor/dims.ts'
import { normal, type ParamsOf, param, type Tensor, zeroInit } from '../../tensor/index.ts'
import type { CausalLm, Pass } from '../causal-lm.ts'
import type { RnnLmConfig } from './config.ts'

/** Shape and initialiser of every parameter. */
export const rnnLmSpec = ({ vocabSize: V, hiddenSize: C, numLayers }: RnnLmConfig) => ({
  embed: param([V, C], normal(0.1)),
  layers: Array.from({ length: numLayers }, () => lstmSpec(C, C)),
  bias: param([V], zeroInit),
})

export type RnnLm = ParamsOf<ReturnType<typeof rnnLmSpec>>

/**
 * Next-token logits, and the state of each layer after the last token.
 *
 * @param ids  i32 [B, T]
 * @param states  of each layer before the first token; zeros by default
 */
export function rnnLm(
  p: RnnLm,
  ids: Tensor<'B T'>,
  { dropout: rate }: RnnLmConfig,
  { rng, last, states }: Pick<Pass, 'rng' | 'last'> & { states?: readonly LstmState[] } = {},
): { logits: Tensor<'B T V'>; states: LstmState[] } {
  let x: Tensor = dropout(embedding(p.embed, ids), rate, rng)
  const after: LstmState[] = []
  for (const [i, layer] of p.layers.entries()) {
    const { y, state } = lstm(layer, x, { initial: states?.[i] })
    after.push(state)
    x = dropout(y, rate, rng)
  }
  const [, T] = ids.dims(2)
  if (last) x = x.slice(1, addDims(T, -1), T)
  return { logits: linear({ weight: p.embed, bias: p.bias }, x, { transposeWeight: true }), states: after }
}

export const rnnLmOf = (config: RnnLmConfig): CausalLm<ReturnType<typeof rnnLmSpec>> => ({
  modelType: 'loquent-rnn-lm',
  vocabSize: config.vocabSize,
  contextLength: config.contextLength,
  spec: rnnLmSpec(config),
  forward: (p: RnnLm, ids, pass) => ({ logits: rnnLm(p, ids, config, pass).logits, present: [] }),
})
