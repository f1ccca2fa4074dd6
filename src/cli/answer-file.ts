import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { readRecords } from '../formats/records.ts'
import { columnsByName } from '../text/columns.ts'
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
  { column, encoding, out, added, batch = BATCH }: FileOptions<Name>,
  answer: (texts: readonly string[]) => Promise<Record<Name, unknown>[]>,
): Promise<number> {
  const file = await readRecords(path, { encoding })
  try {
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

const jsonLines = (): Writer => ({ header: () => '', row: (values) => `${JSON.stringify(values)}\n` })

function csv(columns: readonly string[]): Writer {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`
  const cell = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return { header: line, row: (values) => line(columns.map((name) => cell(values[name] ?? ''))) }
}

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
