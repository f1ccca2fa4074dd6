/** Compressed bytes → bytes: gzip and bzip2, recognised by how they begin. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FormatError } from '../errors.ts'
import { MAGIC_BYTES } from './binary-kind.ts'
import { bunzip2, DamagedBzip2 } from './bzip2.ts'
import { errnoCode } from './file-error.ts'
import { readAhead } from './stream-head.ts'

const CHUNK_BYTES = 2 ** 16

/** What a compressed file's name ends in, beyond the extension of what it holds. */
export const COMPRESSED = /\.(gz|bz2)$/i

/**
 * The bytes themselves where they are not compressed. A few chunks are in memory at a time, however much they unpack to.
 *
 * @throws FormatError for compressed data that is damaged or ends early
 */
export async function* decompress(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer, void, undefined> {
  const { head, chunks } = await withHead(bytes)
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(chunks, name)
  else if (isBzip2(head.toString('latin1'))) yield* bunzipped(chunks, name)
  else yield* chunks
}

/** A stream begins with a block, or ends at once. */
const isBzip2 = (head: string): boolean =>
  /^BZh[1-9]/.test(head) && ['1AY&SY', '\x17rE8P\x90'].some((magic) => head.startsWith(magic, 4))

/** The first bytes of a stream, at least MAGIC_BYTES where it has them, and the whole stream again. */
export async function withHead(
  bytes: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer, void, undefined> }> {
  const { head, all } = await readAhead(bytes, MAGIC_BYTES, (chunk) => chunk.length)
  return { head: Buffer.concat(head), chunks: all }
}

async function* gunzipped(chunks: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer, void, undefined> {
  const compressed = Readable.from(chunks, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  compressed.on('error', (error) => gunzip.destroy(error))
  try {
    yield* compressed.pipe(gunzip)
  } catch (error) {
    if (!errnoCode(error)?.startsWith('Z_')) throw error
    throw damaged(name, 'gzip', error as Error)
  } finally {
    compressed.destroy()
  }
}

async function* bunzipped(chunks: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* bunzip2(chunks)
  } catch (error) {
    if (!(error instanceof DamagedBzip2)) throw error
    throw damaged(name, 'bzip2', error)
  }
}

function damaged(name: string, tool: 'gzip' | 'bzip2', cause: Error): FormatError {
  return new FormatError({
    place: name,
    rule: `the ${tool} data is damaged or ends early`,
    got: cause.message,
    hint: `check it with \`${tool} -t\`, and copy or download it again`,
    cause,
  })
}
