/** Data files of every supported format as one stream of records. */
import { extname } from 'node:path'
import { ConfigError } from '../errors.ts'
import { csvRows, detectDelimiter } from './csv.ts'
import { jsonlRecords, jsonRecords } from './json.ts'
import { emptySource, type RecordRow, type RecordStream } from './record.ts'
import { readAhead } from './stream-head.ts'
import { type TableOptions, tableRecords } from './table.ts'
import { lineBatches, readText, sourceName, type TextLine, type TextSource } from './text-stream.ts'
import { tsvRows } from './tsv.ts'

export type { RecordRow } from './record.ts'

/** An open data file. It closes by itself when its records are read to the end or the loop over them is left; otherwise call `close`. */
export type Records = RecordStream & { close(): Promise<void> }

export type RecordFormat = 'csv' | 'tsv' | 'jsonl' | 'json' | 'txt'

export type RecordOptions = TableOptions & {
  /** Default: by the file's extension (before .gz); for a stream, JSON lines where it begins with `{`, otherwise txt. */
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
}

const SAMPLE_LENGTH = 2 ** 16

/**
 * Opens a data file. The separator of .csv is found among `,` `;` tab `|`; the first row is a header or not, see `tableRecords`.
 * .txt and .md give a record a line, blank ones too, with the one column 'text'.
 *
 * @throws ConfigError for an unknown extension
 * @throws DataError for an empty or missing file and for rows that do not fit; FormatError for what cannot be parsed
 */
export async function readRecords(source: TextSource, { format, ...table }: RecordOptions = {}): Promise<Records> {
  const known = format ?? (typeof source === 'string' ? formatOf(source) : undefined)
  const text = readText(source)
  try {
    return { ...(await parseRecords(text, sourceName(source), known, table)), close: async () => void (await text.return()) }
  } catch (error) {
    await text.return()
    throw error
  }
}

async function parseRecords(
  text: AsyncIterable<string>,
  name: string,
  format: RecordFormat | undefined,
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
    case 'txt':
      return { columns: ['text'], records: textRecords(lines) }
  }
}

async function* textRecords(batches: AsyncIterable<TextLine[]>): AsyncGenerator<RecordRow, void, undefined> {
  for await (const lines of batches) {
    for (const { line, text } of lines) yield { line, fields: { text } }
  }
}

function formatOf(path: string): RecordFormat {
  const extension = extname(path.replace(/\.gz$/i, '')).toLowerCase()
  const format = FORMATS[extension]
  if (format !== undefined) return format
  throw new ConfigError({
    place: path,
    rule: `the format of a data file follows from its extension: ${Object.keys(FORMATS).join(' ')}, each also with .gz`,
    got: extension === '' ? 'no extension' : extension,
    hint: 'rename the file, or say its format',
  })
}
