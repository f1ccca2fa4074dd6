/** Comma-separated values (RFC 4180), streaming: rows of cells with the line on which each row begins. */
import { CsvError, parse } from 'csv-parse/sync'
import { FormatError } from '../errors.ts'
import { MAX_LINE_LENGTH, type TextLine } from './text-stream.ts'

/** One row of a table. `line` counts from 1 and is where the row begins; quoted cells may span lines. */
export type TableRow = { line: number; cells: string[] }

export type Delimiter = ',' | ';' | '\t' | '|'

const DELIMITERS: Delimiter[] = [',', ';', '\t', '|']
const SAMPLE_LINES = 10

/**
 * The delimiter of a table, from its beginning: the one that occurs equally often in each of the first lines, otherwise the most
 * frequent one of the first line. What stands in quotes does not count.
 *
 * @param start  the first lines; the last one may be cut off
 */
export function detectDelimiter(start: string): Delimiter {
  const lines = start.replace(/"[^"]*"/g, '').split(/\r?\n/)
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  const sample = whole.filter((line) => line.trim() !== '').slice(0, SAMPLE_LINES)
  const candidates = DELIMITERS.map((delimiter) => {
    const counts = sample.map((line) => line.split(delimiter).length - 1)
    return { delimiter, count: counts[0] ?? 0, steady: counts.every((count) => count === counts[0]) }
  })
  const steady = candidates.filter((candidate) => candidate.steady && candidate.count > 0)
  return (steady.length > 0 ? steady : candidates).reduce((best, next) => (next.count > best.count ? next : best)).delimiter
}

/**
 * Rows of a table with quoted cells. Blank lines are left out, rows may have any number of cells, \r\n in a cell reads as \n.
 *
 * The parser gets batches of whole records: twice as fast as piping, and errors can name the line where a record begins.
 *
 * @param name  how errors name the source
 * @throws FormatError for a quote that is never closed (naming the line that opened it) and for a stray quote
 */
export async function* csvRows(
  batches: AsyncIterable<TextLine[]>,
  delimiter: Delimiter,
  name: string,
): AsyncGenerator<TableRow[], void, undefined> {
  const open = new OpenRecord()
  for await (const lines of batches) {
    const records = lines.flatMap((line) => open.join(line) ?? [])
    if (open.length > MAX_LINE_LENGTH) break
    yield parseBatch(records, delimiter, name)
  }
  if (open.length > 0) throw quoteNotClosed(name, open.quoteLine)
}

/** Joins lines until their quotes are balanced. */
class OpenRecord {
  #lines: TextLine[] = []
  length = 0
  /** The line of the last quote: where the record stays open, that one opened it. */
  quoteLine = 0

  /** The record that this line completes, if any; blank lines between records are none. */
  join(next: TextLine): TextLine | undefined {
    const flips = countQuotes(next.text) % 2 === 1
    if (this.#lines.length === 0 && !flips) return next.text.trim() === '' ? undefined : next
    if (next.text.replaceAll('""', '').includes('"')) this.quoteLine = next.line
    this.#lines.push(next)
    this.length += next.text.length + 1
    if (!flips || this.#lines.length === 1) return undefined
    const record = { line: this.#lines[0]!.line, text: this.#lines.map(({ text }) => text).join('\n') }
    this.#lines = []
    this.length = 0
    return record
  }
}

function countQuotes(text: string): number {
  let count = 0
  for (let i = text.indexOf('"'); i !== -1; i = text.indexOf('"', i + 1)) count++
  return count
}

function parseBatch(batch: TextLine[], delimiter: Delimiter, name: string): TableRow[] {
  if (batch.every(({ text }) => !text.includes('"'))) {
    return batch.map(({ line, text }) => ({ line, cells: text.split(delimiter) }))
  }
  try {
    const rows = parse(batch.map(({ text }) => text).join('\n'), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      max_record_size: 0,
    })
    return rows.map((cells, i) => ({ line: batch[i]!.line, cells }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw strayQuote(name, batch[Number(error.records)]?.line ?? batch[0]!.line, error)
  }
}

function quoteNotClosed(name: string, line: number): FormatError {
  return new FormatError({
    place: `${name}: line ${line}`,
    rule: 'a quoted cell must end with a quote',
    got: 'a quote that opens on this line and is never closed',
    hint: 'close it, or double a quote that belongs to the text: "so ""called"""',
  })
}

function strayQuote(name: string, line: number, cause: CsvError): FormatError {
  return new FormatError({
    place: `${name}: the row that begins on line ${line}`,
    rule: 'a quote opens a cell, ends it, or stands doubled inside a quoted one',
    got: `another quote in cell ${Number(cause.column) + 1}`,
    hint: 'write such a cell as "5"" pipe"; a file that does not use quotes at all may be tab-separated (.tsv)',
    cause,
  })
}
