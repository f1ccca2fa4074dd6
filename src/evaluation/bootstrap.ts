/**
 * How far a measured score could lie from the true one, by resampling the test set.
 *
 * Efron and Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13 (percentile intervals).
 */
import { ConfigError, DataError } from '../errors.ts'
import { quantileOfSorted } from './quantile.ts'
import { seededRandom } from './random.ts'

export type BootstrapOptions = {
  /** The share of resamples inside the interval; 0.95 when left out. */
  level?: number
  /** How often the test set is redrawn; 2000 when left out. */
  resamples?: number
  /** The same seed gives the same interval. */
  seed?: number
}

/** `low` and `high` bound `value` at the confidence `level`. */
export type Interval = { value: number; low: number; high: number; level: number }

/**
 * The mean of per-example scores with its percentile bootstrap interval. With a score of 1 where a prediction is right
 * and 0 elsewhere, this is the accuracy.
 *
 * @throws DataError without scores, ConfigError for impossible options
 */
export function bootstrapInterval(scores: ArrayLike<number>, options?: BootstrapOptions): Interval {
  return bootstrapStatistic(
    scores.length,
    (sample) => {
      let total = 0
      for (let i = 0; i < sample.length; i++) total += scores[sample[i]!]!
      return total / sample.length
    },
    options,
  )
}

/**
 * Any statistic of a test set with its percentile bootstrap interval, for scores that are no mean over examples (macro F1, BLEU).
 *
 * @param size  the number of test examples
 * @param statistic  the score of the examples at these indices; the array is reused between calls
 */
export function bootstrapStatistic(
  size: number,
  statistic: (sample: Int32Array) => number,
  { level = 0.95, resamples = 2000, seed = 0 }: BootstrapOptions = {},
): Interval {
  check(size, level, resamples)
  const random = seededRandom(seed)
  const sample = Int32Array.from({ length: size }, (_, i) => i)
  const value = statistic(sample)
  const resampled = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < size; i++) sample[i] = Math.floor(random() * size)
    resampled[r] = statistic(sample)
  }
  resampled.sort()
  const tail = (1 - level) / 2
  return { value, low: quantileOfSorted(resampled, tail), high: quantileOfSorted(resampled, 1 - tail), level }
}

function check(size: number, level: number, resamples: number) {
  if (size < 1) throw new DataError({ place: 'bootstrap', rule: 'needs at least one test example', got: 'none' })
  if (!(level > 0 && level < 1)) {
    throw new ConfigError({ place: 'bootstrap', rule: 'level must lie between 0 and 1', got: String(level), hint: '0.95' })
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new ConfigError({
      place: 'bootstrap',
      rule: 'resamples must be a whole number from 1',
      got: String(resamples),
      hint: '2000',
    })
  }
}
