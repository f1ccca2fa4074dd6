import { ConfigError, DataError } from '../errors.ts'
import { type CorpusMetric, type CorpusStatistics, scoreOf } from './corpus-metric.ts'

/** The score of those sentences whose source has `from` … `to` words, or whatever unit their lengths have. */
export type LengthScore = { from: number; to: number; sentences: number; score: number }

/**
 * Quality by length of the source: a corpus score for each range of lengths that has sentences.
 *
 * @param lengths  of every sentence's source, in order
 * @param bounds  the last length of each range but the open one above, ascending
 * @throws DataError where lengths and sentences do not pair, ConfigError for bounds that do not ascend
 */
export function byLength(
  metric: CorpusMetric,
  statistics: CorpusStatistics,
  lengths: ArrayLike<number>,
  bounds: readonly number[] = [8, 12, 16, 24],
): LengthScore[] {
  if (lengths.length !== statistics.size) {
    const got = `${lengths.length} lengths, ${statistics.size} sentences`
    throw new DataError({ place: 'quality by length', rule: 'needs the length of every source', got })
  }
  if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? Number.NEGATIVE_INFINITY)))) {
    throw new ConfigError({ place: 'quality by length', rule: 'bounds must ascend', got: bounds.join(', ') })
  }
  const ranges: number[][] = [...bounds, 0].map(() => [])
  for (let i = 0; i < lengths.length; i++) ranges[bounds.filter((bound) => bound < lengths[i]!).length]!.push(i)
  return ranges.flatMap((members, r) => {
    if (members.length === 0) return []
    const ends = members.map((i) => lengths[i]!)
    const from = r === 0 ? ends.reduce((shortest, length) => Math.min(shortest, length)) : bounds[r - 1]! + 1
    const to = bounds[r] ?? ends.reduce((longest, length) => Math.max(longest, length))
    return [{ from, to, sentences: members.length, score: scoreOf(metric, statistics, members).score }]
  })
}
