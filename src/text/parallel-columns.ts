/** Which two columns of a table hold texts and their translations. */
import { DataError } from '../errors.ts'
import type { RecordRow } from '../formats/record.ts'

export type ParallelColumns = { source: string; target: string }

/** How the columns were found, for people to check: as asked for, by their names, by their order, or as the only texts. */
export type FoundBy = 'asked' | 'name' | 'order' | 'content'

/** Names of the two sides in common use. */
const PAIRS: readonly [source: string, target: string][] = [
  ['source', 'target'],
  ['src', 'tgt'],
  ['src', 'trg'],
]

/** The columns by what was asked for and by name, missing where these leave it open. @throws DataError for no such column */
export function parallelByName(
  place: string,
  columns: readonly string[],
  wanted: Partial<ParallelColumns>,
): Partial<ParallelColumns> & { by: FoundBy } {
  for (const column of [wanted.source, wanted.target]) {
    if (column === undefined || columns.includes(column)) continue
    throw new DataError({
      place,
      rule: `there is no column "${column}"`,
      got: listed(columns),
      hint: 'name one of these columns',
    })
  }
  if (wanted.source !== undefined && wanted.source === wanted.target) {
    const rule = 'the source and the target are different columns'
    throw new DataError({ place, rule, got: `"${wanted.source}" for both`, hint: 'name two columns' })
  }
  if (wanted.source !== undefined && wanted.target !== undefined) return { ...wanted, by: 'asked' }
  const named = pairByName(columns)
  if (wanted.source === undefined && wanted.target === undefined && named) return { ...named, by: 'name' }
  const open = columns.filter((column) => column !== wanted.source && column !== wanted.target)
  const [first, second] = open
  if (wanted.source === undefined && wanted.target === undefined) {
    return open.length === 2 ? { source: first, target: second, by: 'order' } : { by: 'content' }
  }
  const other = named && [named.source, named.target].find((column) => open.includes(column))
  const rest = other ?? (open.length === 1 ? first : undefined)
  const found = rest === undefined ? {} : wanted.source === undefined ? { source: rest } : { target: rest }
  return { ...wanted, ...found, by: rest === undefined ? 'content' : 'name' }
}

/** 'source' and 'target' and the like; otherwise the only two columns that are named after languages. */
function pairByName(columns: readonly string[]): ParallelColumns | undefined {
  const find = (name: string) => columns.find((column) => column.trim().toLowerCase() === name)
  for (const [source, target] of PAIRS) {
    const pair = { source: find(source), target: find(target) }
    if (pair.source !== undefined && pair.target !== undefined) return pair as ParallelColumns
  }
  const languages = columns.filter(isLanguage)
  return languages.length === 2 ? { source: languages[0], target: languages[1] } : undefined
}

/** Whether a first row names columns, and so is a header. */
export const namesColumns = (cells: readonly string[], wanted: Partial<ParallelColumns>): boolean =>
  [wanted.source, wanted.target].some((column) => column !== undefined && cells.includes(column)) ||
  pairByName(cells) !== undefined

let languageNames: Set<string> | undefined

/** Whether a name is that of a language in English, or a code such as 'de', 'de-AT', 'deu' or 'de_DE'. */
function isLanguage(name: string): boolean {
  const lower = name.trim().toLowerCase()
  const display = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  if (/^[a-z]{2,3}([-_][a-z]{2,4})?$/.test(lower)) return display.of(lower.split(/[-_]/)[0]) !== undefined
  languageNames ??= new Set(
    LETTERS.flatMap((a) => LETTERS.map((b) => display.of(a + b)?.toLowerCase())).filter((known) => known !== undefined),
  )
  return languageNames.has(lower)
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']

/** Letters that a mean cell has at least, where the column holds texts and not numbers, codes or classes. */
const TEXT_LETTERS = 8

/**
 * The columns that are still open, as the only ones that hold texts in the first rows.
 *
 * @throws DataError where that leaves more or fewer than two
 */
export function parallelByContent(
  place: string,
  columns: readonly string[],
  rows: readonly RecordRow[],
  known: Partial<ParallelColumns>,
): ParallelColumns {
  const lettersOf = (column: string) => rows.reduce((sum, { fields }) => sum + letters(fields[column] ?? ''), 0)
  const texts = columns.filter(
    (column) => column !== known.source && column !== known.target && lettersOf(column) >= TEXT_LETTERS * rows.length,
  )
  const wantedCount = known.source === undefined && known.target === undefined ? 2 : 1
  if (texts.length === wantedCount) {
    const source = known.source ?? texts[0]
    return { source, target: known.target ?? texts.at(-1)! }
  }
  throw new DataError({
    place,
    rule: 'the columns of the texts and of their translations must be named',
    got: listed(columns),
    hint: `for example --source-column ${texts[0] ?? columns[0]} --target-column ${texts[1] ?? columns[1] ?? '…'}`,
  })
}

const letters = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

const listed = (columns: readonly string[]): string => `columns: ${columns.slice(0, 50).join(', ')}`
