/** One block of a bzip2 stream: Huffman codes → move to front → Burrows–Wheeler → runs of equal bytes. */
import type { BitReader } from './bzip2-bits.ts'
import { HuffmanTable, MAX_CODE_LENGTH } from './bzip2-huffman.ts'

/** Blocks are measured in these. */
export const BLOCK_UNIT = 100_000

const GROUP_LENGTH = 50
const OUTPUT_BYTES = 2 ** 16

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

/** Keeps its buffers from block to block. */
export class BlockDecoder {
  /** Low 8 bits: a byte of the last column. High 24 bits: where the next byte of the text is. */
  #links = new Uint32Array(0)
  #counts = new Uint32Array(256)
  #front = new Uint8Array(256)
  readonly #tables = Array.from({ length: 6 }, () => new HuffmanTable());

  /**
   * The bytes of the block that begins behind its magic number and checksum.
   *
   * @throws DamagedBzip2
   */
  *decode(bits: BitReader, blockSize: number, expectedCrc: number): Generator<Buffer, void, undefined> {
    if (bits.read(1) === 1) throw bits.damaged('a randomised block, as only bzip2 before 0.9.5 wrote them')
    const start = bits.read(24)
    if (this.#links.length < blockSize) this.#links = new Uint32Array(blockSize)
    const symbols = this.#readSymbols(bits)
    const selectors = this.#readSelectors(bits, symbols)
    const length = this.#readLastColumn(bits, selectors, symbols, blockSize)
    if (start >= length) throw bits.damaged('a block points outside itself')
    this.#link(length)
    const crc = yield* this.#runs(start, length)
    if (crc !== expectedCrc) throw bits.damaged('the checksum of a block does not fit')
  }

  /** Fills `#front` with the bytes that occur, ascending. @returns how many symbols are coded: those bytes less one, two runs, the end */
  #readSymbols(bits: BitReader): number {
    const rows = bits.read(16)
    let used = 0
    for (let row = 0; row < 16; row++) {
      if (((rows >> (15 - row)) & 1) === 0) continue
      const columns = bits.read(16)
      for (let column = 0; column < 16; column++) {
        if ((columns >> (15 - column)) & 1) this.#front[used++] = 16 * row + column
      }
    }
    if (used === 0) throw bits.damaged('a block without symbols')
    return used + 2
  }

  /** Reads the Huffman tables too. @returns which table codes each group of fifty symbols */
  #readSelectors(bits: BitReader, symbols: number): Uint8Array {
    const tables = bits.read(3)
    const selectors = new Uint8Array(bits.read(15))
    if (tables < 2 || tables > 6 || selectors.length === 0) throw bits.damaged('a block with a wrong number of tables')
    const front = Uint8Array.from({ length: tables }, (_, i) => i)
    for (let i = 0; i < selectors.length; i++) {
      let place = 0
      while (bits.read(1) === 1) if (++place >= tables) throw bits.damaged('a block names a table that it lacks')
      const table = front[place]!
      front.copyWithin(1, 0, place)
      front[0] = table
      selectors[i] = table
    }
    const lengths = new Uint8Array(symbols)
    for (let table = 0; table < tables; table++) {
      let length = bits.read(5)
      for (let symbol = 0; symbol < symbols; symbol++) {
        while (length >= 1 && length <= MAX_CODE_LENGTH && bits.read(1) === 1) length += bits.read(1) === 1 ? -1 : 1
        if (length < 1 || length > MAX_CODE_LENGTH) throw bits.damaged('a code of a wrong length')
        lengths[symbol] = length
        bits.check() // as lengths that go up and down could do so for ever
      }
      if (!this.#tables[table]!.build(lengths)) throw bits.damaged('codes that contradict each other')
    }
    return selectors
  }

  /** Undoes Huffman codes, runs of the front byte, and move to front. @returns how many bytes the block has, in `#links` */
  #readLastColumn(bits: BitReader, selectors: Uint8Array, symbols: number, blockSize: number): number {
    const links = this.#links
    const front = this.#front
    const counts = this.#counts.fill(0)
    const end = symbols - 1
    let length = 0
    let run = 0
    let runUnit = 1
    for (const selector of selectors) {
      bits.check()
      const table = this.#tables[selector]!
      for (let i = 0; i < GROUP_LENGTH; i++) {
        const symbol = table.decode(bits)
        if (symbol <= 1) {
          run += runUnit << symbol // digits 1 and 2, the lowest first
          runUnit *= 2
          if (run > blockSize) throw bits.damaged('a block longer than its stream allows')
          continue
        }
        if (run > 0) {
          if (length + run > blockSize) throw bits.damaged('a block longer than its stream allows')
          const byte = front[0]!
          counts[byte]! += run
          links.fill(byte, length, length + run)
          length += run
          run = 0
          runUnit = 1
        }
        if (symbol === end) return length
        if (symbol > end) throw bits.damaged('a code without a meaning')
        if (length >= blockSize) throw bits.damaged('a block longer than its stream allows')
        const place = symbol - 1
        const byte = front[place]!
        if (place < 16) for (let at = place; at > 0; at--) front[at] = front[at - 1]!
        else front.copyWithin(1, 0, place)
        front[0] = byte
        counts[byte]!++
        links[length++] = byte
      }
    }
    throw bits.damaged('a block without an end')
  }

  /** Burrows–Wheeler: the i-th occurrence of a byte in the last column is its i-th in the sorted first one. */
  #link(length: number): void {
    const links = this.#links
    const next = new Uint32Array(256)
    for (let byte = 0, sum = 0; byte < 256; byte++) {
      next[byte] = sum
      sum += this.#counts[byte]!
    }
    for (let i = 0; i < length; i++) {
      const byte = links[i]! & 0xff
      links[next[byte]!++]! |= i << 8
    }
  }

  /** Follows the links; four equal bytes are followed by how often the byte comes again. @returns the checksum */
  *#runs(start: number, length: number): Generator<Buffer, number, undefined> {
    const links = this.#links
    let out = Buffer.allocUnsafe(OUTPUT_BYTES)
    let filled = 0
    let crc = -1
    let equal = 0
    let last = -1
    let at = links[start]! >>> 8
    for (let i = 0; i < length; i++) {
      const link = links[at]!
      at = link >>> 8
      const value = link & 0xff
      let times = 1
      let byte = value
      if (equal === 4) {
        times = value
        byte = last
        equal = 0
        last = -1
      } else if (value === last) equal++
      else {
        last = value
        equal = 1
      }
      for (; times > 0; times--) {
        out[filled++] = byte
        crc = (crc << 8) ^ CRC[(crc >>> 24) ^ byte]!
        if (filled < OUTPUT_BYTES) continue
        yield out
        out = Buffer.allocUnsafe(OUTPUT_BYTES)
        filled = 0
      }
    }
    if (filled > 0) yield out.subarray(0, filled)
    return ~crc >>> 0
  }
}
