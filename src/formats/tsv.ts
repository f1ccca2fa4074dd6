/**
 * Tab-separated values: a line a row, a tab between cells, always.
 *
 * Two habits of the field both read as meant: files that never quote, where a stray quote is text (SST-2, STS), and exports that
 * quote a cell because it holds quotes. A cell counts as quoted only where it begins and ends with a quote and every quote between
 * is doubled. So tabs and line breaks cannot stand in cells: such tables belong into CSV.
 */
import type { TableRow } from './csv.ts'
import type { TextLine } from './text-stream.ts'

/** Rows of a tab-separated table; blank lines are left out, rows may have any number of cells. */
export async function* tsvRows(batches: AsyncIterable<TextLine[]>): AsyncGenerator<TableRow[], void, undefined> {
  for await (const lines of batches) {
    const filled = lines.filter(({ text }) => text.trim() !== '')
    yield filled.map(({ line, text }) => ({ line, cells: text.split('\t').map(unquote) }))
  }
}

function unquote(cell: string): string {
  if (cell.length < 2 || !cell.startsWith('"') || !cell.endsWith('"')) return cell
  const inner = cell.slice(1, -1)
  return inner.replaceAll('""', '').includes('"') ? cell : inner.replaceAll('""', '"')
}
