/** What the hash of a token starts from: FNV-1a over UTF-16 code units. */
export const HASH_SEED = 0x811c9dc5 | 0

export const hashed = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

/**
 * The tokens of one text in flat buffers that the next text overwrites: no string is made for any of them.
 * Token t has the units `starts[t]` up to `ends[t]`.
 */
export class Tokens {
  units = new Uint16Array(1024)
  starts = new Int32Array(256)
  ends = new Int32Array(256)
  hashes = new Int32Array(256)
  count = 0
  /** Where no n-gram may reach across: the number of tokens at the end of each part of the text. */
  breaks: number[] = []
  private bytes = Buffer.from(this.units.buffer)

  /** Forgets all tokens and copies the units of a text, which are read much faster from here, with a zero behind. */
  read(text: string): Uint16Array {
    this.count = 0
    this.breaks = []
    if (this.units.length <= text.length) {
      this.units = new Uint16Array(Math.max(text.length + 1, 2 * this.units.length))
      this.bytes = Buffer.from(this.units.buffer)
    }
    this.bytes.write(text, 0, 'utf16le')
    this.units[text.length] = 0
    return this.units
  }

  /** The units from `start` up to `end` are a token. */
  push(start: number, end: number, hash: number): void {
    if (this.count === this.hashes.length) this.grow()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.hashes[this.count++] = hash
  }

  /** Makes tokens of strings; empty ones are left out. */
  fill(words: readonly string[]): void {
    const units = this.read(words.join(''))
    let at = 0
    for (const word of words) {
      const start = at
      let hash = HASH_SEED
      for (; at < start + word.length; at++) hash = hashed(hash, units[at]!)
      if (word !== '') this.push(start, at, hash)
    }
  }

  private grow(): void {
    const size = 2 * this.hashes.length
    this.starts = resized(this.starts, size)
    this.ends = resized(this.ends, size)
    this.hashes = resized(this.hashes, size)
  }
}

function resized(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(size)
  copy.set(array)
  return copy
}

/** A hostile text may be one token: all its units do not fit on the stack at once. */
const PIECE = 8192

export function unitsToText(units: Uint16Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += PIECE) text += String.fromCharCode(...units.subarray(at, Math.min(end, at + PIECE)))
  return text
}
