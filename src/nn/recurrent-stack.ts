import { dropout, type ParamsOf, type Rng, type Tensor } from '../tensor/index.ts'
import { gru, gruSpec, type LstmState, lstm, lstmSpec, type Recurrent } from './recurrent.ts'

export type Cell = 'lstm' | 'gru'
export type CellState = { lstm: LstmState; gru: Tensor }

export type RecurrentStackSizes = {
  cell: Cell
  inputSize: number
  hiddenSize: number
  layers: number
  /** Each layer reads the sequence both ways; the next one, and the result, get both outputs side by side. */
  bidirectional: boolean
}

/** For each layer its directions: one cell, or two of which the second reads from the end. */
export function recurrentStackSpec({ cell, inputSize, hiddenSize, layers, bidirectional }: RecurrentStackSizes) {
  const spec = cell === 'lstm' ? lstmSpec : gruSpec
  const directions = bidirectional ? 2 : 1
  const layer = (nIn: number) => Array.from({ length: directions }, () => spec(nIn, hiddenSize))
  return Array.from({ length: layers }, (_, i) => layer(i === 0 ? inputSize : directions * hiddenSize))
}

export type RecurrentStack = ParamsOf<ReturnType<typeof recurrentStackSpec>>

export type RecurrentStackOptions<C extends Cell> = {
  cell: C
  /** bool [B, T], true where a token is real. What is not real changes nothing, whichever way a layer reads. */
  mask?: Tensor<'B T'>
  /** Layer after layer, of each its directions, as `states`; zeros by default. */
  initial?: readonly CellState[C][]
  /** Share of a layer's outputs that are dropped before the next layer reads them. */
  dropout?: number
  rng?: Rng
}

/**
 * Recurrent layers one over the other, each reading the outputs of the one below, one way or both.
 *
 * Bidirectional: Schuster & Paliwal 1997; dropout between layers only: Zaremba et al. 2014.
 *
 * @param x  [B, T, I]
 * @returns  y, the last layer's outputs [B, T, H], or [B, T, 2H] where it reads both ways, and the states after the last step that
 *   each direction reads, in the order of `initial`
 */
export function recurrentStack<C extends Cell>(
  p: RecurrentStack,
  x: Tensor<'B T I'>,
  { cell, mask, initial, dropout: rate = 0, rng }: RecurrentStackOptions<C>,
): { y: Tensor<'B T C'>; states: CellState[C][] } {
  const read = (cell === 'lstm' ? lstm : gru) as ReadCell<C>
  const states: CellState[C][] = []
  let y: Tensor = x
  for (const [i, layer] of p.entries()) {
    const below = i === 0 ? y : dropout(y, rate, rng)
    const outputs = layer.map((direction, j) => {
      const out = read(direction, below, { mask, initial: initial?.[states.length], reverse: j === 1 })
      states.push(out.state)
      return out.y
    })
    y = outputs[0].concat(outputs.slice(1), 2)
  }
  return { y, states }
}

type ReadCell<C extends Cell> = (
  p: Recurrent,
  x: Tensor,
  options: { mask?: Tensor; initial?: CellState[C]; reverse: boolean },
) => { y: Tensor; state: CellState[C] }
