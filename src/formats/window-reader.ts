import type { FileHandle } from 'node:fs/promises'
import { FormatError } from '../errors.ts'

const WINDOW_BYTES = 2 ** 20

/** Bytes of a file from its start to its end, read through a window, so that only what is looked at is held. */
export class WindowReader {
  readonly #file: FileHandle
  readonly #size: number
  readonly #place: string
  #window = new Uint8Array(0)
  /** Where the window begins in the file, and what comes next in the window. */
  #start = 0
  #at = 0

  /** @param size  bytes that may be read */
  constructor(file: FileHandle, size: number, place: string) {
    this.#file = file
    this.#size = size
    this.#place = place
  }

  /** How many bytes may still be read. */
  get left(): number {
    return this.#size - this.#start - this.#at
  }

  /**
   * The next bytes; valid until the next call, which may write over them.
   *
   * @throws FormatError where fewer are left
   */
  take(length: number, what: string): Promise<DataView> | DataView {
    if (length > this.left) {
      const hint = 'the file is damaged, or its download was cut short: fetch it again'
      const got = `${this.left} bytes left`
      throw new FormatError({ place: this.#place, rule: `${what} takes ${length} bytes`, got, hint })
    }
    if (this.#at + length > this.#window.length) return this.#move(length).then(() => this.#next(length))
    return this.#next(length)
  }

  #next(length: number): DataView {
    const view = new DataView(this.#window.buffer, this.#window.byteOffset + this.#at, length)
    this.#at += length
    return view
  }

  /** Sets a window of at least `length` bytes to where reading has come. */
  async #move(length: number): Promise<void> {
    const start = this.#start + this.#at
    const window = new Uint8Array(Math.min(Math.max(length, WINDOW_BYTES), this.#size - start))
    let filled = 0
    while (filled < window.length) {
      const { bytesRead } = await this.#file.read(window, filled, window.length - filled, start + filled)
      if (bytesRead === 0) throw new FormatError({ place: this.#place, rule: 'the file must not shrink while it is read' })
      filled += bytesRead
    }
    this.#window = window
    this.#start = start
    this.#at = 0
  }
}
