/** Rows of cells → records: decides whether the first row is a header and that every row fits it. */
import { DataError } from '../errors.ts'
import { isKnownColumn } from './column-names.ts'
import type { TableRow } from './csv.ts'
import { emptySource, HEAD_LENGTH, type RecordRow, type RecordStream } from './record.ts'
import { readAhead } from './stream-head.ts'

export type TableOptions = {
  /** Whether the first row names the columns; 'auto' judges by its cells, see `looksLikeHeader`. Default 'auto'. */
  header?: 'auto' | boolean
  /** 'fill' reads missing cells as '' and leaves out those beyond the last column; default 'refuse'. */
  raggedRows?: 'refuse' | 'fill'
}

const MAX_NAME_LENGTH = 64
const MIN_EVIDENCE_ROWS = 4

/**
 * Columns are named by the header; a nameless column, and every column without a header, by its position: '1', '2', …
 *
 * @throws DataError for no rows, an empty header, a name that occurs twice; while iterating, for a row with more or fewer cells
 */
export async function tableRecords(
  batches: AsyncIterable<TableRow[]>,
  name: string,
  { header = 'auto', raggedRows = 'refuse' }: TableOptions,
): Promise<RecordStream> {
  const lengthOf = (rows: TableRow[]) => rows.reduce((sum, { cells }) => sum + cells.join().length, 0)
  const { head: headBatches, all } = await readAhead(batches, HEAD_LENGTH, lengthOf)
  const head = headBatches.flat()
  const first = head[0]
  if (first === undefined) throw emptySource(name)
  const hasHeader = header === 'auto' ? looksLikeHeader(head) : header
  const width =
    raggedRows === 'fill' && !hasHeader ? head.reduce((most, { cells }) => Math.max(most, cells.length), 0) : first.cells.length
  const columns = hasHeader ? headerColumns(first, name) : Array.from({ length: width }, (_, i) => String(i + 1))

  async function* records(): AsyncGenerator<RecordRow, void, undefined> {
    let skip = hasHeader
    for await (const rows of all) {
      for (const { line, cells } of skip ? rows.slice(1) : rows) {
        if (cells.length !== columns.length && raggedRows === 'refuse') throw raggedRow(name, line, cells, columns, hasHeader)
        yield { line, fields: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])) }
      }
      skip &&= rows.length === 0
    }
  }
  return { columns, records: records() }
}

/**
 * A first row is a header when none of its cells is a number or long, and
 * - one of them is a column name in common use ('text', 'review_text', 'Label'), or
 * - all differ, and one stands out from its column: the column holds numbers only, or few values of which it is none.
 *
 * @param head  the first rows of the table
 */
function looksLikeHeader(head: TableRow[]): boolean {
  const names = head[0]!.cells.map((cell) => cell.trim())
  const mayName = (cell: string) => cell.length <= MAX_NAME_LENGTH && !isNumber(cell) && !cell.includes('\n')
  if (!names.every(mayName) || names.every((cell) => cell === '')) return false
  if (names.some(isKnownColumn)) return true
  if (new Set(names).size < names.length || head.length <= MIN_EVIDENCE_ROWS) return false
  const body = head.slice(1)
  return names.some((cell, i) => {
    const values = body.map(({ cells }) => cells[i]?.trim() ?? '')
    const distinct = new Set(values)
    return cell !== '' && (values.every(isNumber) || (distinct.size <= values.length / 2 && !distinct.has(cell)))
  })
}

function isNumber(cell: string): boolean {
  return /^\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?%?\s*$/i.test(cell)
}

function headerColumns({ line, cells }: TableRow, name: string): string[] {
  const place = `${name}: line ${line}`
  if (cells.every((cell) => cell.trim() === '')) {
    throw new DataError({
      place,
      rule: 'a header names its columns',
      got: 'an empty row',
      hint: 'read the file without a header',
    })
  }
  const columns = cells.map((cell, i) => cell.trim() || String(i + 1))
  const twice = columns.find((column, i) => columns.indexOf(column) < i)
  if (twice === undefined) return columns
  throw new DataError({
    place,
    rule: 'every column has a name of its own',
    got: `the name "${twice}" in columns ${columns.flatMap((column, i) => (column === twice ? [i + 1] : [])).join(' and ')}`,
    hint: 'rename one of them in the first line; a file without a header must be read as such',
  })
}

function raggedRow(name: string, line: number, cells: string[], columns: string[], hasHeader: boolean): DataError {
  return new DataError({
    place: `${name}: line ${line}`,
    rule: `every row has as many cells as the ${hasHeader ? 'header' : 'first row'}`,
    got: `${cells.length} cells, expected ${columns.length}${hasHeader ? ` (${columns.slice(0, 10).join(', ')})` : ''}`,
    hint: 'quote a cell that holds the separator or a line break (line breaks only in CSV); look at the line before, too',
  })
}
