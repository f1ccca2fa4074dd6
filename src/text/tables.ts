import type { RecordRow } from '../formats/record.ts'
import { formatOfFile, type Records, readRecords } from '../formats/records.ts'

/**
 * Opens a data file. The first row of a table that holds names which are known or asked for is a header, however few rows there are to
 * tell it from.
 *
 * @param isHeader  whether these cells are names
 */
export async function readTable(path: string, isHeader: (cells: string[]) => boolean, encoding?: string): Promise<Records> {
  const format = formatOfFile(path)
  if (format !== 'csv' && format !== 'tsv') return readRecords(path, { encoding })
  const bare = await readRecords(path, { encoding, header: false })
  let first: RecordRow | undefined
  try {
    for await (const row of bare.records) {
      first = row
      break
    }
  } finally {
    await bare.close()
  }
  const named = first !== undefined && isHeader(Object.values(first.fields).map((cell) => cell.trim()))
  return readRecords(path, { encoding, header: named ? true : 'auto' })
}
