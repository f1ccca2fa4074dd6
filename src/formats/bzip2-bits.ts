/** Bits of a bzip2 stream, the highest of a byte first. */

/** The compressed bytes are not what bzip2 writes. `message` says in what way, and at which byte. */
export class DamagedBzip2 extends Error {}

/** Reading beyond the end gives zeros; `damaged` and `check` then say that the data ends early. */
export class BitReader {
  /** Open to the decoder of codes, which reads them bit by bit: the bytes, and the next one to be taken. */
  bytes: Buffer = Buffer.alloc(0)
  next = 0
  /** The lowest `held` bits are those still to be read. */
  window = 0
  held = 0
  #dropped = 0

  append(chunks: readonly Buffer[]): void {
    this.#dropped += this.next
    this.bytes = Buffer.concat([this.bytes.subarray(this.next), ...chunks])
    this.next = 0
  }

  /** Whole bytes that were not read yet; below zero beyond the end. */
  get bytesLeft(): number {
    return this.bytes.length - this.next + (this.held >> 3)
  }

  /** @param count  at most 24 */
  read(count: number): number {
    while (this.held < count) {
      this.window = (this.window << 8) | (this.bytes[this.next++] ?? 0)
      this.held += 8
    }
    this.held -= count
    return (this.window >>> this.held) & ((1 << count) - 1)
  }

  read32(): number {
    const high = this.read(16)
    return ((high << 16) | this.read(16)) >>> 0
  }

  alignToByte(): void {
    this.held -= this.held % 8
  }

  /** @throws DamagedBzip2 where more was read than there is */
  check(): void {
    if (this.bytesLeft < 0) throw this.damaged('')
  }

  damaged(what: string): DamagedBzip2 {
    if (this.bytesLeft < 0) return new DamagedBzip2('the data ends early')
    return new DamagedBzip2(`${what}, near byte ${this.#dropped + this.next}`)
  }
}
