import { ConfigError, DataError } from '../errors.ts'
import type { LabelledData } from './labelled.ts'
import { randomNumbers, shuffled } from './shuffle.ts'

/**
 * Splits labelled texts so that both parts have the classes in the same proportions. A class with two texts or more is in both parts; a
 * lone text goes to training. Both parts keep the order of the file and all label names. The same seed gives the same split.
 *
 * @param options.testFraction  between 0 and 1, exclusive
 * @throws ConfigError for another fraction; DataError where no class has two texts
 */
export function splitLabelled(
  data: LabelledData,
  { testFraction, seed }: { testFraction: number; seed: number },
): { train: LabelledData; test: LabelledData } {
  if (!(testFraction > 0 && testFraction < 1)) {
    const rule = 'the test fraction lies between 0 and 1'
    throw new ConfigError({ place: 'testFraction', rule, got: String(testFraction), hint: 'for example 0.2' })
  }
  const random = randomNumbers(seed)
  const rowsOf = new Map<string, number[]>(data.labelNames.map((name) => [name, []]))
  for (const [row, label] of data.labels.entries()) rowsOf.get(label)!.push(row)
  const testRows = new Set<number>()
  for (const rows of rowsOf.values()) {
    const count = Math.min(Math.max(1, Math.round(rows.length * testFraction)), rows.length - 1)
    for (const row of shuffled(rows, random).slice(0, Math.max(0, count))) testRows.add(row)
  }
  if (testRows.size === 0) {
    const hint = 'add more labelled texts'
    throw new DataError({
      place: data.labelColumn,
      rule: 'a class needs two texts to be in both parts',
      got: 'one text each',
      hint,
    })
  }
  const part = (isTest: boolean): LabelledData => ({
    ...data,
    texts: data.texts.filter((_, row) => testRows.has(row) === isTest),
    labels: data.labels.filter((_, row) => testRows.has(row) === isTest),
  })
  return { train: part(false), test: part(true) }
}
