import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { type RecordRow, readRecords } from '../formats/records.ts'
import type { LoadedModel } from '../load.ts'
import { columnsByName } from '../text/columns.ts'
import { countCut } from './classify.ts'

const BATCH = 256

type Writer = { header: (columns: readonly string[]) => string; row: (values: Record<string, string>) => string }

/**
 * Labels every row of a data file, of which only a few are in memory at a time. The output has the input's columns, then
 * `predicted` and `probability`.
 *
 * @returns how many rows were labelled, and how many of their texts the model did not read to the end
 */
export async function classifyFile(
  classify: NonNullable<LoadedModel['classify']>,
  path: string,
  { column, out }: { column?: string; out: string },
): Promise<{ texts: number; cut: number }> {
  const file = await readRecords(path)
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
    const columns = [...file.columns, ...ADDED.filter((name) => !file.columns.includes(name))]
    const writer = out.endsWith('.jsonl') ? jsonLines() : csv(columns)
    const counts = { texts: 0, cut: 0 }
    async function* lines() {
      yield Buffer.from(writer.header(columns))
      for await (const rows of batchesOf(file.records)) {
        const answers = await classify(rows.map(({ fields }) => fields[text!] ?? ''))
        counts.texts += rows.length
        counts.cut += countCut(answers)
        const labelled = rows.map(({ fields }, i) => {
          const { label, scores } = answers[i]
          return writer.row({ ...fields, predicted: label, probability: String(scores[label]) })
        })
        yield Buffer.from(labelled.join(''))
      }
    }
    await writeFileAtomic(out, lines())
    return counts
  } finally {
    await file.close()
  }
}

const ADDED = ['predicted', 'probability']

async function* batchesOf(records: AsyncIterable<RecordRow>): AsyncGenerator<RecordRow[]> {
  let batch: RecordRow[] = []
  for await (const record of records) {
    batch.push(record)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

const jsonLines = (): Writer => ({ header: () => '', row: (values) => `${JSON.stringify(values)}\n` })

function csv(columns: readonly string[]): Writer {
  const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`
  return { header: line, row: (values) => line(columns.map((name) => values[name] ?? '')) }
}

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
