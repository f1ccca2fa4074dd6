/** Which column of a data file holds the texts, and which their labels. */
import { DataError } from '../errors.ts'
import { LABEL_COLUMNS, TEXT_COLUMNS } from '../formats/column-names.ts'
import type { Records } from '../formats/records.ts'

export type ColumnChoice = { text?: string; label?: string }

/** A label column has at most so many distinct values, or a tenth of the rows where that is more. */
const MANY_CLASSES = 50
const ROWS_PER_CLASS = 10
const MAX_CLASSES = 10_000
const MAX_LABEL_LENGTH = 200

/**
 * The columns that were asked for, and those whose names are in common use, best name first. What stays open is missing.
 *
 * @throws DataError for a column that does not exist, listing those that do
 */
export function columnsByName(path: string, columns: string[], wanted: ColumnChoice): ColumnChoice {
  for (const column of [wanted.text, wanted.label]) {
    if (column === undefined || columns.includes(column)) continue
    const got = `columns: ${columns.slice(0, 50).join(', ')}`
    throw new DataError({ place: path, rule: `there is no column "${column}"`, got, hint: 'name one of these columns' })
  }
  if (wanted.text !== undefined && wanted.text === wanted.label) {
    const rule = 'the text and the label are different columns'
    throw new DataError({ place: path, rule, got: `"${wanted.text}" for both`, hint: 'name two columns' })
  }
  const byName = (known: string[], taken?: string) => {
    const free = columns.filter((column) => column !== taken)
    const match = known.find((name) => free.some((column) => column.toLowerCase() === name))
    return free.find((column) => column.toLowerCase() === match)
  }
  const label = wanted.label ?? byName(LABEL_COLUMNS, wanted.text)
  const text = wanted.text ?? byName(TEXT_COLUMNS, label)
  return { ...(text === undefined ? {} : { text }), ...(label === undefined ? {} : { label }) }
}

/**
 * The columns that are still open, from all values: the label is the column with the fewest distinct ones (at least two, at most
 * max(50, a tenth of the rows)), the text the one with the longest mean length.
 *
 * @throws DataError where no column fits, or two fit equally well
 */
export async function columnsByValues(
  path: string,
  { columns, records }: Records,
  known: ColumnChoice,
): Promise<Required<ColumnChoice>> {
  const open = columns.filter((column) => column !== known.text && column !== known.label)
  const statistics = open.map((column) => new ColumnStatistics(column))
  let rows = 0
  for await (const { fields } of records) {
    rows++
    for (const column of statistics) column.add(fields[column.name] ?? '')
  }
  const mostClasses = Math.max(MANY_CLASSES, Math.floor(rows / ROWS_PER_CLASS))
  const labels = statistics.filter(({ classes }) => classes >= 2 && classes <= mostClasses)
  const label = known.label ?? best(path, 'label', columns, labels, ({ classes }) => -classes)
  const texts = statistics.filter(({ name, length }) => name !== label && length > 0)
  const text = known.text ?? best(path, 'text', columns, texts, ({ length }) => length)
  return { text, label }
}

class ColumnStatistics {
  readonly name: string
  /** Characters of all values. */
  length = 0
  #values = new Set<string>()
  #isLabel = true

  constructor(name: string) {
    this.name = name
  }

  add(value: string): void {
    this.length += value.length
    const label = value.trim()
    if (!this.#isLabel || label === '' || this.#values.has(label)) return
    this.#isLabel = label.length <= MAX_LABEL_LENGTH && this.#values.size < MAX_CLASSES
    if (this.#isLabel) this.#values.add(ownCopy(label))
    else this.#values.clear()
  }

  /** Distinct values; 0 where they are too many or too long for labels. */
  get classes(): number {
    return this.#values.size
  }
}

/** V8 cuts strings without copying, so that a short cut keeps its whole source alive; this one does not. */
export function ownCopy(text: string): string {
  return ` ${text}`.slice(1)
}

function best(
  path: string,
  what: 'label' | 'text',
  columns: string[],
  candidates: ColumnStatistics[],
  score: (column: ColumnStatistics) => number,
): string {
  const top = Math.max(...candidates.map(score))
  const winners = candidates.filter((column) => score(column) === top)
  if (winners.length === 1) return winners[0]!.name
  throw new DataError({
    place: path,
    rule: winners.length === 0 ? `no column looks like the ${what}` : `several columns may be the ${what}`,
    got: `columns: ${(winners.length === 0 ? columns : winners.map(({ name }) => name)).slice(0, 50).join(', ')}`,
    hint: `name the ${what} column, for example --${what} ${winners[0]?.name ?? columns[0]}`,
  })
}
