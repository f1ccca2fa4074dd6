/** From translations to scores. */
import { bleu } from '../../evaluation/bleu.ts'
import { byLength } from '../../evaluation/by-length.ts'
import { chrf } from '../../evaluation/chrf.ts'
import { type CorpusMetric, type CorpusStatistics, corpusStatistics, scoreInterval } from '../../evaluation/corpus-metric.ts'
import { exactMatches } from '../../evaluation/exact-match.ts'
import { words } from '../../text/words.ts'
import type { Answer, LengthRow, TranslateRow } from './comparison.ts'
import type { Pairs } from './data.ts'

export type Metric = 'bleu' | 'chrf'

export const metrics: Readonly<Record<Metric, CorpusMetric>> = { bleu: bleu(), chrf: chrf() }

export type Scores = Pick<TranslateRow, 'bleu' | 'bleuInterval' | 'chrf' | 'chrfInterval' | 'exactMatch' | 'byLength'>

/** What a contestant's translations have in common with the references, sentence by sentence: enough to score any of them again. */
export type Statistics = Readonly<Record<Metric, CorpusStatistics>>

export function scoresOf(answers: readonly Answer[], { sources, targets }: Pairs): { scores: Scores; statistics: Statistics } {
  const hypotheses = answers.map(({ predicted }) => predicted)
  const statisticsOf = (metric: Metric) => corpusStatistics(metrics[metric], hypotheses, [targets])
  const statistics = { bleu: statisticsOf('bleu'), chrf: statisticsOf('chrf') }
  const interval = (metric: Metric) => scoreInterval(metrics[metric], statistics[metric])
  const [byWords, byCharacters] = [interval('bleu'), interval('chrf')]
  const scores: Scores = {
    bleu: byWords.value,
    bleuInterval: [byWords.low, byWords.high],
    chrf: byCharacters.value,
    chrfInterval: [byCharacters.low, byCharacters.high],
    exactMatch: mean(exactMatches(hypotheses, [targets])),
    byLength: lengthRows(statistics, sources),
  }
  return { scores, statistics }
}

function lengthRows(statistics: Statistics, sources: readonly string[]): LengthRow[] {
  const lengths = sources.map((source) => words(source).length)
  const characters = byLength(metrics.chrf, statistics.chrf, lengths)
  return byLength(metrics.bleu, statistics.bleu, lengths).map(({ from, to, sentences, score }, i) => ({
    bucket: from === to ? `${from}` : `${from}–${to}`,
    sentences,
    bleu: score,
    chrf: characters[i].score,
  }))
}

/** Characters a word, by spaces: above it a language writes without them. */
const LONGEST_WORD = 15

/** BLEU, but chrF where the targets have no words that spaces part, or too few for n-grams of them. */
export function metricFor(targets: readonly string[]): Metric {
  const length = targets.reduce((sum, text) => sum + [...text].length, 0)
  const parts = targets.reduce((sum, text) => sum + text.split(/\s+/).length, 0)
  return length / parts > LONGEST_WORD || parts / targets.length < 4 ? 'chrf' : 'bleu'
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
