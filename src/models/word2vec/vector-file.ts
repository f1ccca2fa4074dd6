import { type FileHandle, open } from 'node:fs/promises'
import { DataError, FormatError } from '../../errors.ts'
import { ByteReader } from '../../formats/byte-reader.ts'
import { fileError } from '../../formats/file-error.ts'
import type { InvalidUtf8 } from '../../formats/word-text.ts'
import { forEntries, readVectorHeader } from '../../formats/word2vec-binary.ts'
import { highest } from './highest.ts'
import { KeyedVectors, type WordSimilarity } from './keyed-vectors.ts'
import { count, type SimilarOptions, type VectorQuery } from './query.ts'
import { unknownWord } from './unknown-word.ts'
import { dotRow, norm } from './vector-math.ts'

const FLOAT_BYTES = 4
const BLOCK_BYTES = 2 ** 23

/**
 * Word vectors that stay in their file, in the binary layout of word2vec: only the words are in memory, rows are read where they are
 * asked for. For files that are larger than the memory.
 */
export class VectorFile implements AsyncDisposable {
  readonly words: readonly string[]
  readonly width: number
  /** Entries that were left out, because their word had come before. */
  readonly duplicates: number
  readonly #file: FileHandle
  readonly #path: string
  /** Word → where its numbers begin. */
  readonly #offsets: Map<string, number>

  /** Reads the file once from front to back. @throws FormatError naming the byte where it is damaged, or where it is compressed */
  static async open(path: string, { invalidUtf8 = 'refuse' }: { invalidUtf8?: InvalidUtf8 } = {}) {
    await using reader = await ByteReader.open(path)
    const header = await readVectorHeader(reader)
    if (reader.size === undefined) throw compressed(path)
    const offsets = new Map<string, number>()
    await forEntries(reader, header, { count: header.count, invalidUtf8 }, (word) => {
      if (!offsets.has(word)) offsets.set(word, reader.offset)
    })
    const file = await open(path, 'r').catch((error) => {
      throw fileError(path, error)
    })
    return new VectorFile(path, file, offsets, header.width, header.count - offsets.size)
  }

  private constructor(path: string, file: FileHandle, offsets: Map<string, number>, width: number, duplicates: number) {
    this.#path = path
    this.#file = file
    this.#offsets = offsets
    this.words = [...offsets.keys()]
    this.width = width
    this.duplicates = duplicates
  }

  get size(): number {
    return this.words.length
  }

  has(word: string): boolean {
    return this.#offsets.has(word)
  }

  /**
   * Some words with their vectors, in memory.
   *
   * @throws DataError, with a near spelling, for a word that is not in the file
   */
  async select(words: readonly string[]): Promise<KeyedVectors> {
    const distinct = [...new Set(words)]
    const vectors = new Float32Array(distinct.length * this.width)
    for (const [i, word] of distinct.entries()) {
      const offset = this.#offsets.get(word)
      if (offset === undefined) throw unknownWord(word, this.words)
      const row = new Uint8Array(vectors.buffer, i * this.width * FLOAT_BYTES, this.width * FLOAT_BYTES)
      await this.#read(row, offset)
    }
    return new KeyedVectors({ words: distinct, vectors })
  }

  /** As `KeyedVectors.mostSimilar`; the file is read through, a block at a time. */
  async mostSimilar({ topn = 10, restrictVocab = this.size, ...query }: VectorQuery & SimilarOptions): Promise<WordSimilarity[]> {
    const items = [...(query.positive ?? []), ...(query.negative ?? [])].map((item) => (Array.isArray(item) ? item[0] : item))
    const named = items.filter((item) => typeof item === 'string')
    const asked = named.length > 0 ? named : this.words.slice(0, 1) // for the checks of a query without words
    const wanted = (await this.select(asked)).queryVector(query)
    const rows = Math.min(count('restrictVocab', restrictVocab), this.size)
    const scores = new Float64Array(rows)
    await this.#forRows(rows, (i, row) => {
      const length = norm(row)
      scores[i] = length > 0 ? dotRow(row, 0, wanted) / length : 0
    })
    const excluded = new Set(named)
    const best = highest(scores, count('topn', topn) + excluded.size).map((i) => ({ word: this.words[i], similarity: scores[i] }))
    return best.filter(({ word }) => !excluded.has(word)).slice(0, topn)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The first rows, in order. What is given is overwritten by the next. */
  async #forRows(rows: number, use: (i: number, row: Float32Array) => void): Promise<void> {
    const row = new Float32Array(this.width)
    const bytes = new Uint8Array(row.buffer)
    const block = new Uint8Array(Math.max(BLOCK_BYTES, bytes.length))
    const { size } = await this.#file.stat()
    let [start, end] = [0, 0]
    for (let i = 0; i < rows; i++) {
      const offset = this.#offsets.get(this.words[i])!
      if (offset + bytes.length > end) {
        start = offset
        end = Math.min(start + block.length, size)
        await this.#read(block.subarray(0, end - start), start)
      }
      bytes.set(block.subarray(offset - start, offset - start + bytes.length))
      use(i, row)
    }
  }

  async #read(into: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await this.#file.read(into, done, into.length - done, offset + done)
      if (bytesRead === 0) throw changed(this.#path)
      done += bytesRead
    }
  }
}

function changed(path: string): DataError {
  return new DataError({
    place: path,
    rule: 'the file may not change while it is open',
    got: 'a shorter file',
    hint: 'open it again',
  })
}

function compressed(path: string): FormatError {
  return new FormatError({
    place: path,
    rule: 'vectors can stay in a file only where it is not compressed',
    hint: 'unpack it first',
  })
}
