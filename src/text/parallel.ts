/** Parallel texts, sentence by sentence: what a translation model learns from and is measured on. */
import { ConfigError, DataError } from '../errors.ts'
import { emptySource, HEAD_LENGTH } from '../formats/record.ts'
import { formatOfFile, type Records } from '../formats/records.ts'
import { readAhead } from '../formats/stream-head.ts'
import { readLines, type TextLine, type TextOptions } from '../formats/text-stream.ts'
import { ownCopy } from './columns.ts'
import { isFolder } from './files.ts'
import { type FoundBy, namesColumns, type ParallelColumns, parallelByContent, parallelByName } from './parallel-columns.ts'
import { readTable } from './tables.ts'

export type ParallelOptions = TextOptions & {
  /** The columns of a table; by default those named after the two sides or two languages, otherwise the only two with texts. */
  sourceColumn?: string
  targetColumn?: string
}

export type ParallelTexts = {
  sources: string[]
  /** The translation of each source. */
  targets: string[]
  /** Where each pair stands, counted from 1: a line of both files, or of the table; a record where it has no lines. */
  lines: number[]
  /** The file or files, for messages. */
  place: string
  columns?: ParallelColumns & { by: FoundBy }
  /** Pairs of which one side or both are blank: they are left out. */
  blank: { pairs: number; firstLines: number[] }
}

/** Texts are held in memory: this many UTF-16 code units take up to 2 GiB. */
const MAX_TEXT_LENGTH = 2 ** 30

/** Lines that messages name. */
export const NAMED_LINES = 5

/**
 * Reads two plain text files of which each line of one translates the same line of the other, or one table with two columns of texts. Blank
 * pairs are left out and counted, white space around a text is dropped; pairs that occur twice are kept.
 *
 * @throws DataError where one file has more lines than the other, naming the first line without a partner; where there is no pair at all,
 *   or no two columns that must be the texts; whatever reading text and records throws
 */
export async function readParallel(source: string, target?: string, options: ParallelOptions = {}): Promise<ParallelTexts> {
  if (target === undefined) {
    if ((formatOfFile(source) ?? 'txt') === 'txt') throw oneText(source)
    return readPairs(source, options)
  }
  const { sourceColumn, targetColumn } = options
  if (sourceColumn !== undefined || targetColumn !== undefined) {
    const got = [sourceColumn, targetColumn].filter((name) => name !== undefined).join(', ')
    throw new ConfigError({ place: `${source}, ${target}`, rule: 'two text files have no columns', got })
  }
  return readTwoFiles(source, target, options)
}

/** Whether a file is a table in which the columns of both sides can be told without being named. */
export async function isParallelTable(path: string): Promise<boolean> {
  const format = formatOfFile(path)
  if (format === undefined || format === 'txt' || format === 'mediawiki' || (await isFolder(path))) return false
  const file = await openTable(path, {}, undefined).catch(() => undefined) // reading it will tell what is wrong
  if (file === undefined) return false
  await file.close()
  return parallelByName(path, file.columns, {}).by !== 'content'
}

async function readTwoFiles(source: string, target: string, { encoding }: TextOptions): Promise<ParallelTexts> {
  for (const path of [source, target]) {
    const format = formatOfFile(path) ?? 'txt'
    if (format === 'txt') continue
    throw new ConfigError({
      place: path,
      rule: 'two parallel files are plain text, a sentence a line',
      got: `a .${format} file`,
      hint: 'give one table with both columns, or two text files',
    })
  }
  const collector = new Collector(`${source}, ${target}`)
  const [left, right] = [source, target].map((path) => readLines(path, { encoding }))
  try {
    for (;;) {
      const [a, b] = [await left.next(), await right.next()]
      if (a.done && b.done) return collector.data()
      if (a.done) await expectBlank(b.value as TextLine, right, target, source)
      else if (b.done) await expectBlank(a.value, left, source, target)
      else collector.add(a.value.text, b.value.text, a.value.line)
      if (a.done || b.done) return collector.data()
    }
  } finally {
    await Promise.all([left.return(), right.return()])
  }
}

/** Lines after the end of the other file may only be blank. @throws DataError naming the first that is not */
async function expectBlank(first: TextLine, rest: AsyncIterable<TextLine>, longer: string, shorter: string): Promise<void> {
  let odd = isBlank(first.text) ? undefined : first
  let last = first.line
  for await (const { line, text } of rest) {
    if (odd === undefined && !isBlank(text)) odd = { line, text }
    last = line
  }
  if (odd === undefined) return
  throw new DataError({
    place: `${longer}: line ${odd.line}`,
    rule: `every line has its translation in the same line of ${shorter}`,
    got: `${JSON.stringify(shortened(odd.text))}, but ${shorter} ends after line ${first.line - 1} and ${longer} after line ${last}`,
    hint: 'where a line is missing in the middle, all pairs after it are wrong: compare the files',
  })
}

async function readPairs(path: string, { sourceColumn, targetColumn, encoding }: ParallelOptions): Promise<ParallelTexts> {
  const wanted = { ...(sourceColumn && { source: sourceColumn }), ...(targetColumn && { target: targetColumn }) }
  const file = await openTable(path, wanted, encoding)
  try {
    if (file.columns.length < 2) throw oneColumn(path, file.columns)
    const { by, ...named } = parallelByName(path, file.columns, wanted)
    const { head, all } = await readAhead(file.records, HEAD_LENGTH, ({ fields }) => Object.values(fields).join().length + 1)
    if (head.length === 0) throw emptySource(path)
    const { source, target } = {
      ...named,
      ...(by === 'content' && parallelByContent(path, file.columns, head, named)),
    } as ParallelColumns
    const collector = new Collector(path)
    for await (const { line, fields } of all) collector.add(fields[source] ?? '', fields[target] ?? '', line)
    return { ...collector.data(), columns: { source, target, by } }
  } finally {
    await file.close()
  }
}

/** A first row that names the two sides is a header. */
const openTable = (path: string, wanted: Partial<ParallelColumns>, encoding: string | undefined): Promise<Records> =>
  readTable(path, (cells) => namesColumns(cells, wanted), encoding)

function oneText(path: string): ConfigError {
  return new ConfigError({
    place: path,
    rule: 'a text file goes with a second one that holds its translation, a sentence a line',
    got: 'one file',
    hint: 'give two text files, or one .tsv, .csv, .jsonl, .json or .parquet file with both sides',
  })
}

function oneColumn(path: string, columns: readonly string[]): DataError {
  return new DataError({
    place: path,
    rule: 'a table of translations has two columns of texts',
    got: columns.length === 0 ? 'none' : `the column "${columns[0]}" only`,
    hint: 'give two text files, or a .tsv, .csv, .jsonl, .json or .parquet file with both sides',
  })
}

class Collector {
  readonly #data: ParallelTexts
  #length = 0

  constructor(place: string) {
    this.#data = { sources: [], targets: [], lines: [], place, blank: { pairs: 0, firstLines: [] } }
  }

  add(source: string, target: string, line: number): void {
    const { sources, targets, lines, blank, place } = this.#data
    if (isBlank(source) || isBlank(target)) {
      if (++blank.pairs <= NAMED_LINES) blank.firstLines.push(line)
      return
    }
    this.#length += source.length + target.length
    if (this.#length > MAX_TEXT_LENGTH) {
      throw new DataError({
        place,
        rule: `texts are held in memory, at most ${MAX_TEXT_LENGTH} characters`,
        got: `more than that after ${sources.length} pairs`,
        hint: 'take a sample of the lines, or split the file',
      })
    }
    sources.push(ownCopy(source.trim()))
    targets.push(ownCopy(target.trim()))
    lines.push(line)
  }

  data(): ParallelTexts {
    const { sources, blank, place } = this.#data
    if (sources.length > 0) return this.#data
    throw new DataError({
      place,
      rule: 'there must be at least one text with its translation',
      got: blank.pairs > 0 ? `${blank.pairs} pairs with a blank side` : 'none',
      hint: 'check that these are the right files',
    })
  }
}

const isBlank = (text: string): boolean => !/\S/.test(text)

const MOST_SHOWN = 80

const shortened = (text: string): string => (text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`)
