import { gruOver, lstmOver, type ParamsOf, param, scalar, type Tensor, uniform } from '../tensor/index.ts'

/** `gates` projections of the input and of the state, in PyTorch's layout: [gates·H, in], gate after gate. */
function recurrentSpec(gates: number, nIn: number, H: number) {
  const init = uniform(1 / Math.sqrt(H))
  return {
    input: { weight: param([gates * H, nIn], init), bias: param([gates * H], init) },
    hidden: { weight: param([gates * H, H], init), bias: param([gates * H], init) },
  }
}

export const lstmSpec = (nIn: number, H: number) => recurrentSpec(4, nIn, H)
export const gruSpec = (nIn: number, H: number) => recurrentSpec(3, nIn, H)

export type Recurrent = ParamsOf<ReturnType<typeof recurrentSpec>>
export type LstmState = { h: Tensor; c: Tensor }

export type RecurrentOptions<State> = {
  /** State before the first step; zeros by default. */
  initial?: State
  /** Reads the sequence from its end. */
  reverse?: boolean
  /** bool [B, T], true where a token is real; default everywhere. Other steps hand the state on unchanged, and their output is 0. */
  mask?: Tensor<'B T'>
}

/**
 * Long short-term memory: c = f·c + i·g, h = o·tanh(c), with gates i, f, g, o from the input and the last h.
 *
 * Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000.
 *
 * @param x  [B, T, I]
 * @returns  the outputs [B, T, H] and the state after the last step, h and c [B, H]
 */
export function lstm(
  p: Recurrent,
  x: Tensor<'B T I'>,
  { initial, ...options }: RecurrentOptions<LstmState> = {},
): { y: Tensor; state: LstmState } {
  const zero = zeroState(p, x)
  const [y, h, c] = lstmOver(p, x, initial ?? { h: zero, c: zero }, options)
  return { y, state: { h, c } }
}

/**
 * Gated recurrent unit: n = tanh(W x + r·(U h)), h = (1 − z)·n + z·h, with gates r and z from the input and the last h.
 *
 * Cho et al. 2014, with the reset gate after the product, as in PyTorch.
 *
 * @param x  [B, T, I]
 * @returns  the outputs [B, T, H] and the state after the last step [B, H]
 */
export function gru(
  p: Recurrent,
  x: Tensor<'B T I'>,
  { initial, ...options }: RecurrentOptions<Tensor> = {},
): { y: Tensor; state: Tensor } {
  const [y, state] = gruOver(p, x, initial ?? zeroState(p, x), options)
  return { y, state }
}

const zeroState = (p: Recurrent, x: Tensor): Tensor => scalar(0).broadcastTo([x.shape[0], p.hidden.weight.shape[1]])
