/**
 * Text in, from a file or a stream, in bounded memory: gzip and byte order marks are recognised by their bytes,
 * everything else must be UTF-8.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FormatError } from '../errors.ts'
import { binaryKind, MAGIC_BYTES } from './binary-kind.ts'
import { decode } from './decode.ts'
import { errnoCode, fileError } from './file-error.ts'
import { readAhead } from './stream-head.ts'

/** A path, or a stream of bytes such as `process.stdin`. */
export type TextSource = string | Readable

/** One line of a text, numbered from 1, without its end. */
export type TextLine = { line: number; text: string }

/** Longest line that is read, in UTF-16 code units: far beyond any text, well below what a JavaScript string can hold. */
export const MAX_LINE_LENGTH = 64 * 2 ** 20

const READ_BYTES = 2 ** 16

/** How errors name a source. */
export function sourceName(source: TextSource): string {
  if (typeof source === 'string') return source
  return source === process.stdin ? 'standard input' : 'the stream'
}

/**
 * Decoded text in chunks of arbitrary length. Gunzips (several members too), takes UTF-8, and UTF-16 with a byte order mark; the
 * mark itself is left out.
 *
 * @throws FormatError for bytes that are not text, naming the offset (after decompression) and the kind of file
 * @throws DataError for a file that is missing or may not be read
 */
export async function* readText(source: TextSource): AsyncGenerator<string, void, undefined> {
  const name = sourceName(source)
  const bytes = gunzipped(bytesOf(source, name), name)
  try {
    const { head, chunks } = await withHead(bytes)
    const kind = binaryKind(head)
    if (kind !== undefined) throw notText(name, kind.name, kind.hint)
    let start = true
    for await (const piece of decode(chunks, head, name)) {
      const text = start && piece.startsWith('\ufeff') ? piece.slice(1) : piece
      start &&= piece === ''
      if (text.includes('\0')) throw notText(name, 'a file with NUL bytes', nulHint(head))
      if (text !== '') yield text
    }
  } finally {
    await bytes.return() // closes the file also where the head was refused
  }
}

/**
 * The lines of a text, numbered from 1, without their ends (\n or \r\n).
 *
 * @throws FormatError for a line beyond MAX_LINE_LENGTH, and whatever `readText` throws
 */
export async function* readLines(source: TextSource): AsyncGenerator<TextLine, void, undefined> {
  for await (const lines of lineBatches(readText(source), sourceName(source))) {
    for (const line of lines) yield line
  }
}

/** `readLines` for text that is already decoded, a batch for each of its chunks: one by one, lines would wait longer than they take. */
export async function* lineBatches(text: AsyncIterable<string>, name: string): AsyncGenerator<TextLine[], void, undefined> {
  let line = 1
  let pending = '' // appended to but never searched, so that a long line costs linear time
  for await (const chunk of text) {
    const batch: TextLine[] = []
    let start = 0
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      batch.push({ line: line++, text: withoutReturn(pending + chunk.slice(start, end)) })
      pending = ''
      start = end + 1
    }
    pending += chunk.slice(start)
    if (pending.length > MAX_LINE_LENGTH) throw endlessLine(name, line)
    yield batch
  }
  if (pending.length > 0) yield [{ line, text: withoutReturn(pending) }]
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}

function endlessLine(name: string, line: number): FormatError {
  return new FormatError({
    place: `${name}: line ${line}`,
    rule: `a line holds at most ${MAX_LINE_LENGTH} characters`,
    got: 'no line end so far',
    hint: 'check that the file is text with line breaks',
  })
}

async function* bytesOf(source: TextSource, name: string): AsyncGenerator<Buffer, void, undefined> {
  const stream = typeof source === 'string' ? createReadStream(source, { highWaterMark: READ_BYTES }) : source
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  } catch (error) {
    throw fileError(name, error)
  }
}

async function* gunzipped(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer, void, undefined> {
  const { head, chunks } = await withHead(bytes)
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* chunks
  const compressed = Readable.from(chunks, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: READ_BYTES })
  compressed.on('error', (error) => gunzip.destroy(error))
  try {
    yield* compressed.pipe(gunzip)
  } catch (error) {
    if (!errnoCode(error)?.startsWith('Z_')) throw error
    throw new FormatError({
      place: name,
      rule: 'the gzip data is damaged or ends early',
      got: (error as Error).message,
      hint: 'check it with `gzip -t`, and copy or download it again',
      cause: error,
    })
  } finally {
    compressed.destroy()
  }
}

/** The first bytes of a stream (fewer only where it is shorter), and the whole stream again. */
async function withHead(
  bytes: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer, void, undefined> }> {
  const { head, all } = await readAhead(bytes, MAGIC_BYTES, (chunk) => chunk.length)
  return { head: Buffer.concat(head).subarray(0, MAGIC_BYTES), chunks: all }
}

function notText(name: string, kind: string, hint: string): FormatError {
  return new FormatError({ place: name, rule: 'this is a binary file, not text', got: kind, hint })
}

/** Text in UTF-16 without a mark shows as one NUL byte a letter. */
function nulHint(head: Buffer): string {
  if (head[1] === 0 && head[0] !== 0) return 'if it is UTF-16 text: `iconv -f utf-16le -t utf-8 old.txt > new.txt`'
  if (head[0] === 0 && head[1] !== 0) return 'if it is UTF-16 text: `iconv -f utf-16be -t utf-8 old.txt > new.txt`'
  return 'export it as text'
}
