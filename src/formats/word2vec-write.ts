/** Word vectors written as gensim's `save_word2vec_format` writes them, to the byte. */
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { FormatError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'

export type VectorWriteOptions = {
  /** Floats instead of text. */
  binary?: boolean
  /** Begin with a line of count and width; GloVe's own files do not. Default true. */
  header?: boolean
}

type Table = { words: readonly string[]; vectors: Float32Array; counts?: ArrayLike<number> }

const BLOCK = 1000

/**
 * The most frequent words first where counts are known. A name that ends in .gz gives a compressed file.
 *
 * @throws FormatError for a word that would not come back: one with a space or a line break
 */
export async function writeVectors(
  path: string,
  { words, vectors, counts }: Table,
  { binary = false, header = true }: VectorWriteOptions = {},
): Promise<void> {
  const order = byCount(words, counts)
  const width = vectors.length / words.length
  for (const word of words) checkWord(word, path)
  const rest = binary ? floatBytes : (row: Float32Array) => Buffer.from(` ${Array.from(row, floatText).join(' ')}\n`)
  async function* parts(): AsyncGenerator<Uint8Array> {
    if (header) yield Buffer.from(`${words.length} ${width}\n`)
    for (let start = 0; start < order.length; start += BLOCK) {
      const entries = order
        .slice(start, start + BLOCK)
        .map((i) => [Buffer.from(words[i]), rest(vectors.subarray(i * width, (i + 1) * width))])
      yield Buffer.concat(entries.flat())
    }
  }
  await writeFileAtomic(path, compressedByName(path, parts()))
}

/** A line `word count` for each word, most frequent first. */
export async function writeCounts(path: string, words: readonly string[], counts: ArrayLike<number>): Promise<void> {
  for (const word of words) checkWord(word, path)
  await writeFileAtomic(
    path,
    byCount(words, counts)
      .map((i) => `${words[i]} ${counts[i]}\n`)
      .join(''),
  )
}

/** The shortest decimal that parses to the same float, written as NumPy does: 1.0, 0.25, 1e-05, 1e+06. */
export function floatText(value: number): string {
  let text = value.toPrecision(9)
  for (let digits = 1; digits < 9; digits++) {
    const shorter = value.toPrecision(digits)
    if (Math.fround(Number(shorter)) !== value) continue
    text = shorter
    break
  }
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [mantissa, exponent] = Number(text).toExponential().split('e')
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const plain = Object.is(value, -0) ? '-0' : String(Number(text))
  return plain.includes('.') ? plain : `${plain}.0`
}

function floatBytes(row: Float32Array): Buffer {
  return Buffer.concat([Buffer.from(' '), Buffer.from(row.buffer, row.byteOffset, row.byteLength)])
}

function byCount(words: readonly string[], counts: ArrayLike<number> | undefined): number[] {
  const order = words.map((_, i) => i)
  return counts === undefined ? order : order.sort((a, b) => counts[b] - counts[a])
}

function checkWord(word: string, place: string): void {
  if (!/[ \n\r]|\p{Surrogate}/u.test(word)) return
  const got = JSON.stringify(word.slice(0, 100))
  const hint = 'join the parts of a phrase with _'
  throw new FormatError({ place, rule: 'in this format a word has no space and no line break, and is valid Unicode', got, hint })
}

function compressedByName(path: string, parts: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return path.endsWith('.gz') ? Readable.from(parts, { objectMode: false }).compose(createGzip()) : parts
}
