import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { columnsByName } from '../text/columns.ts'
import { namesColumns } from '../text/parallel-columns.ts'
import { readTable } from '../text/tables.ts'
import { batches } from './input.ts'

const BATCH = 256

type Row = Record<string, unknown>
type Writer = { header: (columns: readonly string[]) => string; row: (values: Row) => string }

type FileOptions<Name extends string> = {
  /** Of the texts. */
  column?: string
  encoding?: string
  out: string
  /** The columns that are new. */
  added: readonly Name[]
  /** Whether it is an error that the file has such a column already; otherwise the new values take its place. */
  refuseTaken?: boolean
  /** How many rows are in memory at a time, where all of them are not needed at once. */
  batch?: number
}

/**
 * Answers the text of every row of a data file. The output has the input's columns, then the added ones; what is no text stands in CSV as JSON.
 *
 * @param answer  gives the added values for each of some texts, in order
 * @returns how many rows there were
 */
export async function answerFile<Name extends string>(
  path: string,
  { column, encoding, out, added, refuseTaken, batch = BATCH }: FileOptions<Name>,
  answer: (texts: readonly string[]) => Promise<Record<Name, unknown>[]>,
): Promise<number> {
  refuseEncoded(out)
  const file = await readTable(path, (cells) => namesColumns(cells, { source: column }), encoding)
  try {
    const taken = refuseTaken ? added.filter((name) => file.columns.includes(name)) : []
    if (taken.length > 0) {
      const rule = 'the answer needs columns of its own'
      throw new ConfigError({ place: path, rule, got: `a file that has ${taken.join(' and ')} already`, hint: 'rename them' })
    }
    const { text } = columnsByName(path, file.columns, { ...(column && { text: column }) })
    if (text === undefined) {
      throw new ConfigError({
        place: path,
        rule: 'the column of the texts must be named',
        got: file.columns.join(', '),
        hint: '--text COLUMN',
      })
    }
    const columns = [...file.columns, ...added.filter((name) => !file.columns.includes(name))]
    const writer = out.endsWith('.jsonl') ? jsonLines() : csv(columns)
    let texts = 0
    async function* lines() {
      yield Buffer.from(writer.header(columns))
      for await (const rows of batches(file.records, batch)) {
        const answers = await answer(rows.map(({ fields }) => fields[text!] ?? ''))
        texts += rows.length
        for (const [i, { fields }] of rows.entries()) yield Buffer.from(writer.row({ ...fields, ...answers[i] }))
      }
    }
    await writeFileAtomic(out, lines())
    return texts
  } finally {
    await file.close()
  }
}

/** @throws ConfigError for an output whose name promises a format that is not written */
export function refuseEncoded(out: string): void {
  const [extension] = /\.(gz|bz2|parquet|json|tsv)$/i.exec(out) ?? []
  if (extension === undefined) return
  throw new ConfigError({
    place: '--out',
    rule: 'answers are written as text, .csv or .jsonl',
    got: `a ${extension} file: ${out}`,
  })
}

const jsonLines = (): Writer => ({ header: () => '', row: (values) => `${JSON.stringify(values)}\n` })

function csv(columns: readonly string[]): Writer {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`
  const cell = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return { header: line, row: (values) => line(columns.map((name) => cell(values[name] ?? ''))) }
}

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
