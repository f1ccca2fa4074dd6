/**
 * Words made of their n-grams while they are trained. Bojanowski et al. 2017, §3.2; of all numbers that n-grams can have, only those that
 * occur in the vocabulary take memory, as no other can learn anything.
 */
import type { SubwordConfig } from './config.ts'
import { ngramBuckets } from './subwords.ts'

const bucketsOf = (word: string, config: SubwordConfig): number[] => ngramBuckets(Buffer.from(word), config)

/** Which rows of the input matrix make a word's vector: its own, then those of its n-grams. */
export type SubwordRows = {
  /** Word w has the entries from at[w] to before at[w + 1]. [V + 1] */
  at: Int32Array
  of: Int32Array
  /** The numbers that occur, sorted; the n-gram with number `buckets[i]` has row V + i. */
  buckets: Int32Array
}

/** Rows for a vocabulary and its n-grams. */
export function subwordRows(words: readonly string[], config: SubwordConfig): SubwordRows {
  const used = new Set<number>()
  const at = new Int32Array(words.length + 1)
  for (const [w, word] of words.entries()) {
    const numbers = bucketsOf(word, config)
    at[w + 1] = at[w] + 1 + numbers.length
    for (const number of numbers) used.add(number)
  }
  const buckets = Int32Array.from(used).sort()
  const rowOf = new Map(Array.from(buckets, (bucket, i) => [bucket, words.length + i]))
  const of = new Int32Array(at[words.length])
  for (const [w, word] of words.entries()) {
    of.set([w, ...bucketsOf(word, config).map((number) => rowOf.get(number)!)], at[w])
  }
  return { at, of, buckets }
}

/**
 * The mean of a word's n-grams; undefined where none of them was in a word of the training.
 *
 * @param buckets  sorted numbers of the n-grams that were
 * @param vectors  [buckets, C]
 */
export function vectorOfNgrams(
  word: string,
  config: SubwordConfig,
  buckets: Int32Array,
  vectors: Float32Array,
): Float32Array | undefined {
  const rows = bucketsOf(word, config)
    .map((bucket) => indexOf(buckets, bucket))
    .filter((row) => row >= 0)
  if (rows.length === 0) return undefined
  const C = vectors.length / buckets.length
  return Float32Array.from({ length: C }, (_, d) => rows.reduce((sum, row) => sum + vectors[row * C + d], 0) / rows.length)
}

/** Binary search. */
function indexOf(sorted: Int32Array, wanted: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    if (sorted[middle] === wanted) return middle
    if (sorted[middle] < wanted) low = middle + 1
    else high = middle - 1
  }
  return -1
}
