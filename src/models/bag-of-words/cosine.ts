import { DataError } from '../../errors.ts'
import { rowAt, rowCount, type SparseRow, type SparseRows } from './sparse-rows.ts'

/** The cosine of the angle between two rows: 1 for the same direction, 0 without a common term or where one is empty. */
export function cosineSimilarity(a: SparseRow, b: SparseRow): number {
  let [product, i, j] = [0, 0, 0]
  while (i < a.ids.length && j < b.ids.length) {
    if (a.ids[i] === b.ids[j]) product += a.values[i++]! * b.values[j++]!
    else if (a.ids[i]! < b.ids[j]!) i++
    else j++
  }
  const lengths = length(a) * length(b)
  return lengths === 0 ? 0 : product / lengths
}

/**
 * The cosine of each row of `a` with each of `b`.
 *
 * @returns  [rows of a, rows of b]
 * @throws DataError where the two do not have the same columns
 */
export function cosineSimilarities(a: SparseRows, b: SparseRows = a): Float64Array {
  if (a.columns !== b.columns) {
    const hint = 'transform both with the same vectorizer'
    throw new DataError({
      place: 'cosine similarity',
      rule: 'needs the same columns',
      got: `${a.columns} and ${b.columns}`,
      hint,
    })
  }
  const [rows, others] = [rowCount(a), rowCount(b)]
  const lengths = Float64Array.from({ length: others }, (_, j) => length(rowAt(b, j)))
  const similarities = new Float64Array(rows * others)
  const dense = new Float64Array(a.columns) // one row of a at a time
  for (let i = 0; i < rows; i++) {
    const row = rowAt(a, i)
    const own = length(row)
    for (let e = 0; e < row.ids.length; e++) dense[row.ids[e]!] = row.values[e]!
    for (let j = 0; j < others; j++) {
      let product = 0
      for (let e = b.starts[j]!; e < b.starts[j + 1]!; e++) product += b.values[e]! * dense[b.ids[e]!]!
      if (product !== 0) similarities[i * others + j] = product / (own * lengths[j]!)
    }
    for (const id of row.ids) dense[id] = 0
  }
  return similarities
}

function length({ values }: SparseRow): number {
  let squares = 0
  for (const value of values) squares += value * value
  return Math.sqrt(squares)
}
