/** Labelled texts: what a classifier learns from and is measured on. */
import { DataError } from '../errors.ts'
import { type RecordOptions, type Records, readRecords } from '../formats/records.ts'
import { type ColumnChoice, columnsByName, columnsByValues, ownCopy } from './columns.ts'

export type LabelledData = {
  texts: string[]
  /** The label of each text. */
  labels: string[]
  /** Distinct labels, sorted by code unit. */
  labelNames: string[]
  textColumn: string
  labelColumn: string
  /** Rows left out because their text or label is blank. */
  skipped: number
}

/** Texts are held in memory: this many UTF-16 code units take up to 2 GiB. */
const MAX_TEXT_LENGTH = 2 ** 30

/** Labels that hardly repeat are not labels: at most so many, or half the rows where that is more. */
const MANY_CLASSES = 50

/**
 * Reads a data file of texts with labels. The columns are those asked for, otherwise those with well-known names, otherwise judged by
 * their values (which reads the file twice), see `columns.ts`. Rows with a blank text or label are left out and counted; labels are
 * trimmed, texts kept as they are.
 *
 * @throws DataError for a column that does not exist or cannot be told, fewer than two labels, labels that hardly repeat, or more
 *   text than MAX_TEXT_LENGTH; and whatever `readRecords` throws
 */
export async function readLabelled(
  path: string,
  { text, label, ...options }: RecordOptions & ColumnChoice = {},
): Promise<LabelledData> {
  const file = await readRecords(path, options)
  try {
    const named = columnsByName(path, file.columns, { ...(text && { text }), ...(label && { label }) })
    if (named.text !== undefined && named.label !== undefined) return await collect(path, file, named.text, named.label)
    const chosen = await columnsByValues(path, file, named)
    return await collect(path, await readRecords(path, options), chosen.text, chosen.label)
  } finally {
    await file.close()
  }
}

async function collect(path: string, { records }: Records, textColumn: string, labelColumn: string): Promise<LabelledData> {
  const texts: string[] = []
  const labels: string[] = []
  const names = new Map<string, string>() // one string object a label
  let skipped = 0
  let length = 0
  for await (const { fields } of records) {
    const text = fields[textColumn] ?? ''
    const label = (fields[labelColumn] ?? '').trim()
    if (text.trim() === '' || label === '') {
      skipped++
      continue
    }
    length += text.length
    if (length > MAX_TEXT_LENGTH) throw tooLong(path, texts.length)
    if (!names.has(label)) names.set(label, ownCopy(label))
    texts.push(ownCopy(text))
    labels.push(names.get(label)!)
  }
  const labelNames = [...names.values()].sort()
  checkLabels(path, labelColumn, labelNames, texts.length, skipped)
  return { texts, labels, labelNames, textColumn, labelColumn, skipped }
}

function checkLabels(path: string, labelColumn: string, labelNames: string[], rows: number, skipped: number): void {
  const place = `${path}: column "${labelColumn}"`
  if (labelNames.length < 2) {
    const blanks = skipped > 0 ? `, ${skipped} rows with a blank text or label` : ''
    throw new DataError({
      place,
      rule: 'there must be at least two different labels',
      got: labelNames.length === 0 ? `no labelled text${blanks}` : `only "${labelNames[0]}" in ${rows} rows${blanks}`,
      hint: 'check that this is the label column; texts of other classes may be in another file',
    })
  }
  if (labelNames.length > Math.max(MANY_CLASSES, rows / 2)) {
    throw new DataError({
      place,
      rule: 'labels repeat from row to row',
      got: `${labelNames.length} different labels in ${rows} rows`,
      hint: 'name another label column; a number such as a price must be put into classes first',
    })
  }
}

function tooLong(path: string, rows: number): DataError {
  return new DataError({
    place: path,
    rule: `texts are held in memory, at most ${MAX_TEXT_LENGTH} characters`,
    got: `more than that after ${rows} rows`,
    hint: 'take a sample of the rows, or split the file',
  })
}
