/**
 * Word vectors as word2vec.c, gensim, GloVe and fastText (.vec) write them: a line `V C`, which GloVe leaves out, then for each word
 * the word, a space, and its C numbers — as text in a line, or as little-endian floats.
 */
import { isUtf8 } from 'node:buffer'
import { ConfigError, FormatError } from '../errors.ts'
import { ByteReader } from './byte-reader.ts'
import { readLines } from './text-stream.ts'
import { readBinaryVectors } from './word2vec-binary.ts'
import { show, type VectorReadOptions, type VectorTable } from './word2vec-header.ts'
import { readTextVectors } from './word2vec-text.ts'

const SAMPLE_BYTES = 4096

/** Reads a file of any of these layouts, told apart by its content. @throws FormatError naming line or byte */
export async function readVectors(path: string, options: VectorReadOptions = {}): Promise<VectorTable> {
  const { limit = 1 } = options
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new ConfigError({ place: path, rule: 'limit must be a whole number from 1', got: String(limit) })
  }
  const table = (await isBinary(path)) ? await readBinaryVectors(path, options) : await readTextVectors(path, options)
  if (table.words.length === 0) throw new FormatError({ place: path, rule: 'must hold at least one word', got: 'none' })
  return table
}

/** Whether what follows the header is no text. */
export async function isBinary(path: string): Promise<boolean> {
  await using reader = await ByteReader.open(path)
  await reader.fill(SAMPLE_BYTES)
  const sample = reader.bytes.subarray(0, SAMPLE_BYTES)
  for (let cut = 0; cut < 4; cut++) {
    // A character may be cut where the sample ends.
    if (isUtf8(sample.subarray(0, sample.length - cut))) return sample.some((byte) => byte < 9 || (byte > 13 && byte < 32))
  }
  return true
}

/** A file of `word count` lines, as gensim's `fvocab` and word2vec.c's `-save-vocab`. */
export async function readCounts(path: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const { line, text } of readLines(path)) {
    const [, word, count] = /^(.*\S)\s+(\d{1,15})\s*$/.exec(text) ?? []
    if (word !== undefined) counts.set(word, Number(count))
    else if (text.trim() !== '') {
      throw new FormatError({ place: `${path}: line ${line}`, rule: 'must hold a word and its count', got: show(text) })
    }
  }
  return counts
}
