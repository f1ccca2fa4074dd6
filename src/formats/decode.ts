/** Bytes → characters, strictly: what is not valid is refused where it stands, never replaced. */
import { isUtf8 } from 'node:buffer'
import { FormatError } from '../errors.ts'
import { guessEncoding } from './encoding-guess.ts'
import { decodeWindows1252 } from './windows-1252.ts'

/**
 * @param encoding  as `encodingOf` names it. A byte order mark stays in the text, as U+FEFF
 * @throws FormatError naming the offset of what is not valid, and, where it is not UTF-8, what it probably is
 */
export function decode(chunks: AsyncIterable<Buffer>, encoding: string, name: string): AsyncGenerator<string, void, undefined> {
  if (encoding === 'utf-8') return decodeUtf8(chunks, name)
  if (encoding.startsWith('utf-32')) throw utf32(name, encoding)
  return encoding === 'windows-1252' ? decodeWindows1252(chunks, name) : decodeOther(chunks, encoding, name)
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

async function* decodeOther(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
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
        hint: 'check the encoding, or save the file as UTF-8',
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
  const guess = guessEncoding(bytes, index)
  return new FormatError({
    place: `${name}: byte ${offset + index}`,
    rule: 'text must be UTF-8, unless another encoding is named',
    got: `the byte 0x${hex}, which is not UTF-8 here`,
    hint:
      guess === undefined
        ? 'if it is text, name its encoding with --encoding, for example --encoding windows-1252'
        : `--encoding ${guess.encoding} probably, which reads “${guess.excerpt}”; check that before you go on`,
  })
}

function utf32(name: string, encoding: string): FormatError {
  return new FormatError({
    place: name,
    rule: 'UTF-32 is not read',
    got: `the byte order mark of ${encoding.toUpperCase()}`,
    hint: 'convert it: `iconv -f utf-32 -t utf-8 old.txt > new.txt`',
  })
}
