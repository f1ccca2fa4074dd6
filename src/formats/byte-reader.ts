/** Binary files read from front to back, gunzipped on the way, with every length checked against the file before it is believed. */
import { open } from 'node:fs/promises'
import { DataError, FormatError } from '../errors.ts'
import { fileError } from './file-error.ts'
import { readBytes } from './text-stream.ts'

const FLOAT_BYTES = 4
/** Read beyond what is asked for, so that pieces need not be put together for every word. */
const READ_AHEAD_BYTES = 2 ** 20

export class ByteReader implements AsyncDisposable {
  readonly name: string
  /** Bytes of the file; undefined where it is compressed, so that its length shows at its end. */
  readonly size: number | undefined
  /** How many bytes were read or skipped. */
  offset = 0
  /** What is in memory of the bytes that come next. */
  bytes: Buffer = Buffer.alloc(0)
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>

  /** @throws DataError for a file that is missing or may not be read */
  static async open(path: string): Promise<ByteReader> {
    const size = await sizeOf(path)
    return new ByteReader(path, size)
  }

  private constructor(path: string, size: number | undefined) {
    this.name = path
    this.size = size
    this.#chunks = readBytes(path)
  }

  /** Brings at least `count` bytes into memory; false where the file ends before. */
  async fill(count: number): Promise<boolean> {
    if (this.bytes.length >= count) return true
    const parts = [this.bytes]
    for (let length = this.bytes.length; length < count + READ_AHEAD_BYTES; length += parts.at(-1)!.length) {
      const next = await this.#chunks.next()
      if (next.done) break
      parts.push(next.value)
    }
    this.bytes = Buffer.concat(parts)
    return this.bytes.length >= count
  }

  /** Moves past bytes that are in memory. */
  skip(count: number): void {
    this.bytes = this.bytes.subarray(count)
    this.offset += count
  }

  /** @throws FormatError where the file ends before */
  async take(count: number, what: string): Promise<Buffer> {
    this.expect(count, what)
    if (!(await this.fill(count))) throw this.cutShort(what)
    const taken = this.bytes.subarray(0, count)
    this.skip(count)
    return taken
  }

  /** Little-endian floats; memory grows with what is really there. */
  async floats(count: number, what: string): Promise<Float32Array> {
    this.expect(count * FLOAT_BYTES, what)
    const rows = new FloatRows(1, this.size === undefined ? undefined : count)
    for (let done = 0; done < count; ) {
      const here = Math.min(count - done, Math.max(1, this.bytes.length >> 2))
      if (!(await this.fill(here * FLOAT_BYTES))) throw this.cutShort(what)
      rows.push(this.bytes, here)
      this.skip(here * FLOAT_BYTES)
      done += here
    }
    return rows.floats()
  }

  /** Moves past bytes that need not be seen. */
  async pass(count: number, what: string): Promise<void> {
    this.expect(count, what)
    for (let left = count; left > 0; ) {
      if (!(await this.fill(1))) throw this.cutShort(what)
      const here = Math.min(left, this.bytes.length)
      this.skip(here)
      left -= here
    }
  }

  /** @throws FormatError where the file cannot hold so many bytes more */
  expect(count: number, what: string): void {
    if (Number.isSafeInteger(count) && count >= 0 && (this.size === undefined || this.offset + count <= this.size)) return
    throw new FormatError({
      place: `${this.name}: byte ${this.offset}`,
      rule: `the file must hold what its header says: ${what}`,
      got: `${count} bytes announced, ${this.size === undefined ? 'more than can be counted' : `${this.size - this.offset} left`}`,
      hint: 'the file is damaged, or its download was cut short: fetch it again',
    })
  }

  cutShort(what: string): FormatError {
    return new FormatError({
      place: `${this.name}: byte ${this.offset}`,
      rule: `the file ends within ${what}`,
      hint: 'it is damaged, or its download was cut short: fetch it again',
    })
  }

  async close(): Promise<void> {
    await this.#chunks.return()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A matrix that grows row by row. */
export class FloatRows {
  readonly width: number
  #data: Float32Array<ArrayBuffer>
  #length = 0

  /** @param rows  how many there will be, where that is known for sure */
  constructor(width: number, rows = Math.ceil(2 ** 16 / width)) {
    this.width = width
    this.#data = allocated(rows * width)
  }

  /** Appends rows, given as little-endian bytes from the start of a buffer. */
  push(bytes: Uint8Array, rows = 1): void {
    const start = this.reserve(rows)
    const length = rows * this.width * FLOAT_BYTES
    new Uint8Array(this.#data.buffer, start * FLOAT_BYTES, length).set(bytes.subarray(0, length))
  }

  /** Makes room for rows at the end, and says where it begins. */
  reserve(rows: number): number {
    const start = this.#length
    this.#length += rows * this.width
    if (this.#length > this.#data.length) {
      const grown = allocated(Math.max(this.#length, 2 * this.#data.length))
      grown.set(this.#data)
      this.#data = grown
    }
    return start
  }

  set(index: number, value: number): void {
    this.#data[index] = value
  }

  /** Takes back the last row. */
  pop(): void {
    this.#length -= this.width
  }

  /** What was pushed; the room behind it is given up where it is large. */
  floats(): Float32Array {
    const floats = this.#data.subarray(0, this.#length)
    return this.#length < this.#data.length ? floats.slice() : floats
  }
}

function allocated(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length)
  } catch (cause) {
    const hint = 'read only the first of them, or leave them in their file'
    throw new DataError({
      place: 'word vectors',
      rule: 'must fit into memory',
      got: `${length * FLOAT_BYTES} bytes`,
      hint,
      cause,
    })
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const head = Buffer.alloc(4)
      await file.read(head, 0, head.length, 0)
      const stats = await file.stat()
      const isCompressed = head.readUInt16BE() === 0x1f8b || /^BZh[1-9]/.test(head.toString('latin1'))
      return isCompressed || !stats.isFile() ? undefined : stats.size
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(path, error)
  }
}
