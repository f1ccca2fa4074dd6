import { displayWidth } from './width.ts'

export type Column = {
  title: string
  /** Left when left out, but right where every cell of the column is a number. */
  align?: 'left' | 'right'
}
export type Cell = string | number

/**
 * A table for a terminal: a head, a rule, a line a row; two spaces between columns, no line break at the end.
 * Control characters in cells are shown as escapes, so that text from outside cannot steer the terminal.
 *
 * @param options.color  true where the output is a terminal that shows bold and dim text
 */
export function terminalTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], { color = false } = {}): string {
  const { titles, cells, right } = arranged(columns, rows, visible)
  const widths = titles.map((title, c) => Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[c]!))))
  const line = (row: string[]) =>
    row
      .map((cell, c) => padded(cell, widths[c]!, right[c]!))
      .join('  ')
      .trimEnd()
  const styled = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const rule = line(widths.map((width) => '─'.repeat(width)))
  return [styled(1, line(titles)), styled(2, rule), ...cells.map(line)].join('\n')
}

/** A GitHub Flavored Markdown table. Cells are plain text: what Markdown or HTML would read as markup is escaped. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const { titles, cells, right } = arranged(columns, rows, plainMarkdown)
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(titles), line(right.map((isRight) => (isRight ? '---:' : '---'))), ...cells.map(line)].join('\n')
}

/** Cells as escaped text, a row padded to the number of columns, and which columns lean right. */
function arranged(columns: readonly Column[], rows: readonly (readonly Cell[])[], escaped: (text: string) => string) {
  return {
    titles: columns.map(({ title }) => escaped(title)),
    cells: rows.map((row) => columns.map((_, c) => escaped(String(row[c] ?? '')))),
    right: columns.map(({ align }, c) => (align ? align === 'right' : rows.every((row) => typeof row[c] === 'number'))),
  }
}

function padded(cell: string, width: number, right: boolean) {
  const space = ' '.repeat(width - displayWidth(cell))
  return right ? space + cell : cell + space
}

/** Control characters and the marks that reverse the direction of what follows, as \uXXXX. */
const visible = (text: string) =>
  text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
const plainMarkdown = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|~]/g, '\\$&')
