/**
 * Text in, from a file or a stream, in bounded memory: gzip, bzip2 and byte order marks are recognised by their bytes,
 * everything else must be UTF-8 or in the encoding that is named.
 */
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { FormatError } from '../errors.ts'
import { binaryKind } from './binary-kind.ts'
import { decode } from './decode.ts'
import { decompress, withHead } from './decompress.ts'
import { encodingNamed, encodingOf } from './encoding.ts'
import { fileError } from './file-error.ts'

/** A path, or a stream of bytes such as `process.stdin`. */
export type TextSource = string | Readable

export type TextOptions = {
  /** The encoding of texts without a byte order mark, a label of the WHATWG Encoding Standard such as 'windows-1252'. Default UTF-8. */
  encoding?: string | undefined
}

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
 * Decoded text in chunks of arbitrary length. Unpacks gzip and bzip2 (several members too), takes UTF-8 and UTF-16; a byte order mark is
 * left out. Other encodings are never guessed: they must be named.
 *
 * @throws FormatError for bytes that are not text, naming the offset (after decompression) and the kind of file or the likely encoding
 * @throws DataError for a file that is missing or may not be read; ConfigError for an unknown encoding
 */
export async function* readText(source: TextSource, { encoding }: TextOptions = {}): AsyncGenerator<string, void, undefined> {
  const name = sourceName(source)
  const asked = encoding === undefined ? undefined : encodingNamed(encoding)
  const bytes = readBytes(source)
  try {
    const { head, chunks } = await withHead(bytes)
    const kind = binaryKind(head)
    if (kind !== undefined) throw notText(name, kind.name, kind.hint)
    let start = true
    for await (const piece of decode(chunks, encodingOf(head, asked), name)) {
      const text = start && piece.startsWith('\ufeff') ? piece.slice(1) : piece
      start &&= piece === ''
      if (text.includes('\0')) throw notText(name, 'a file with NUL bytes', 'export it as text')
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
export async function* readLines(source: TextSource, options?: TextOptions): AsyncGenerator<TextLine, void, undefined> {
  for await (const lines of lineBatches(readText(source, options), sourceName(source))) {
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

/** The bytes of a source, gunzipped where they are compressed. */
export function readBytes(source: TextSource): AsyncGenerator<Buffer, void, undefined> {
  const name = sourceName(source)
  return decompress(bytesOf(source, name), name)
}

async function* bytesOf(source: TextSource, name: string): AsyncGenerator<Buffer, void, undefined> {
  const stream = typeof source === 'string' ? createReadStream(source, { highWaterMark: READ_BYTES }) : source
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  } catch (error) {
    throw fileError(name, error)
  }
}

function notText(name: string, kind: string, hint: string): FormatError {
  return new FormatError({ place: name, rule: 'this is a binary file, not text', got: kind, hint })
}
