import type { BitReader } from './bzip2-bits.ts'

export const MAX_CODE_LENGTH = 20

/** Codes up to this length, nearly all, are looked up at once. */
const FAST_BITS = 11
const MAX_SYMBOLS = 258

/** Canonical Huffman codes: of equal lengths the lower symbol has the lower code. */
export class HuffmanTable {
  /** By the next FAST_BITS bits: symbol << 5 | length, or 0 where the code is longer. */
  readonly #fast = new Uint16Array(2 ** FAST_BITS)
  /** The first code beyond those of each length, and what to add to a code for its symbol's place in `#sorted`. */
  readonly #limits = new Int32Array(MAX_CODE_LENGTH + 1)
  readonly #offsets = new Int32Array(MAX_CODE_LENGTH + 1)
  readonly #sorted = new Uint16Array(MAX_SYMBOLS)

  /** @returns whether such codes can exist */
  build(lengths: Uint8Array): boolean {
    this.#fast.fill(0)
    let code = 0
    let place = 0
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      this.#offsets[length] = place - code
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue
        if (code >= 2 ** length) return false
        this.#sorted[place++] = symbol
        if (length <= FAST_BITS) {
          const free = FAST_BITS - length
          this.#fast.fill((symbol << 5) | length, code << free, (code + 1) << free)
        }
        code++
      }
      this.#limits[length] = code
      code *= 2
    }
    return true
  }

  /** The next symbol; one beyond all where the bits are no code. */
  decode(bits: BitReader): number {
    while (bits.held < MAX_CODE_LENGTH) {
      bits.window = (bits.window << 8) | (bits.next < bits.bytes.length ? bits.bytes[bits.next]! : 0)
      bits.next++
      bits.held += 8
    }
    const entry = this.#fast[(bits.window >>> (bits.held - FAST_BITS)) & (2 ** FAST_BITS - 1)]!
    if (entry > 0) {
      bits.held -= entry & 31
      return entry >>> 5
    }
    for (let length = FAST_BITS + 1; length <= MAX_CODE_LENGTH; length++) {
      const code = (bits.window >>> (bits.held - length)) & (2 ** length - 1)
      if (code >= this.#limits[length]!) continue
      bits.held -= length
      return this.#sorted[code + this.#offsets[length]!]!
    }
    return MAX_SYMBOLS
  }
}
