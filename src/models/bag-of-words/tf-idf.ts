import type { VectorizerConfig } from './config.ts'
import type { SparseRows } from './sparse-rows.ts'

/**
 * Inverse document frequencies: ln((1 + N) / (1 + df)) + 1 where smoothed, as if one more text held every term, else ln(N / df) + 1.
 *
 * Spärck Jones 1972; smoothed and raised by 1 as in scikit-learn's `TfidfTransformer`.
 *
 * @param frequencies  in how many texts each term occurs, [V]
 * @returns  [V]
 */
export function inverseDocumentFrequencies(frequencies: ArrayLike<number>, texts: number, smooth: boolean): Float64Array {
  const extra = smooth ? 1 : 0
  const idf = new Float64Array(frequencies.length)
  for (let id = 0; id < idf.length; id++) idf[id] = Math.log((texts + extra) / (frequencies[id]! + extra)) + 1
  return idf
}

/** Turns counts, in place, into what the weighting asks for, and divides each row by its norm. A row without terms stays empty. */
export function weigh(rows: SparseRows, config: VectorizerConfig, idf: Float64Array | undefined): SparseRows {
  const { weighting, termFrequency, norm } = config
  const { ids, values } = rows
  if (weighting === 'binary') values.fill(1)
  if (weighting === 'tf-idf') {
    if (termFrequency === 'binary') values.fill(1)
    else if (termFrequency === 'sublinear') for (let e = 0; e < values.length; e++) values[e] = 1 + Math.log(values[e]!)
  }
  if (idf) for (let e = 0; e < values.length; e++) values[e]! *= idf[ids[e]!]!
  const scale = norm ?? (weighting === 'tf-idf' || weighting === 'hashing' ? 'l2' : 'none')
  if (scale !== 'none') normalise(rows, scale)
  return rows
}

function normalise({ starts, values }: SparseRows, norm: 'l1' | 'l2'): void {
  for (let row = 0; row + 1 < starts.length; row++) {
    const [start, end] = [starts[row]!, starts[row + 1]!]
    let sum = 0
    for (let e = start; e < end; e++) sum += norm === 'l1' ? Math.abs(values[e]!) : values[e]! * values[e]!
    const length = norm === 'l1' ? sum : Math.sqrt(sum)
    if (length > 0) for (let e = start; e < end; e++) values[e]! /= length
  }
}
