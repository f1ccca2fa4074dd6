/** Word numbers on disk, four bytes each, -1 between sentences: a corpus larger than memory, read once as text and often as numbers. */
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { fileError } from '../../formats/file-error.ts'

export const SENTENCE_END = -1

const BUFFERED = 2 ** 16

/** Writes a file from its beginning; bind it with `using`. Where it is written over while it is being read, the reader must be ahead. */
export class IdWriter implements Disposable {
  readonly #path: string
  readonly #file: number
  readonly #buffer = new Int32Array(BUFFERED)
  readonly #hash = createHash('sha256')
  #used = 0
  #written = 0

  /** @throws DataError where the file cannot be opened */
  constructor(path: string, flags: 'w' | 'r+' = 'w') {
    this.#path = path
    this.#file = attempt(path, () => openSync(path, flags))
  }

  /** Numbers so far. */
  get length(): number {
    return this.#written + this.#used
  }

  /** @throws DataError where the disk takes no more */
  add(id: number): void {
    if (this.#used === BUFFERED) this.#flush()
    this.#buffer[this.#used++] = id
  }

  /** Ends the file; the first 16 digits of its SHA-256. */
  finish(): string {
    this.#flush()
    attempt(this.#path, () => ftruncateSync(this.#file, this.#written * 4))
    return this.#hash.digest('hex').slice(0, 16)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#used * 4)
    this.#hash.update(bytes)
    for (let from = 0; from < bytes.length; ) {
      from += attempt(this.#path, () => writeSync(this.#file, bytes, from, bytes.length - from, this.#written * 4 + from))
    }
    this.#written += this.#used
    this.#used = 0
  }
}

/** The numbers of a file, a piece at a time; a piece is good until the next. */
export function* readIds(path: string): Generator<Int32Array, void, undefined> {
  const file = attempt(path, () => openSync(path, 'r'))
  try {
    const buffer = new Int32Array(BUFFERED)
    for (;;) {
      const bytes = attempt(path, () => readSync(file, buffer, 0, buffer.byteLength, null))
      if (bytes === 0) return
      yield buffer.subarray(0, bytes / 4)
    }
  } finally {
    closeSync(file)
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw fileError(path, error)
  }
}
