/**
 * Unpacks bzip2 (.bz2) as a stream, several of them in a row too, as the `multistream` dumps of Wikipedia have it.
 *
 * Seward 1996–2019, bzip2 1.0.8; the format is described by Tsai 2016, "BZIP2: Format Specification". What is damaged is found: every block
 * and every stream carries a checksum.
 */
import { BitReader } from './bzip2-bits.ts'
import { BLOCK_UNIT, BlockDecoder } from './bzip2-block.ts'

const BLOCK_MAGIC = [0x314159, 0x265359] // the digits of π
const END_MAGIC = [0x177245, 0x385090] // the digits of √π

/** No block is longer: 900,000 symbols of at most 20 bits, and its tables. So a block that is buffered is decoded without waiting. */
const MAX_BLOCK_BYTES = 2_400_000
const READ_AHEAD = 2 * MAX_BLOCK_BYTES

/**
 * @param chunks  compressed bytes, cut anywhere
 * @throws DamagedBzip2 for bytes that are damaged, end early, or stand behind the end
 */
export async function* bunzip2(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const source = chunks[Symbol.asyncIterator]()
  const bits = new BitReader()
  const decoder = new BlockDecoder()
  let done = false
  const fill = async () => {
    const more: Buffer[] = []
    let ahead = bits.bytesLeft
    while (!done && ahead < READ_AHEAD) {
      const next = await source.next()
      done = next.done === true
      if (next.done) break
      more.push(next.value)
      ahead += next.value.length
    }
    if (more.length > 0) bits.append(more)
  }
  try {
    await fill()
    while (bits.bytesLeft > 0) {
      const blockSize = readHeader(bits) * BLOCK_UNIT
      let streamCrc = 0
      for (;;) {
        if (bits.bytesLeft < MAX_BLOCK_BYTES) await fill()
        const magic = [bits.read(24), bits.read(24)]
        const crc = bits.read32()
        if (isMagic(magic, END_MAGIC)) {
          if (crc !== streamCrc) throw bits.damaged('the checksum of a stream does not fit')
          break
        }
        if (!isMagic(magic, BLOCK_MAGIC)) throw bits.damaged('a block does not begin where it should')
        yield* decoder.decode(bits, blockSize, crc)
        streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0
      }
      bits.alignToByte()
      if (bits.bytesLeft < MAX_BLOCK_BYTES) await fill()
    }
  } finally {
    await source.return?.()
  }
}

const isMagic = (found: number[], magic: number[]): boolean => found[0] === magic[0] && found[1] === magic[1]

/** The level, 1 to 9: blocks have so many times 100,000 bytes. */
function readHeader(bits: BitReader): number {
  const [start, level] = [bits.read(24), bits.read(8) - 0x30]
  if (start !== 0x425a68 || level < 1 || level > 9) throw bits.damaged('what follows is no bzip2 stream')
  return level
}

export { DamagedBzip2 } from './bzip2-bits.ts'
