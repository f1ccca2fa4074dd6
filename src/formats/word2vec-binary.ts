import { isUtf8 } from 'node:buffer'
import { FormatError } from '../errors.ts'
import { ByteReader, FloatRows } from './byte-reader.ts'
import { type InvalidUtf8, wordOf } from './word-text.ts'
import {
  checkCount,
  checkHeader,
  moreThanAnnounced,
  parseHeader,
  show,
  type VectorHeader,
  type VectorReadOptions,
  type VectorTable,
} from './word2vec-header.ts'

const MAX_WORD_BYTES = 2 ** 16
const MAX_HEADER_BYTES = 64
const FLOAT_BYTES = 4

/** The first line of a binary file. */
export async function readVectorHeader(reader: ByteReader): Promise<VectorHeader> {
  await reader.fill(MAX_HEADER_BYTES)
  const end = reader.bytes.subarray(0, MAX_HEADER_BYTES).indexOf(0x0a)
  const line = reader.bytes.toString('latin1', 0, Math.max(0, end))
  const header = parseHeader(line)
  if (header === undefined) {
    const hint = 'check that the file is in the word2vec binary format'
    throw new FormatError({
      place: reader.name,
      rule: 'must begin with a line of two numbers, words and width',
      got: show(line),
      hint,
    })
  }
  checkHeader(header, reader.name)
  reader.skip(end + 1)
  const { count, width } = header
  reader.expect(count * (1 + FLOAT_BYTES * width), `${count} vectors of ${width} numbers`)
  return header
}

/**
 * The entries of a binary file, one after the other: `read` is called with the place of each one's numbers, which are in memory then.
 * word2vec.c ends an entry with a line break, gensim does not.
 */
export async function forEntries(
  reader: ByteReader,
  { width }: VectorHeader,
  { count, invalidUtf8 }: { count: number; invalidUtf8: InvalidUtf8 },
  read: (word: string) => void,
): Promise<void> {
  checkCount(count, reader.name)
  const enough = MAX_WORD_BYTES + FLOAT_BYTES * width
  for (let entry = 1; entry <= count; entry++) {
    if (reader.bytes.length < enough) await reader.fill(enough)
    const word = nextWord(reader, width, entry)
    read(
      isUtf8(word) ? word.toString('utf8') : wordOf(word, invalidUtf8, `${reader.name}: byte ${reader.offset - word.length - 1}`),
    )
    reader.skip(FLOAT_BYTES * width)
  }
}

/** Moves to an entry's numbers. @returns the word before them */
function nextWord(reader: ByteReader, width: number, entry: number): Buffer {
  const what = `entry ${entry} (a word and ${width} numbers)`
  let start = 0
  while (reader.bytes[start] === 0x0a) start++
  const end = reader.bytes.indexOf(0x20, start)
  if (end > start + MAX_WORD_BYTES || (end === -1 && reader.bytes.length > start + MAX_WORD_BYTES)) {
    const place = `${reader.name}: byte ${reader.offset}`
    throw new FormatError({
      place,
      rule: `a word has at most ${MAX_WORD_BYTES} bytes`,
      got: `no space after the word of entry ${entry}`,
    })
  }
  if (end === -1 || reader.bytes.length < end + 1 + FLOAT_BYTES * width) throw reader.cutShort(what)
  const word = reader.bytes.subarray(start, end)
  reader.skip(end + 1)
  return word
}

/** @throws FormatError naming the byte at which the file is damaged */
export async function readBinaryVectors(
  path: string,
  { limit, invalidUtf8 = 'refuse' }: VectorReadOptions,
): Promise<VectorTable> {
  await using reader = await ByteReader.open(path)
  const header = await readVectorHeader(reader)
  const count = Math.min(header.count, limit ?? header.count)
  const rows = new FloatRows(header.width, reader.size === undefined ? undefined : count)
  const words = new Set<string>()
  await forEntries(reader, header, { count, invalidUtf8 }, (word) => {
    if (!words.has(word)) rows.push(reader.bytes)
    words.add(word)
  })
  if (count === header.count) await expectEnd(reader, header)
  return { words: [...words], vectors: rows.floats(), duplicates: count - words.size }
}

async function expectEnd(reader: ByteReader, { count }: VectorHeader): Promise<void> {
  while ((await reader.fill(1)) && reader.bytes[0] === 0x0a) reader.skip(1)
  if (reader.bytes.length > 0) throw moreThanAnnounced(`${reader.name}: byte ${reader.offset}`, count)
}
