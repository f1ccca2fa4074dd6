/**
 * Tab-separated values: a line a row, a tab between cells.
 *
 * Both habits of the field read as meant: files that never quote, where a stray quote is text (SST-2), and exports that quote a cell
 * holding quotes or tabs. A cell is taken as quoted only where it begins with a quote and a closing quote stands before the next tab
 * or the end of the line, with every quote between them doubled; any other quote is text. Line breaks in cells are not supported:
 * such tables belong into CSV.
 */
import type { TableRow } from './csv.ts'
import type { TextLine } from './text-stream.ts'

const QUOTED_CELL = /"((?:[^"]|"")*)"(?=\t|$)/y

/** Rows of a tab-separated table; blank lines are left out, rows may have any number of cells. */
export async function* tsvRows(lines: AsyncIterable<TextLine>): AsyncGenerator<TableRow, void, undefined> {
  for await (const { line, text } of lines) {
    if (text.trim() !== '') yield { line, cells: tsvCells(text) }
  }
}

function tsvCells(text: string): string[] {
  if (!text.includes('"')) return text.split('\t')
  const cells: string[] = []
  for (let start = 0; start <= text.length; ) {
    const [cell, end] = quotedCell(text, start) ?? plainCell(text, start)
    cells.push(cell)
    start = end + 1
  }
  return cells
}

type Cell = [cell: string, end: number]

function quotedCell(text: string, start: number): Cell | undefined {
  QUOTED_CELL.lastIndex = start
  const match = QUOTED_CELL.exec(text)
  return match ? [match[1]!.replaceAll('""', '"'), QUOTED_CELL.lastIndex] : undefined
}

function plainCell(text: string, start: number): Cell {
  const tab = text.indexOf('\t', start)
  const end = tab === -1 ? text.length : tab
  return [text.slice(start, end), end]
}
