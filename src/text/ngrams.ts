/** n-grams, one by one: of a long text they are many times its size. */
import { ConfigError } from '../errors.ts'

/** From how many to how many items, both included. A number is both. */
export type NgramRange = number | readonly [min: number, max: number]

/**
 * Runs of neighbouring items, the shorter ones first, from left to right.
 *
 * @throws ConfigError for a range that is none
 */
export function* ngrams<T>(items: readonly T[], range: NgramRange): Generator<T[], void, undefined> {
  const [min, max] = checkedRange(range)
  for (let n = min; n <= Math.min(max, items.length); n++) {
    for (let start = 0; start + n <= items.length; start++) yield items.slice(start, start + n)
  }
}

/**
 * Runs of characters (code points), the shorter ones first.
 *
 * @param options.edge  put before and after the text, so that its start and its end show: fastText takes each word as '<word>', for which
 *   this is ['<', '>']
 * @throws ConfigError for a range that is none
 */
export function* characterNgrams(
  text: string,
  range: NgramRange,
  { edge = ['', ''] }: { edge?: readonly [start: string, end: string] } = {},
): Generator<string, void, undefined> {
  for (const characters of ngrams(Array.from(edge[0] + text + edge[1]), range)) yield characters.join('')
}

/**
 * n items in their order with at most `skip` others left out between the first and the last.
 *
 * Guthrie et al. 2006, "A Closer Look at Skip-gram Modelling": k-skip-n-grams.
 *
 * @throws ConfigError for n below 1 or skip below 0
 */
export function* skipGrams<T>(items: readonly T[], { n, skip }: { n: number; skip: number }): Generator<T[], void, undefined> {
  checkedRange(n)
  if (!Number.isInteger(skip) || skip < 0)
    throw new ConfigError({ place: 'skip', rule: 'is a whole number from 0', got: `${skip}` })
  for (let start = 0; start + n <= items.length; start++) {
    yield* grown(items, [items[start]!], start + 1, Math.min(items.length, start + n + skip), n)
  }
}

function* grown<T>(items: readonly T[], gram: T[], from: number, to: number, n: number): Generator<T[], void, undefined> {
  if (gram.length === n) return yield gram
  for (let next = from; next <= to - (n - gram.length); next++) yield* grown(items, [...gram, items[next]!], next + 1, to, n)
}

function checkedRange(range: NgramRange): readonly [number, number] {
  const [min, max] = typeof range === 'number' ? [range, range] : range
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 1 && max >= min) return [min, max]
  throw new ConfigError({
    place: 'n-grams',
    rule: 'their sizes are whole numbers from 1, the smaller first',
    got: `${min} to ${max}`,
  })
}
