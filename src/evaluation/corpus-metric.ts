/** What metrics of translation have in common: sums over sentences, and a score that is a function of the sums. */
import { DataError } from '../errors.ts'
import { type BootstrapOptions, bootstrapStatistic, type Interval } from './bootstrap.ts'

/**
 * References of a test set: whole translations of it, one list each. Where a sentence has fewer references than others, the lists hold
 * `null` in its place.
 */
export type References = readonly (readonly (string | null | undefined)[])[]

/** A metric whose corpus score is a function of summed sentence statistics; a mean of sentence scores would be another number. */
export type CorpusMetric<Score extends { score: number } = { score: number }> = {
  readonly name: string
  /** How many numbers describe a sentence. */
  readonly width: number
  /** The numbers of one sentence against its references, at least one. */
  statistics(hypothesis: string, references: readonly string[]): ArrayLike<number>
  /** The score of summed statistics. */
  score(sums: Float64Array): Score
  /** All that another must know to compute the same number. `references` is how many every sentence has, or 'var' where they differ. */
  signature(references: number | 'var'): string
}

/** Statistics of every sentence of a corpus, computed once: scores of any part of it are sums away. */
export type CorpusStatistics = {
  readonly size: number
  /** [size, metric.width] */
  readonly rows: Float64Array
  readonly references: number | 'var'
}

/** A score together with the signature of the metric. */
export type Signed<Score> = Score & { signature: string }

/** @throws DataError where hypotheses and references do not pair, or there are none */
export function corpusStatistics(metric: CorpusMetric, hypotheses: readonly string[], references: References): CorpusStatistics {
  const size = hypotheses.length
  const ofSentences = pairedReferences(metric.name, hypotheses, references)
  const rows = new Float64Array(size * metric.width)
  hypotheses.forEach((hypothesis, i) => {
    rows.set(metric.statistics(hypothesis, ofSentences[i]!), i * metric.width)
  })
  const counts = new Set(ofSentences.map((list) => list.length))
  return { size, rows, references: counts.size === 1 ? ofSentences[0]!.length : 'var' }
}

/** The score of the sentences at these indices; of all without. */
export function scoreOf<Score extends { score: number }>(
  metric: CorpusMetric<Score>,
  { size, rows }: CorpusStatistics,
  sample?: ArrayLike<number>,
): Score {
  const { width } = metric
  const sums = new Float64Array(width)
  const count = sample?.length ?? size
  for (let i = 0; i < count; i++) {
    const start = (sample === undefined ? i : sample[i]!) * width
    for (let j = 0; j < width; j++) sums[j]! += rows[start + j]!
  }
  return metric.score(sums)
}

/** The score of a whole corpus, with its signature. */
export function corpusScore<Score extends { score: number }>(
  metric: CorpusMetric<Score>,
  hypotheses: readonly string[],
  references: References,
): Signed<Score> {
  const statistics = corpusStatistics(metric, hypotheses, references)
  return { ...scoreOf(metric, statistics), signature: metric.signature(statistics.references) }
}

/** A corpus score with its percentile bootstrap interval: how much other sentences of the kind could have moved it. */
export function scoreInterval(metric: CorpusMetric, statistics: CorpusStatistics, options?: BootstrapOptions): Interval {
  return bootstrapStatistic(statistics.size, (sample) => scoreOf(metric, statistics, sample).score, options)
}

export type PairedTest = {
  /** First minus second, with its bootstrap interval. */
  difference: Interval
  /** The share of resamples in which the first scores higher, half of those in which both score the same. */
  firstWins: number
  /** How likely a difference at least this large would be if both systems were the same process. */
  pValue: number
}

/**
 * Whether two systems that translated the same test set really differ: paired bootstrap resampling.
 *
 * Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation", gives `firstWins`. `pValue` is that of SacreBLEU's
 * `--paired-bs`: the share of resamples whose absolute difference lies further above the mean of all than the measured one above 0,
 * each count one higher so that it is never 0.
 *
 * @throws DataError where the systems were not judged on as many sentences
 */
export function pairedBootstrapTest(
  metric: CorpusMetric,
  first: CorpusStatistics,
  second: CorpusStatistics,
  options?: BootstrapOptions,
): PairedTest {
  if (first.size !== second.size) {
    const rule = 'both systems must have translated the same sentences'
    throw new DataError({ place: `significance of ${metric.name}`, rule, got: `${first.size} and ${second.size} sentences` })
  }
  const drawn: number[] = []
  const difference = bootstrapStatistic(
    first.size,
    (sample) => {
      const value = scoreOf(metric, first, sample).score - scoreOf(metric, second, sample).score
      drawn.push(value)
      return value
    },
    options,
  )
  drawn.shift() // the test set as it is
  const mean = drawn.reduce((sum, value) => sum + Math.abs(value), 0) / drawn.length
  const extreme = drawn.filter((value) => Math.abs(value) - mean > Math.abs(difference.value)).length
  const wins = drawn.reduce((sum, value) => sum + (value > 0 ? 1 : value === 0 ? 0.5 : 0), 0)
  return { difference, firstWins: wins / drawn.length, pValue: (extreme + 1) / (drawn.length + 1) }
}

/** The references of each sentence; those that are absent are left out. */
function pairedReferences(name: string, hypotheses: readonly string[], references: References): string[][] {
  const wrong = (rule: string, got: string) => new DataError({ place: name, rule, got })
  if (hypotheses.length === 0) throw wrong('needs at least one hypothesis', 'none')
  if (references.length === 0) throw wrong('needs at least one list of references', 'none')
  const short = references.findIndex((list) => list.length !== hypotheses.length)
  if (short >= 0) {
    const got = `${hypotheses.length} hypotheses, ${references[short]!.length} references in list ${short + 1}`
    throw wrong('needs one reference of each list for each hypothesis', got)
  }
  return hypotheses.map((_, i) => {
    const present = references.map((list) => list[i]).filter((text) => typeof text === 'string')
    if (present.length === 0) throw wrong('every hypothesis needs at least one reference', `none for hypothesis ${i + 1}`)
    return present
  })
}
