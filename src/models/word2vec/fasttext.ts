import { type FastTextFile, readFastText } from '../../formats/fasttext.ts'
import type { InvalidUtf8 } from '../../formats/word-text.ts'
import { KeyedVectors } from './keyed-vectors.ts'
import { ngramBuckets } from './subwords.ts'

/** fastText's end of a sentence, the one word that has no n-grams. */
const END = '</s>'

/**
 * The words of a fastText model file. A word's vector is the mean of its own row and those of its n-grams; a word that the file lacks has the
 * mean of its n-grams', and none at all where the model has no n-grams of it.
 *
 * @throws FormatError naming the byte where the file is damaged; DataError where it is missing
 */
export async function loadFastText(path: string, options: { invalidUtf8?: InvalidUtf8 } = {}): Promise<KeyedVectors> {
  const { words, wordBytes, counts, input, width, ...file } = await readFastText(path, options)
  const ngrams = input.subarray(words.length * width)
  const vectors = input.subarray(0, words.length * width)
  const rowsOf = (word: Uint8Array) => ngramRows(word, file)
  for (const [i, word] of words.entries()) {
    if (word !== END) addMean(vectors.subarray(i * width, (i + 1) * width), ngrams, rowsOf(wordBytes[i]), 1)
  }
  const unknown = (word: string) => {
    const rows = word === END ? [] : rowsOf(Buffer.from(word))
    if (rows.length === 0) return undefined
    const vector = new Float32Array(width)
    addMean(vector, ngrams, rows, 0)
    return vector
  }
  return new KeyedVectors({ words, vectors, counts, unknown })
}

/** Rows of a word's n-grams within the n-gram matrix, without those that pruning left out. */
function ngramRows(
  word: Uint8Array,
  { minn, maxn, bucket, pruned }: Pick<FastTextFile, 'minn' | 'maxn' | 'bucket' | 'pruned'>,
): number[] {
  const buckets = ngramBuckets(word, { minn, maxn, bucket })
  return pruned === undefined ? buckets : buckets.flatMap((bucket) => pruned.get(bucket) ?? [])
}

/** Adds rows to a vector that holds the sum of `already` rows, and makes it their mean. */
function addMean(vector: Float32Array, matrix: Float32Array, rows: readonly number[], already: number): void {
  const width = vector.length
  for (const row of rows) for (let c = 0; c < width; c++) vector[c] += matrix[row * width + c]
  const count = already + rows.length
  for (let c = 0; c < width; c++) vector[c] /= count
}
