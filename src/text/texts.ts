/** Texts to learn from or to embed, of any data files, as one stream. */
import { DataError } from '../errors.ts'
import { formatOfFile, type RecordFormat, readRecords } from '../formats/records.ts'
import { lineBatches, readText, type TextOptions } from '../formats/text-stream.ts'
import { columnsByName } from './columns.ts'
import { dataFiles, type FolderOptions } from './files.ts'

/** `place` is where the text begins, for messages: 'news.csv: line 3'. */
export type PlacedText = { text: string; place: string }

export type TextsOptions = FolderOptions &
  TextOptions & {
    /** The column of the texts in tables; by default the one with a well-known name, or the only one. */
    text?: string
    /** What one text is in .txt and .md files. Paragraphs end at blank lines and keep their line breaks. Default 'line'. */
    unit?: TextUnit
  }

export type TextUnit = 'line' | 'paragraph' | 'file'

/** Longest text that is taken from a .txt or .md file whole, in UTF-16 code units; a JavaScript string holds about twice that. */
const MAX_TEXT_LENGTH = 2 ** 28

/**
 * The texts of data files and folders of them, in order, a few in memory at a time: the lines of .txt and .md, the text column of
 * tables, the articles of a MediaWiki dump. Blank texts are left out. '-' is standard input: JSON lines where it begins with `{`,
 * otherwise a text a line.
 *
 * @throws DataError where there is no text at all, or no column that must be the texts; what `dataFiles` and `readRecords` throw
 */
export async function* readTexts(
  paths: readonly string[],
  options: TextsOptions = {},
): AsyncGenerator<PlacedText, void, undefined> {
  let found = false
  for (const path of await dataFiles(paths, options)) {
    for await (const texts of textBatches(path, options)) {
      for (const text of texts) {
        found = true
        yield text
      }
    }
  }
  if (found) return
  throw new DataError({ place: paths.join(', '), rule: 'there must be text to read', got: 'none, or blank lines only' })
}

function textBatches(path: string, options: TextsOptions): AsyncGenerator<PlacedText[], void, undefined> {
  const isText = path !== '-' && formatOfFile(path) === 'txt'
  if (!isText) return columnTexts(path, options)
  const unit = options.unit ?? 'line'
  if (unit === 'line') return lineTexts(path, options)
  return unit === 'paragraph' ? paragraphs(path, options) : wholeFile(path, options)
}

async function* lineTexts(path: string, { encoding }: TextOptions): AsyncGenerator<PlacedText[], void, undefined> {
  for await (const lines of lineBatches(readText(path, { encoding }), path)) {
    const filled = lines.filter(({ text }) => !isBlank(text))
    yield filled.map(({ line, text }) => ({ text, place: `${path}: line ${line}` }))
  }
}

async function* paragraphs(path: string, { encoding }: TextOptions): AsyncGenerator<PlacedText[], void, undefined> {
  let open: PlacedText | undefined
  for await (const lines of lineBatches(readText(path, { encoding }), path)) {
    const done: PlacedText[] = []
    for (const { line, text } of lines) {
      if (isBlank(text)) {
        if (open !== undefined) done.push(open)
        open = undefined
      } else if (open === undefined) open = { text, place: `${path}: line ${line}` }
      else open.text = withinLimit(`${open.text}\n${text}`, open.place)
    }
    yield done
  }
  if (open !== undefined) yield [open]
}

async function* wholeFile(path: string, { encoding }: TextOptions): AsyncGenerator<PlacedText[], void, undefined> {
  let text = ''
  for await (const piece of readText(path, { encoding })) text = withinLimit(text + piece, path)
  if (!isBlank(text)) yield [{ text, place: path }]
}

async function* columnTexts(
  path: string,
  { text: wanted, encoding }: TextsOptions,
): AsyncGenerator<PlacedText[], void, undefined> {
  const file = await readRecords(path === '-' ? process.stdin : path, { encoding })
  try {
    const column = textColumn(path, file.columns, wanted)
    const unit = RECORD_UNITS[formatOfFile(path) ?? 'txt'] ?? 'line'
    for await (const { line, fields } of file.records) {
      const text = fields[column] ?? ''
      if (!isBlank(text)) yield [{ text, place: `${path}: ${unit} ${line}` }]
    }
  } finally {
    await file.close()
  }
}

/** What the `line` of a record counts, where it is not lines. */
const RECORD_UNITS: Partial<Record<RecordFormat, string>> = { json: 'record', mediawiki: 'page' }

function textColumn(path: string, columns: string[], wanted: string | undefined): string {
  const { text } = columnsByName(path, columns, wanted === undefined ? {} : { text: wanted })
  if (text !== undefined) return text
  if (columns.length === 1) return columns[0]!
  throw new DataError({
    place: path,
    rule: 'the column of the texts must be named',
    got: `columns: ${columns.slice(0, 50).join(', ')}`,
    hint: `for example --text ${columns[0]}`,
  })
}

const isBlank = (text: string): boolean => !/\S/.test(text)

function withinLimit(text: string, place: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text
  throw new DataError({
    place,
    rule: `a text holds at most ${MAX_TEXT_LENGTH} characters`,
    got: 'more',
    hint: 'read the file by lines, or split it',
  })
}
