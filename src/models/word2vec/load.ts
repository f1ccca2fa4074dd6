import { DataError } from '../../errors.ts'
import { ByteReader } from '../../formats/byte-reader.ts'
import { isFastText } from '../../formats/fasttext.ts'
import { readCounts, readVectors } from '../../formats/word2vec.ts'
import type { VectorReadOptions } from '../../formats/word2vec-header.ts'
import { loadFastText } from './fasttext.ts'
import { KeyedVectors } from './keyed-vectors.ts'

export type WordVectorOptions = VectorReadOptions & {
  /** A file of `word count` lines that belongs to the vectors. */
  counts?: string
}

export type LoadedVectors = {
  vectors: KeyedVectors
  /** Entries that were left out, because their word had come before. */
  duplicates: number
}

/**
 * Word vectors of any common file: word2vec text and binary, GloVe, fastText `.vec`, `.bin` and `.ftz`, each also gzipped. Which
 * it is shows in its content, not in its name.
 *
 * @param options.limit  the first so many words, in files of the word2vec layouts; a fastText model is read whole
 * @throws FormatError naming line or byte for a damaged file; DataError for a missing one, or counts that lack a word
 */
export async function loadWordVectors(path: string, options: WordVectorOptions = {}): Promise<LoadedVectors> {
  if (await isFastTextFile(path)) return { vectors: await loadFastText(path, options), duplicates: 0 }
  const { words, vectors, duplicates } = await readVectors(path, options)
  const counts = options.counts === undefined ? undefined : await countsOf(words, options.counts)
  return { vectors: new KeyedVectors({ words, vectors, counts }), duplicates }
}

/** Whether a file begins as the model files of fastText do. */
export async function isFastTextFile(path: string): Promise<boolean> {
  await using reader = await ByteReader.open(path)
  await reader.fill(4)
  return isFastText(reader.bytes)
}

async function countsOf(words: readonly string[], path: string): Promise<Float64Array> {
  const counts = await readCounts(path)
  return Float64Array.from(words, (word) => {
    const count = counts.get(word)
    if (count !== undefined) return count
    throw new DataError({ place: path, rule: 'must have a count for every word', got: `none for ${JSON.stringify(word)}` })
  })
}
