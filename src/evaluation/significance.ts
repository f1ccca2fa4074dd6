/** Whether two contestants really differ, judged on the same test examples. */
import { DataError } from '../errors.ts'
import { type BootstrapOptions, bootstrapInterval, type Interval } from './bootstrap.ts'

export type McNemar = {
  /** Examples that only the first contestant got right. */
  onlyFirst: number
  /** Examples that only the second contestant got right. */
  onlySecond: number
  /** The probability of a split at least this uneven if both were equally good. */
  pValue: number
}

/**
 * McNemar's exact test: among the examples on which exactly one contestant is right, is the split further from even than
 * a fair coin would give? Two-sided.
 *
 * McNemar 1947; recommended for comparing two trained classifiers by Dietterich 1998, §3.1.
 *
 * @throws DataError when the contestants were not judged on the same examples
 */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  checkPaired(first.length, second.length)
  const onlyFirst = first.filter((right, i) => right && !second[i]).length
  const onlySecond = second.filter((right, i) => right && !first[i]).length
  return { onlyFirst, onlySecond, pValue: twoSidedFairCoin(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond) }
}

/**
 * The difference of mean scores, first minus second, with its paired bootstrap interval: each resample draws the same
 * examples for both. An interval without 0 is a real difference at that level.
 *
 * @throws DataError when the contestants were not judged on the same examples
 */
export function pairedBootstrap(first: ArrayLike<number>, second: ArrayLike<number>, options?: BootstrapOptions): Interval {
  checkPaired(first.length, second.length)
  return bootstrapInterval(
    Float64Array.from(first, (score, i) => score - second[i]!),
    options,
  )
}

/** P(at most `fewer` or at least `tosses - fewer` heads), summed in logarithms so that thousands of tosses do not underflow. */
function twoSidedFairCoin(fewer: number, tosses: number): number {
  let logWays = 0
  let tail = 0
  for (let heads = 0; heads <= fewer; heads++) {
    if (heads > 0) logWays += Math.log((tosses - heads + 1) / heads)
    tail += Math.exp(logWays - tosses * Math.LN2)
  }
  return Math.min(1, 2 * tail)
}

function checkPaired(first: number, second: number) {
  if (first === second && first > 0) return
  throw new DataError({
    place: 'significance',
    rule: 'both contestants must be judged on the same test examples, at least one',
    got: `${first} and ${second} scores`,
  })
}
