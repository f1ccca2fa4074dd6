/** The first layer of a decoder that looks at the source before each step, and whose step takes in what it saw. */
import { gruSpec, type LstmState, linear, lstmSpec, type Recurrent } from '../../nn/index.ts'
import { divideDims, mulDims } from '../../tensor/dims.ts'
import { type ParamsOf, param, scan, type Tensor, uniform } from '../../tensor/index.ts'
import type { RnnConfig } from './config.ts'

export type CellState = LstmState | Tensor

/** A cell with a third set of projections, of the context; the score's v and W, whose U is the encoder's `keys`. */
export function attentiveCellSpec({ embeddingSize: E, hiddenSize: H, cell }: RnnConfig) {
  const init = uniform(1 / Math.sqrt(H))
  const gates = cell === 'lstm' ? 4 : 3
  return {
    cell: (cell === 'lstm' ? lstmSpec : gruSpec)(E, H),
    context: { weight: param([gates * H, H], init) },
    query: { weight: param([H, H], init) },
    score: param([H, 1], init),
  }
}

export type AttentiveCell = ParamsOf<ReturnType<typeof attentiveCellSpec>>

/** What the encoder keeps for attention: a row for each token, and what it is found by. */
export type Memory = { values: Tensor<'B S H'>; keys: Tensor<'B S A'> }

/**
 * A recurrence with additive attention: before a step, α = softmax(vᵀ tanh(W s + U h)) over the source's rows h, s being the state
 * before it; the step reads the token and the context c = Σ α h.
 *
 * Bahdanau, Cho & Bengio 2015, §3 and A.1.2.
 *
 * @param x  [R, T, E], R = B · N: N hypotheses of each source, neighbours
 * @param mask  bool [B, S], true where a source's token is real
 * @returns  the outputs [R, T, H], the contexts [R, T, H] and the state after the last step; the weights are tapped as `crossAttention`
 */
export function attentiveCell(
  p: AttentiveCell,
  x: Tensor<'R T E'>,
  { values, keys }: Memory,
  mask: Tensor<'B S'>,
  { initial, cell }: { initial: CellState; cell: RnnConfig['cell'] },
): { y: Tensor<'R T H'>; context: Tensor<'R T H'>; state: CellState } {
  const [R, T] = x.dims(3)
  const [B, S, H] = values.dims(3)
  const N = divideDims(R, B)!
  const hidden = mask.where(0, HIDDEN).reshape([B, 1, S])
  const score = p.score.reshape([1, 1, H, 1]) // a product for each source: its gradient is faster than that of one over all rows
  const look = (s: Tensor) => {
    const query = linear(p.query, s, OUT_IN).reshape([B, N, 1, H])
    const scores = query.add(keys.unsqueeze(1)).tanh().matmul(score).reshape([B, N, S])
    return scores.add(hidden).softmax() // [B, N, S]
  }
  const advance = cell === 'lstm' ? lstmStep : gruStep
  const step = (state: CellState, fromToken: Tensor) => {
    const weights = look(hiddenOf(state))
    const context = weights.matmul(values).reshape([R, H])
    const next = advance(p.cell, fromToken.add(linear(p.context, context, OUT_IN)), state as any)
    return { carry: next, y: { h: hiddenOf(next), weights } }
  }
  const fromTokens = linear(p.cell.input, x, OUT_IN).transpose([1, 0, 2]) // [T, R, gates · H]
  const { carry, ys } = scan<CellState, Tensor, { h: Tensor; weights: Tensor }>(step, initial, fromTokens)
  // Contexts are summed again, of all steps at once: so none is kept step by step, and here the weights can be looked at.
  const weights = ys.weights.transpose([1, 2, 0, 3]).reshape([R, 1, T, S]).tap('crossAttention')
  const context = weights
    .reshape([B, mulDims(N, T), S])
    .matmul(values)
    .reshape([R, T, H])
  return { y: ys.h.transpose([1, 0, 2]), context, state: carry }
}

/** A step of an LSTM, without the memory of what came in: see `lstm` of nn/recurrent.ts. */
function lstmStep(p: Recurrent, fromInput: Tensor, { h, c }: LstmState): LstmState {
  const H = h.shape[1]
  const [i, f, g, o] = linear(p.hidden, h, OUT_IN).add(fromInput).split(1, [H, H, H, H])
  const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
  return { h: o.sigmoid().mul(next.tanh()), c: next }
}

/** A step of a GRU: see `gru` of nn/recurrent.ts. */
function gruStep(p: Recurrent, fromInput: Tensor, h: Tensor): Tensor {
  const H = h.shape[1]
  const [xr, xz, xn] = fromInput.split(1, [H, H, H])
  const [hr, hz, hn] = linear(p.hidden, h, OUT_IN).split(1, [H, H, H])
  const z = xz.add(hz).sigmoid()
  const n = xr.add(hr).sigmoid().mul(hn).add(xn).tanh()
  return n.add(z.mul(h.sub(n)))
}

const OUT_IN = { transposeWeight: true }

/** Additive stand-in for −∞: its exponential is exactly 0. */
const HIDDEN = -1e30

/** What a layer shows of its state. */
export const hiddenOf = (state: CellState): Tensor => ('h' in state ? state.h : state)
