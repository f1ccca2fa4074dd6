/** Bytes → characters, strictly: what is not valid is refused where it stands, never replaced. */
import { isUtf8 } from 'node:buffer'
import { FormatError } from '../errors.ts'

/**
 * UTF-16 where `head`, the first bytes, has its byte order mark, otherwise UTF-8. The mark stays in the text, as U+FEFF.
 *
 * @throws FormatError naming the offset of what is not valid
 */
export function decode(chunks: AsyncIterable<Buffer>, head: Buffer, name: string): AsyncGenerator<string, void, undefined> {
  if (head[0] === 0xff && head[1] === 0xfe) return decodeUtf16(chunks, 'utf-16le', name)
  if (head[0] === 0xfe && head[1] === 0xff) return decodeUtf16(chunks, 'utf-16be', name)
  return decodeUtf8(chunks, name)
}

/** Cuts at character boundaries itself: that names the offset of a bad byte, and the decoder's one-shot path is the fast one. */
async function* decodeUtf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let offset = 0
  let pending: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const end = lastBoundary(bytes)
    let text: string
    try {
      text = decoder.decode(bytes.subarray(0, end))
    } catch {
      throw notUtf8(name, bytes, firstInvalid(bytes), offset)
    }
    yield text
    offset += end
    pending = bytes.subarray(end)
  }
  if (pending.length > 0) throw notUtf8(name, pending, 0, offset)
}

async function* decodeUtf16(
  chunks: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
  name: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  let offset = 0
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      const place = bytes === undefined ? `${name}: byte ${offset}` : `${name}: bytes ${offset} to ${offset + bytes.length}`
      throw new FormatError({
        place,
        rule: `text must be valid ${encoding.toUpperCase()}`,
        hint: 'save the file as UTF-8',
        cause,
      })
    }
  }
  for await (const chunk of chunks) {
    yield decode(chunk)
    offset += chunk.length
  }
  yield decode()
}

/** Bytes that the character led by this byte takes; 1 for ASCII and for what leads nothing. */
function characterBytes(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
}

/** Where the last, unfinished character of a chunk begins, or the chunk's end. */
function lastBoundary(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) !== 0x80) return characterBytes(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function firstInvalid(bytes: Buffer): number {
  for (let i = 0; i < bytes.length; ) {
    const length = characterBytes(bytes[i]!)
    if ((length > 1 || bytes[i]! >= 0x80) && !isUtf8(bytes.subarray(i, i + length))) return i
    i += length
  }
  return bytes.length
}

function notUtf8(name: string, bytes: Buffer, index: number, offset: number): FormatError {
  const hex = bytes[index]?.toString(16).toUpperCase().padStart(2, '0')
  return new FormatError({
    place: `${name}: byte ${offset + index}`,
    rule: 'text must be UTF-8',
    got: `the byte 0x${hex}, which is not UTF-8 here`,
    hint: 'convert the file, for example with `iconv -f latin1 -t utf-8 old.txt > new.txt`',
  })
}
