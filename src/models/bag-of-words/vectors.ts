import { ngrams, type Vocabulary } from './vocabulary.ts'

/** The non-zero entries of one document's vector, by rising term id. */
export type SparseRow = { ids: Int32Array; values: Float64Array }

/** Documents by terms: row i holds the entries `starts[i]` up to `starts[i + 1]`. */
export type SparseRows = { starts: Int32Array; ids: Int32Array; values: Float64Array; columns: number }

/** How often each term of the vocabulary occurs among a document's n-grams; unknown terms are left out. */
export function countTerms(words: readonly string[], { ids }: Vocabulary, ngramRange: readonly [number, number]): SparseRow {
  const known: number[] = []
  for (const term of ngrams(words, ngramRange)) {
    const id = ids.get(term)
    if (id !== undefined) known.push(id)
  }
  const sorted = Int32Array.from(known).sort()
  const distinct = sorted.filter((id, i) => id !== sorted[i - 1])
  const values = new Float64Array(distinct.length)
  let entry = -1
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i] !== sorted[i - 1]) entry++
    values[entry]! += 1
  }
  return { ids: distinct, values }
}

/**
 * Smoothed inverse document frequencies, ln((1 + N) / (1 + df)) + 1: as if one more document held every term.
 *
 * Spärck Jones 1972; smoothed as in scikit-learn's `TfidfTransformer`.
 *
 * @returns  [columns]
 */
export function inverseDocumentFrequencies(counts: readonly SparseRow[], columns: number): Float32Array {
  const frequencies = new Float64Array(columns)
  for (const { ids } of counts) for (const id of ids) frequencies[id]! += 1
  return Float32Array.from(frequencies, (frequency) => Math.log((1 + counts.length) / (1 + frequency)) + 1)
}

/** Counts times inverse document frequency, scaled to Euclidean length 1. A row without terms stays empty. */
export function tfIdf({ ids, values }: SparseRow, idf: Float32Array): SparseRow {
  const weighted = values.map((count, i) => count * idf[ids[i]!]!)
  const length = Math.sqrt(weighted.reduce((sum, value) => sum + value * value, 0))
  return { ids, values: weighted.map((value) => value / length) }
}

/** Rows one after the other in three flat arrays. */
export function compressRows(rows: readonly SparseRow[], columns: number): SparseRows {
  const starts = new Int32Array(rows.length + 1)
  for (const [i, row] of rows.entries()) starts[i + 1] = starts[i]! + row.ids.length
  const size = starts[rows.length]!
  const compressed = { starts, ids: new Int32Array(size), values: new Float64Array(size), columns }
  for (const [i, row] of rows.entries()) {
    compressed.ids.set(row.ids, starts[i])
    compressed.values.set(row.values, starts[i])
  }
  return compressed
}
