/**
 * The recurrent encoder–decoder, the whole architecture in one file but for the cell that attends (attentive-cell.ts).
 *
 * Sutskever, Vinyals & Le 2014: the encoder's last states begin the decoder. Cho et al. 2014: each of the decoder's steps is given the
 * source's embedding. Bahdanau, Cho & Bengio 2015: the encoder reads both ways, and the decoder looks at all of its states before
 * each step. Luong, Pham & Manning 2015: it looks after each step, by a product. Tied embeddings: Press & Wolf 2017.
 *
 * Axes: B sources · R = B · N targets, N of each source · S source tokens · T tokens · E embedding · H hidden · V vocabulary
 */
import { internal } from '../../errors.ts'
import { crossAttention } from '../../nn/cross-attention.ts'
import { dropout, embedding, linear, recurrentStack, recurrentStackSpec } from '../../nn/index.ts'
import { isTensor } from '../../tensor/autodiff.ts'
import { addDims, type Dim, divideDims } from '../../tensor/dims.ts'
import { concat, normal, type ParamsOf, param, scan, type Tensor, uniform, zeroInit } from '../../tensor/index.ts'
import { uniform as uniformDraws } from '../../tensor/tensor.ts'
import { mapTree } from '../../tensor/tree.ts'
import type { Decoded, DecodePass, EncodePass, Seq2Seq } from '../seq2seq.ts'
import { attentiveCell, attentiveCellSpec, type CellState, hiddenOf, type Memory } from './attentive-cell.ts'
import type { RnnConfig } from './config.ts'

/** Shape and initialiser of every parameter. Weights are [out, in], gates as PyTorch has them. */
export function rnnSpec(config: RnnConfig) {
  const { sourceVocabSize, vocabSize: V, embeddingSize: E, hiddenSize: H, numLayers, cell, attention } = config
  const dense = (nOut: number, nIn: number) => ({
    weight: param([nOut, nIn], uniform(1 / Math.sqrt(nIn))),
    bias: param([nOut], zeroInit),
  })
  const table = (size: number) => param([size, E], normal(0.1))
  const directions = config.bidirectional ? 2 : 1
  const encoder = { cell, inputSize: E, hiddenSize: H / directions, layers: numLayers, bidirectional: config.bidirectional }
  const attends = attention === 'additive' // in its first layer
  const decoder = {
    cell,
    inputSize: attends ? H : config.contextInput ? E + H : E,
    hiddenSize: H,
    layers: attends ? numLayers - 1 : numLayers,
    bidirectional: false,
  }
  const bridge = () => ({ h: dense(H, H), ...(cell === 'lstm' && { c: dense(H, H) }) })
  return {
    embed: table(V),
    ...(!config.shareEmbeddings && { sourceEmbed: table(sourceVocabSize) }),
    encoder: recurrentStackSpec(encoder),
    ...(config.bidirectional && { bridges: Array.from({ length: numLayers }, bridge) }),
    ...((attention === 'additive' || attention === 'general') && { keys: { weight: dense(H, H).weight } }),
    ...(attends && { attentive: attentiveCellSpec(config) }),
    decoder: recurrentStackSpec(decoder),
    readout: dense(E, readoutSize(config)),
    head: { ...(!config.tieOutput && { weight: table(V) }), bias: param([V], zeroInit) },
  }
}

/** What the output is read from: the state, what the step saw of the source, and in additive attention the token before. */
const readoutSize = ({ attention, contextInput, embeddingSize: E, hiddenSize: H }: RnnConfig): number =>
  attention === 'none' ? (contextInput ? 2 * H : H) : attention === 'additive' ? 2 * H + E : 2 * H

export type Rnn = ParamsOf<ReturnType<typeof rnnSpec>>

/** A source that has been read: the decoder's first state of each layer, and with attention a row for each of its tokens. */
export type RnnSource = { initial: CellState[]; memory?: Memory }

/**
 * Reads sources.
 *
 * @param ids  i32 [B, S]
 * @param mask  bool [B, S], true where a token is real
 */
export function rnnEncode(
  p: Rnn,
  ids: Tensor<'B S'>,
  mask: Tensor<'B S'>,
  config: RnnConfig,
  { rng }: EncodePass = {},
): RnnSource {
  const { cell, dropout: rate, attention } = config
  const x = dropout(embedding(p.sourceEmbed ?? p.embed, ids), rate, rng)
  const { y, states } = recurrentStack(p.encoder, x, { cell, mask: mask as Tensor, dropout: rate, rng })
  const values: Tensor = y // [B, S, H], 0 where nothing is
  const initial = p.bridges ? p.bridges.map((bridge, i) => bridged(bridge, states[2 * i], states[2 * i + 1])) : states
  if (attention === 'none') return { initial }
  return { initial, memory: { values, keys: p.keys ? linear(p.keys, values, OUT_IN) : values } }
}

const OUT_IN = { transposeWeight: true }

type Bridge = NonNullable<Rnn['bridges']>[number]

/** The decoder's first state from the last ones of both directions. h is a cell's output, so it is squashed; c is not. */
function bridged(p: Bridge, forwards: CellState, backwards: CellState): CellState {
  const h = linear(p.h, hiddenOf(forwards).concat([hiddenOf(backwards)], 1), OUT_IN).tanh()
  if (!('c' in forwards && 'c' in backwards && p.c)) return h
  return { h, c: linear(p.c, forwards.c.concat([backwards.c], 1), OUT_IN) }
}

/**
 * Logits of the token after each of `ids`, and the state of each layer after the last.
 *
 * @param ids  i32 [R, T]
 * @param mask  bool [B, S], the source's
 */
export function rnnDecode(
  p: Rnn,
  ids: Tensor<'R T'>,
  source: RnnSource,
  mask: Tensor<'B S'>,
  config: RnnConfig,
  pass: DecodePass<CellState[]> = {},
): Decoded<CellState[]> {
  const { rng, last, teacherForcing } = pass
  const [, T] = ids.dims(2)
  const tokens = teacherForcing ? mixedTokens(p, ids, source, mask, config, { ...pass, teacherForcing }) : ids
  const { read, state } = readTarget(p, tokens, source, mask, config, pass)
  const x = concat(last ? read.map((part) => part.slice(1, addDims(T, -1), T)) : read, 2)
  const readout = dropout(linear(p.readout, x, OUT_IN).tanh(), config.dropout, rng) // [R, T, E]
  return { logits: linear({ weight: p.head.weight ?? p.embed, bias: p.head.bias }, readout, OUT_IN), state }
}

/** The recurrence over a target's tokens: what the output is read from at each step, and the states after the last. */
function readTarget(
  p: Rnn,
  ids: Tensor<'R T'>,
  source: RnnSource,
  mask: Tensor<'B S'>,
  config: RnnConfig,
  { rng, state }: DecodePass<CellState[]>,
): { read: Tensor<'R T C'>[]; state: CellState[] } {
  const { cell, dropout: rate, attention, contextInput } = config
  const [R, T] = ids.dims(2)
  const x = dropout(embedding(p.embed, ids), rate, rng)
  const before = state ?? source.initial.map((layer) => mapTree(layer, isTensor, (h) => forEachTarget(h, R)) as CellState)
  const above = (below: Tensor, initial: CellState[]) => recurrentStack(p.decoder, below, { cell, initial, dropout: rate, rng })
  if (attention === 'additive') {
    const first = attentiveCell(p.attentive!, x, source.memory!, mask, { cell, initial: before[0] })
    const { y, states } = above(p.decoder.length > 0 ? dropout(first.y, rate, rng) : first.y, before.slice(1))
    return { read: [y, first.context, x], state: [first.state, ...states] }
  }
  if (attention === 'none') {
    const embedded = forEachTarget(hiddenOf(source.initial.at(-1)!), R).unsqueeze(1) // [R, 1, H]
    const context = contextInput ? [embedded.broadcastTo([R, T, embedded.shape[2]])] : []
    const { y, states } = above(x.concat(context, 2), before)
    return { read: [y, ...context], state: states }
  }
  const { y, states } = above(x, before)
  const { keys, values } = mapTree(source.memory!, isTensor, (rows) => rows.unsqueeze(1)) // one head
  const context = crossAttention(y.unsqueeze(1), { k: keys, v: values }, mask, { scale: 1, tap: 'crossAttention' })
  return { read: [y, context.reshape(y.shape)], state: states }
}

/** A row of each source, [B, H], for each of its targets: [R, H]. */
function forEachTarget(x: Tensor<'B H'>, R: Dim): Tensor<'R H'> {
  const [B, H] = x.dims(2)
  return x
    .unsqueeze(1)
    .broadcastTo([B, divideDims(R, B)!, H])
    .reshape([R, H])
}

/**
 * The tokens that a decoder reads while it is weaned of the given ones: after the first, each is the given one with probability
 * `teacherForcing`, otherwise the decoder's own choice, the arg max after the tokens before. It chooses as it will when it is used,
 * without dropout; no gradient flows through the choice.
 *
 * Scheduled sampling: Bengio et al. 2015, §2.4.
 */
function mixedTokens(
  p: Rnn,
  ids: Tensor<'R T'>,
  source: RnnSource,
  mask: Tensor<'B S'>,
  config: RnnConfig,
  { state, teacherForcing, rng }: DecodePass<CellState[]> & { teacherForcing: Tensor },
): Tensor<'R T'> {
  if (!rng) throw internal('scheduled sampling draws which tokens are given, and needs rng')
  const [R, T] = ids.dims(2)
  const [frozen, seen] = mapTree([p, source] as const, isTensor, (x) => x.stopGradient()) as unknown as [Rnn, RnnSource]
  const start = state ?? seen.initial.map((layer) => mapTree(layer, isTensor, (h) => forEachTarget(h, R)) as CellState)
  type Carry = { state: CellState[]; choice: Tensor }
  const step = ({ state, choice }: Carry, { given, isGiven }: { given: Tensor; isGiven: Tensor }) => {
    const token = isGiven.where(given, choice)
    const { logits, state: next } = rnnDecode(frozen, token.unsqueeze(1), seen, mask, config, { state })
    return { carry: { state: next, choice: logits.argmax().reshape([R]) }, y: token }
  }
  const isGiven = uniformDraws(rng.seed, [T, R], rng.salt()).less(teacherForcing)
  const choice = ids.slice(1, 0, 1).reshape([R]) // before there is a choice: the first token is the given one
  return scan(step, { state: start, choice }, { given: ids.transpose(), isGiven }).ys.transpose()
}

/** Its parameters hold no length: sources and targets may be of any. */
export const rnnSeq2Seq = (config: RnnConfig): Seq2Seq<ReturnType<typeof rnnSpec>, RnnSource, CellState[]> => ({
  modelType: 'loquent-rnn',
  sourceVocabSize: config.sourceVocabSize,
  vocabSize: config.vocabSize,
  maxSourceLength: Number.POSITIVE_INFINITY,
  maxTargetLength: Number.POSITIVE_INFINITY,
  spec: rnnSpec(config),
  encode: (p: Rnn, ids, mask, pass) => rnnEncode(p, ids, mask, config, pass),
  decode: (p: Rnn, ids, source, mask, pass) => rnnDecode(p, ids, source, mask, config, pass),
})
