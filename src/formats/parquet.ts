/** Parquet files as records, a part of a row group at a time. */
import { type FileHandle, open } from 'node:fs/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors'
import { DataError, FormatError } from '../errors.ts'
import { fileError } from './file-error.ts'
import { checkedFooter, checkMetadata, checkPages, damaged, type ReadRange } from './parquet-check.ts'
import { cellText, takeDecimals, textParsers } from './parquet-values.ts'
import type { RecordRow, RecordStream } from './record.ts'

/** So much unpacked data is turned into records at a time, about. */
const PART_BYTES = 2 ** 25
const MIN_PART_ROWS = 1024

/** Snappy is built into hyparquet; the sizes were checked before. */
const compressors: Compressors = {
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
}

/**
 * Opens a Parquet file. Cells are text: numbers in full, dates and times in ISO 8601, nested values as JSON, null as ''. A record's `line`
 * is its row, counted from 1. Memory holds the packed columns of one row group, and a part of its rows.
 *
 * @throws FormatError for damaged files and what is not read (LZO, encryption); DataError for a file that is missing
 */
export async function parquetRecords(path: string): Promise<RecordStream & { close(): Promise<void> }> {
  const handle = await open(path).catch((error) => {
    throw fileError(path, error)
  })
  try {
    const { size } = await handle.stat()
    const read = rangeReader(handle, path, size)
    const metadata = await readMetadata(path, size, read)
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
    checkNames(path, columns)
    const file = { byteLength: size, slice: (start: number, end = size) => read(start, end) }
    return { columns, records: rows(path, file, metadata, columns), close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw (error as NodeJS.ErrnoException).code === 'EISDIR' ? fileError(path, error) : error
  }
}

function rangeReader(handle: FileHandle, path: string, size: number): ReadRange {
  return async (start, end) => {
    if (!(start >= 0 && start <= end && end <= size))
      throw damaged(path, `bytes ${start} to ${end} of ${size}`, 'refers to itself only')
    const bytes = new Uint8Array(end - start)
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
      if (bytesRead === 0) throw damaged(path, 'a file that became shorter while it was read', 'keeps its size')
      filled += bytesRead
    }
    return bytes.buffer
  }
}

async function readMetadata(path: string, size: number, read: ReadRange): Promise<FileMetaData> {
  const footer = await checkedFooter(path, size, read)
  const metadata = await sound(path, async () => {
    const parsed = parquetMetadata(footer, { geoparquet: false })
    parquetSchema(parsed)
    return parsed
  })
  checkMetadata(path, size, metadata)
  return metadata
}

async function* rows(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: string[],
): AsyncGenerator<RecordRow, void, undefined> {
  const scales = takeDecimals(metadata)
  let line = 1
  let start = 0
  for (const [group, { num_rows, total_byte_size }] of metadata.row_groups.entries()) {
    const count = Number(num_rows)
    await checkPages(path, group, metadata, async (from, to) => file.slice(from, to))
    const parts = Math.max(1, Math.ceil(Number(total_byte_size) / PART_BYTES))
    const step = Math.max(MIN_PART_ROWS, Math.ceil(count / parts))
    for (let at = 0; at < count; at += step) {
      const rowStart = start + at
      const rowEnd = start + Math.min(count, at + step)
      const cells = await sound(`${path}: rows ${rowStart + 1} to ${rowEnd}`, () => readRows(file, metadata, rowStart, rowEnd))
      if (cells.length !== rowEnd - rowStart) throw damaged(path, `${cells.length} rows of ${rowEnd - rowStart}`, 'has its rows')
      for (const row of cells) {
        const fields = columns.map((name, i) => [name, cellText(row[i], scales.get(name))] as const)
        yield { line: line++, fields: Object.fromEntries(fields) }
      }
    }
    start += count
  }
}

function readRows(file: AsyncBuffer, metadata: FileMetaData, rowStart: number, rowEnd: number): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const options = { file, metadata, rowStart, rowEnd, compressors, parsers: textParsers, utf8: false, geoparquet: false }
    parquetRead({ ...options, rowFormat: 'array', onComplete: resolve }).catch(reject)
  })
}

/** Whatever a reader stumbles over in the file is the file's fault. */
async function sound<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof FormatError || cause instanceof DataError) throw cause
    const isText = (cause as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    if (isText) throw damaged(place, 'other bytes in a text column', 'has its texts in UTF-8', undefined, cause)
    throw damaged(place, (cause as Error).message, 'is sound', undefined, cause)
  }
}

function checkNames(path: string, columns: string[]): void {
  const twice = columns.find((column, i) => columns.indexOf(column) < i)
  if (columns.length > 0 && twice === undefined) return
  const got = twice === undefined ? 'none' : `"${twice}" twice`
  throw new DataError({
    place: path,
    rule: 'every column has a name of its own',
    got,
    hint: 'write the file again with other names',
  })
}
