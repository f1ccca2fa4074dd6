import { linear, type ParamsOf, param, scalar, scan, type Tensor, uniform } from '../tensor/index.ts'

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
  { initial, reverse }: RecurrentOptions<LstmState> = {},
): { y: Tensor; state: LstmState } {
  const gates = projectInput(p, x)
  const H = p.hidden.weight.shape[1]
  const zero = scalar(0).broadcastTo([x.shape[0], H])
  const step = ({ h, c }: LstmState, fromInput: Tensor) => {
    const [i, f, g, o] = linear(p.hidden, h, { transposeWeight: true }).add(fromInput).split(1, [H, H, H, H])
    const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
    const out = o.sigmoid().mul(next.tanh())
    return { carry: { h: out, c: next }, y: out }
  }
  const { carry, ys } = scan(step, initial ?? { h: zero, c: zero }, gates, { reverse })
  return { y: ys.transpose([1, 0, 2]), state: carry }
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
  { initial, reverse }: RecurrentOptions<Tensor> = {},
): { y: Tensor; state: Tensor } {
  const gates = projectInput(p, x)
  const H = p.hidden.weight.shape[1]
  const zero = scalar(0).broadcastTo([x.shape[0], H])
  const step = (h: Tensor, fromInput: Tensor) => {
    const [xr, xz, xn] = fromInput.split(1, [H, H, H])
    const [hr, hz, hn] = linear(p.hidden, h, { transposeWeight: true }).split(1, [H, H, H])
    const z = xz.add(hz).sigmoid()
    const n = xr.add(hr).sigmoid().mul(hn).add(xn).tanh()
    const next = n.add(z.mul(h.sub(n)))
    return { carry: next, y: next }
  }
  const { carry, ys } = scan(step, initial ?? zero, gates, { reverse })
  return { y: ys.transpose([1, 0, 2]), state: carry }
}

/** The input's share of all gates at once, steps first: [T, B, gates·H]. */
const projectInput = (p: Recurrent, x: Tensor): Tensor => linear(p.input, x, { transposeWeight: true }).transpose([1, 0, 2])
