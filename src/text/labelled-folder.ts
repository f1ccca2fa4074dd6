/**
 * Folders of labelled texts: a folder a class with a file a text (`pos/1.txt`, `neg/1.txt`), or tables with the same columns.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { formatOfFile } from '../formats/records.ts'
import { readText } from '../formats/text-stream.ts'
import { type FolderEntries, filesBelow, isFolder, isHidden, listed } from './files.ts'

/** Folders of texts without labels, as data sets for learning without a teacher have them. */
const UNLABELLED = new Set(['unsup', 'unlabeled', 'unlabelled'])

/** What a folder of labelled texts holds. `leftOut` is what is neither; whoever reads it says so. */
export type LabelledFolder =
  | { kind: 'classes'; classes: { label: string; files: string[] }[]; leftOut: string[] }
  | { kind: 'tables'; files: string[]; leftOut: string[] }

/**
 * @throws DataError for a folder with training and test data side by side, with text files but no classes, with tables in the classes, or
 *   with nothing to read
 */
export async function labelledFolder(path: string): Promise<LabelledFolder> {
  const { folders, files } = await entriesOf(path)
  if (folders.some(isTraining) || files.some((file) => isTraining(stem(file)))) throw partsSideBySide(path)
  if (folders.length === 0) return tablesOf(path, files)
  const leftOut = files.map((file) => join(path, file))
  const classes: { label: string; files: string[] }[] = []
  for (const label of folders) {
    const below = (await filesBelow(join(path, label))).sort()
    if (UNLABELLED.has(label)) {
      leftOut.push(join(path, label))
      continue
    }
    const texts = below.filter((file) => formatOfFile(file) === 'txt')
    const others = below.filter((file) => formatOfFile(file) !== 'txt')
    if (others.some(isTable)) throw tablesInClasses(others.filter(isTable))
    leftOut.push(...others)
    if (texts.length > 0) classes.push({ label, files: texts })
    else leftOut.push(join(path, label))
  }
  if (classes.length === 0) throw nothing(path, leftOut)
  return { kind: 'classes', classes, leftOut }
}

/**
 * The two parts of a folder that holds `train` and `test`, as folders or as files of any format; undefined for other folders and files.
 *
 * @throws DataError where there are further parts, so that it is open what to learn from
 */
export async function trainAndTest(path: string): Promise<{ train: string; test: string; leftOut: string[] } | undefined> {
  if (!(await isFolder(path))) return undefined
  const { folders, files } = await entriesOf(path)
  const parts = [...folders, ...files.filter((file) => formatOfFile(file) !== undefined)]
  const named = (name: string) => parts.filter((part) => stem(part).toLowerCase() === name)
  const [train, test] = [named('train'), named('test')]
  if (train.length !== 1 || test.length !== 1) return undefined
  const rest = [...folders, ...files].filter((name) => name !== train[0] && name !== test[0])
  if (rest.some((name) => folders.includes(name) || isTable(name))) throw furtherParts(path, rest)
  return { train: join(path, train[0]!), test: join(path, test[0]!), leftOut: rest.map((name) => join(path, name)) }
}

/** The texts of the classes, a file each. */
export async function* classTexts(
  { classes }: Extract<LabelledFolder, { kind: 'classes' }>,
  encoding: string | undefined,
): AsyncGenerator<{ text: string; label: string; path: string }, void, undefined> {
  for (const { label, files } of classes) {
    for (const path of files) {
      let text = ''
      for await (const piece of readText(path, { encoding })) text += piece
      yield { text, label, path }
    }
  }
}

async function entriesOf(path: string): Promise<FolderEntries> {
  const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !isHidden(name))
  const names = (wanted: boolean) => entries.filter((entry) => entry.isDirectory() === wanted).map(({ name }) => name)
  return { folders: names(true).sort(), files: names(false).sort() }
}

function tablesOf(path: string, names: string[]): LabelledFolder {
  const files = names.map((name) => join(path, name))
  const tables = files.filter(isTable)
  const leftOut = files.filter((file) => !isTable(file))
  if (leftOut.some((file) => formatOfFile(file) === 'txt')) throw textsWithoutClasses(path, leftOut)
  if (tables.length === 0) throw nothing(path, leftOut)
  return { kind: 'tables', files: tables, leftOut }
}

const isTable = (file: string): boolean => ![undefined, 'txt', 'mediawiki'].includes(formatOfFile(file))

const isTraining = (name: string): boolean => name.toLowerCase() === 'train'

/** The name before its extensions: 'train' of 'train.csv.gz'. */
const stem = (name: string): string => name.replace(/(?<=.)(\.[A-Za-z\d]+){1,2}$/, '')

function partsSideBySide(path: string): DataError {
  return new DataError({
    place: path,
    rule: 'training and test data are named apart',
    got: 'a folder that holds both',
    hint: `name ${join(path, 'train')}; compare takes the test data with --test, or the folder where it holds train and test alone`,
  })
}

function furtherParts(path: string, rest: readonly string[]): DataError {
  return new DataError({
    place: path,
    rule: 'a folder of parts holds train and test alone',
    got: `beside them: ${rest.join(', ')}`,
    hint: `name what to learn from, and what to test on with --test: ${join(path, 'train')} --test ${join(path, 'test')}`,
  })
}

function textsWithoutClasses(path: string, files: readonly string[]): DataError {
  return new DataError({
    place: path,
    rule: 'text files have their label from the folder that they are in, a folder a class',
    got: listed(files),
    hint: 'put them into folders such as pos/ and neg/, or write a table with a column of labels',
  })
}

function tablesInClasses(tables: readonly string[]): DataError {
  return new DataError({
    place: tables[0]!,
    rule: 'a folder of labelled texts holds tables, or folders of text files',
    got: 'a table in a folder',
    hint: 'name the folder that holds the tables; a class with a file a text wants .txt files',
  })
}

function nothing(path: string, leftOut: readonly string[]): DataError {
  return new DataError({
    place: path,
    rule: 'a folder of labelled texts holds tables, or a folder a class with a .txt file a text',
    got: leftOut.length === 0 ? 'an empty folder' : listed(leftOut),
    hint: 'check that this is the right folder',
  })
}
