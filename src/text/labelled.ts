/** Labelled texts: what a classifier learns from and is measured on. */
import { ConfigError, DataError } from '../errors.ts'
import { type RecordOptions, readRecords } from '../formats/records.ts'
import { type ColumnChoice, columnsByName, columnsByValues, ownCopy } from './columns.ts'
import { isFolder } from './files.ts'
import { classTexts, type LabelledFolder, labelledFolder } from './labelled-folder.ts'

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
  /** Files and folders of a folder that hold no labelled texts. */
  leftOut?: readonly string[]
}

/** Texts are held in memory: this many UTF-16 code units take up to 2 GiB. */
const MAX_TEXT_LENGTH = 2 ** 30

/** Labels that hardly repeat are not labels: at most so many, or half the rows where that is more. */
const MANY_CLASSES = 50

/**
 * Reads texts with labels: a data file, a folder of tables with the same columns, or a folder with a folder a class and a file a text
 * (see `labelled-folder.ts`). The columns are those asked for, otherwise those with well-known names, otherwise judged by the values of
 * the first file (which reads it twice), see `columns.ts`. Rows with a blank text or label are left out and counted; labels are trimmed,
 * texts kept as they are.
 *
 * @throws DataError for a column that does not exist or cannot be told, fewer than two labels, labels that hardly repeat, or more
 *   text than MAX_TEXT_LENGTH; and whatever `labelledFolder` and `readRecords` throw
 */
export async function readLabelled(path: string, options: RecordOptions & ColumnChoice = {}): Promise<LabelledData> {
  if (!(await isFolder(path))) return readTables(path, [path], options)
  const folder = await labelledFolder(path)
  const { leftOut } = folder
  const data = folder.kind === 'tables' ? readTables(path, folder.files, options) : readClasses(path, folder, options)
  return { ...(await data), ...(leftOut.length > 0 && { leftOut }) }
}

async function readTables(path: string, files: readonly string[], options: RecordOptions & ColumnChoice): Promise<LabelledData> {
  const { text, label, ...recordOptions } = options
  let choice: ColumnChoice = { ...(text && { text }), ...(label && { label }) }
  const collector = new Collector(path)
  for (const file of files) {
    choice = await collectTable(file, recordOptions, choice, collector)
  }
  return collector.data(choice.text!, choice.label!)
}

/** @returns the columns of this table, which those after it must have too */
async function collectTable(
  path: string,
  options: RecordOptions,
  wanted: ColumnChoice,
  collector: Collector,
): Promise<Required<ColumnChoice>> {
  let file = await readRecords(path, options)
  try {
    let { text, label } = columnsByName(path, file.columns, wanted)
    if (text === undefined || label === undefined) {
      ;({ text, label } = await columnsByValues(path, file, { ...(text && { text }), ...(label && { label }) }))
      await file.close()
      file = await readRecords(path, options)
    }
    for await (const { fields } of file.records) collector.add(fields[text] ?? '', fields[label] ?? '')
    return { text, label }
  } finally {
    await file.close()
  }
}

async function readClasses(
  path: string,
  folder: Extract<LabelledFolder, { kind: 'classes' }>,
  { text = TEXT, label = LABEL, encoding }: RecordOptions & ColumnChoice,
): Promise<LabelledData> {
  if (text !== TEXT || label !== LABEL) {
    const got = [text, label].filter((name) => name !== TEXT && name !== LABEL).join(', ')
    throw new ConfigError({ place: path, rule: 'a folder of classes has no columns', got, hint: 'leave out --text and --label' })
  }
  const collector = new Collector(path)
  for await (const { text, label } of classTexts(folder, encoding)) collector.add(text, label)
  return collector.data(TEXT, LABEL)
}

/** What the columns of a folder of classes are called. */
const [TEXT, LABEL] = ['text', 'label']

class Collector {
  readonly #path: string
  readonly #texts: string[] = []
  readonly #labels: string[] = []
  readonly #names = new Map<string, string>() // one string object a label
  #skipped = 0
  #length = 0

  constructor(path: string) {
    this.#path = path
  }

  add(text: string, rawLabel: string): void {
    const label = rawLabel.trim()
    if (text.trim() === '' || label === '') {
      this.#skipped++
      return
    }
    this.#length += text.length
    if (this.#length > MAX_TEXT_LENGTH) throw tooLong(this.#path, this.#texts.length)
    if (!this.#names.has(label)) this.#names.set(label, ownCopy(label))
    this.#texts.push(ownCopy(text))
    this.#labels.push(this.#names.get(label)!)
  }

  data(textColumn: string, labelColumn: string): LabelledData {
    const labelNames = [...this.#names.values()].sort()
    checkLabels(this.#path, labelColumn, labelNames, this.#texts.length, this.#skipped)
    return { texts: this.#texts, labels: this.#labels, labelNames, textColumn, labelColumn, skipped: this.#skipped }
  }
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
