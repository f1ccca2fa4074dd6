/** Data files of every supported format as one stream of records. */
import { extname } from 'node:path'
import { ConfigError } from '../errors.ts'
import { csvRows, detectDelimiter } from './csv.ts'
import { COMPRESSED } from './decompress.ts'
import { jsonlRecords, jsonRecords } from './json.ts'
import { mediawikiRecords } from './mediawiki.ts'
import { emptySource, type RecordRow, type RecordStream } from './record.ts'
import { readAhead } from './stream-head.ts'
import { type TableOptions, tableRecords } from './table.ts'
import { lineBatches, readText, sourceName, type TextLine, type TextOptions, type TextSource } from './text-stream.ts'
import { tsvRows } from './tsv.ts'

export type { RecordRow } from './record.ts'

/** An open data file. It closes by itself when its records are read to the end or the loop over them is left; otherwise call `close`. */
export type Records = RecordStream & { close(): Promise<void> }

export type RecordFormat = 'csv' | 'tsv' | 'jsonl' | 'json' | 'txt' | 'mediawiki' | 'parquet'

export type RecordOptions = TableOptions &
  TextOptions & {
    /** Default: by the file's extension (before .gz or .bz2); for a stream, JSON lines where it begins with `{`, otherwise txt. */
    format?: RecordFormat
  }

const FORMATS: Record<string, RecordFormat> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.txt': 'txt',
  '.text': 'txt',
  '.md': 'txt',
  '.xml': 'mediawiki',
  '.parquet': 'parquet',
}

const SAMPLE_LENGTH = 2 ** 16

/**
 * Opens a data file. The separator of .csv is found among `,` `;` tab `|`; the first row is a header or not, see `tableRecords`.
 * .txt and .md give a record a line, blank ones too, with the one column 'text'; .xml must be a MediaWiki dump and gives its articles.
 *
 * @throws ConfigError for an unknown extension
 * @throws DataError for an empty or missing file and for rows that do not fit; FormatError for what cannot be parsed
 */
export async function readRecords(source: TextSource, { format, encoding, ...table }: RecordOptions = {}): Promise<Records> {
  const known = format ?? (typeof source === 'string' ? knownFormat(source) : undefined)
  if (known === 'parquet') return openParquet(source)
  const text = readText(source, { encoding })
  try {
    return { ...(await parseRecords(text, sourceName(source), known, table)), close: async () => void (await text.return()) }
  } catch (error) {
    await text.return()
    throw error
  }
}

/** A Parquet file is read from its end, which a stream does not let. */
async function openParquet(source: TextSource): Promise<Records> {
  if (typeof source === 'string') return (await import('./parquet.ts')).parquetRecords(source)
  throw new ConfigError({
    place: sourceName(source),
    rule: 'Parquet is read from a file, not from a stream',
    hint: 'name the file',
  })
}

async function parseRecords(
  text: AsyncIterable<string>,
  name: string,
  format: Exclude<RecordFormat, 'parquet'> | undefined,
  table: TableOptions,
): Promise<RecordStream> {
  const { head, all } = await readAhead(text, SAMPLE_LENGTH, (chunk) => chunk.length)
  const start = head.join('')
  if (start.trim() === '' && start.length < SAMPLE_LENGTH) throw emptySource(name)
  const lines = lineBatches(all, name)
  switch (format ?? (start.trimStart().startsWith('{') ? 'jsonl' : 'txt')) {
    case 'csv': {
      const delimiter = detectDelimiter(start)
      return tableRecords(delimiter === '\t' ? tsvRows(lines) : csvRows(lines, delimiter, name), name, table)
    }
    case 'tsv':
      return tableRecords(tsvRows(lines), name, table)
    case 'jsonl':
      return jsonlRecords(lines, name)
    case 'json':
      return jsonRecords(all, name)
    case 'mediawiki':
      return mediawikiRecords(all, name)
    case 'txt':
      return { columns: ['text'], records: textRecords(lines) }
  }
}

async function* textRecords(batches: AsyncIterable<TextLine[]>): AsyncGenerator<RecordRow, void, undefined> {
  for await (const lines of batches) {
    for (const { line, text } of lines) yield { line, fields: { text } }
  }
}

/** The extensions of data files, for messages. */
export const READABLE_EXTENSIONS = `${Object.keys(FORMATS).join(' ')}, each also with .gz or .bz2`

/** The format of a data file by its extension (before .gz or .bz2), or undefined. */
export function formatOfFile(path: string): RecordFormat | undefined {
  return FORMATS[extensionOf(path)]
}

const extensionOf = (path: string): string => extname(path.replace(COMPRESSED, '')).toLowerCase()

function knownFormat(path: string): RecordFormat {
  const format = formatOfFile(path)
  if (format !== undefined) return format
  throw new ConfigError({
    place: path,
    rule: `the format of a data file follows from its extension: ${READABLE_EXTENSIONS}`,
    got: extensionOf(path) || 'no extension',
    hint: 'rename the file, or say its format',
  })
}
