/** What a Parquet file claims about itself, checked before it is believed. */
import type { FileMetaData } from 'hyparquet'
import { FormatError } from '../errors.ts'
import { ThriftReader } from './thrift.ts'

/** Reads a range of a file; beyond its end is an error. */
export type ReadRange = (start: number, end: number) => Promise<ArrayBuffer>

const MAGIC = 'PAR1'
const FOOTER_BYTES = 8
const MAX_METADATA_BYTES = 2 ** 28
/** A page is unpacked whole; writers make them of about one MiB. */
const MAX_PAGE_BYTES = 2 ** 28
const MAX_PAGE_VALUES = 2 ** 25
/** A column of a row group is read whole. */
const MAX_CHUNK_BYTES = 2 ** 30
const HEADER_BYTES = 2 ** 16

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']
const UNREAD_CODECS = ['LZO']

/** The footer's bytes, which are well-formed. @throws FormatError */
export async function checkedFooter(name: string, size: number, read: ReadRange): Promise<ArrayBuffer> {
  if (size < MAGIC.length + FOOTER_BYTES) throw damaged(name, `${size} bytes`, 'is too short')
  const start = Buffer.from(await read(0, MAGIC.length)).toString('latin1')
  const end = Buffer.from(await read(size - FOOTER_BYTES, size))
  const magic = end.toString('latin1', 4)
  if (magic === 'PARE' || start === 'PARE') throw damaged(name, 'an encrypted file', 'is encrypted', 'decrypt it first')
  if (start !== MAGIC) throw damaged(name, `it begins with ${JSON.stringify(start)}`, `begins with ${MAGIC}`)
  if (magic !== MAGIC) throw damaged(name, `it ends with ${JSON.stringify(magic)}`, `ends with ${MAGIC}, so this one ends early`)
  const length = end.readUInt32LE(0)
  if (length > Math.min(size - MAGIC.length - FOOTER_BYTES, MAX_METADATA_BYTES)) {
    throw damaged(name, `metadata of ${length} bytes in a file of ${size}`, 'has its metadata within it')
  }
  const footer = await read(size - FOOTER_BYTES - length, size)
  try {
    new ThriftReader(new DataView(footer, 0, length)).struct()
  } catch (cause) {
    throw damaged(name, (cause as Error).message, 'has readable metadata', undefined, cause)
  }
  return footer
}

/** @throws FormatError where row groups and columns do not lie in the file, or use what is not read */
export function checkMetadata(name: string, size: number, metadata: FileMetaData): void {
  let rows = 0
  for (const [i, { columns, num_rows }] of metadata.row_groups.entries()) {
    const place = `${name}: row group ${i}`
    const count = Number(num_rows)
    if (!(count >= 0 && count < 2 ** 31)) throw damaged(place, `${num_rows} rows`, 'has a number of rows')
    rows += count
    for (const { meta_data: meta, file_path } of columns) {
      if (meta === undefined || file_path) throw damaged(place, 'a column elsewhere', 'holds its columns')
      const column = `${place}, column "${meta.path_in_schema.join('.')}"`
      if (meta.codec === undefined || UNREAD_CODECS.includes(meta.codec)) {
        throw damaged(column, String(meta.codec), `is packed by ${CODECS.filter((codec) => !UNREAD_CODECS.includes(codec))}`)
      }
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
      const length = Number(meta.total_compressed_size)
      const fits = start >= MAGIC.length && length >= 0 && start + length <= size - FOOTER_BYTES
      if (!fits) throw damaged(column, `bytes ${start} to ${start + length} of ${size}`, 'lies within the file')
      if (length > MAX_CHUNK_BYTES) {
        const hint = 'write the file with smaller row groups'
        throw damaged(column, `${length} bytes`, `takes at most ${MAX_CHUNK_BYTES} bytes in a row group`, hint)
      }
    }
  }
  if (rows !== Number(metadata.num_rows))
    throw damaged(name, `${metadata.num_rows} rows, ${rows} in its groups`, 'counts its rows')
}

/** Walks from page to page of a row group. @throws FormatError where pages do not add up to their column, or would unpack to too much */
export async function checkPages(name: string, group: number, metadata: FileMetaData, read: ReadRange): Promise<void> {
  const { columns, num_rows } = metadata.row_groups[group]!
  const leaves = metadata.schema.filter(({ type }) => type !== undefined)
  if (leaves.length !== columns.length) throw damaged(name, `${columns.length} columns in group ${group}`, 'fits its schema')
  for (const { meta_data: meta } of columns) {
    const place = `${name}: row group ${group}, column "${meta!.path_in_schema.join('.')}"`
    const end = Number(meta!.dictionary_page_offset || meta!.data_page_offset) + Number(meta!.total_compressed_size)
    let values = 0
    for (let at = end - Number(meta!.total_compressed_size); at < end; ) {
      const page = pageAt(new DataView(await read(at, Math.min(end, at + HEADER_BYTES))), place)
      at += page.bytes
      values += page.values
      if (at > end) throw damaged(place, 'a page that goes beyond its end', 'holds its pages')
    }
    if (values !== Number(meta!.num_values))
      throw damaged(place, `${meta!.num_values} values, ${values} in its pages`, 'counts its values')
    if (
      meta!.path_in_schema.length === 1 &&
      leaves[columns.findIndex((column) => column.meta_data === meta)]!.repetition_type !== 'REPEATED' &&
      values !== Number(num_rows)
    ) {
      throw damaged(place, `${values} values`, `has a value a row, ${num_rows}`)
    }
  }
}

/** What a page's header claims: its bytes with the header, and how many values it holds where they are data. */
function pageAt(view: DataView, place: string): { bytes: number; values: number } {
  const reader = new ThriftReader(view)
  try {
    const header = reader.struct()
    const number = (id: number) => Number(header.get(id) ?? Number.NaN)
    const counts = [5, 7, 8].map((id) => header.get(id)).filter((part) => part instanceof Map)
    const values = Number(counts[0]?.get(1) ?? 0)
    const isSound = (value: number, limit: number) => value >= 0 && value <= limit
    if (!isSound(number(2), MAX_PAGE_BYTES) || !isSound(number(3), MAX_PAGE_BYTES) || !isSound(values, MAX_PAGE_VALUES)) {
      throw new RangeError(`a page of ${number(3)} bytes, ${number(2)} unpacked, with ${values} values`)
    }
    return { bytes: reader.at + number(3), values: header.has(7) ? 0 : values }
  } catch (cause) {
    throw damaged(place, (cause as Error).message, 'has readable pages', undefined, cause)
  }
}

/** `rule` goes on after "a Parquet file ". */
export function damaged(
  place: string,
  got: string,
  rule: string,
  hint = 'check that it was written and copied to its end',
  cause?: unknown,
): FormatError {
  return new FormatError({ place, rule: `a Parquet ${place.includes('column "') ? 'column' : 'file'} ${rule}`, got, hint, cause })
}
