/** Which translator to take: the cheapest that is not significantly worse than the best; and what each cost in training. */
import { pairedBootstrapTest } from '../../evaluation/corpus-metric.ts'
import { formatDuration } from '../../report/format.ts'
import { isTrained, type TranslateRow } from './comparison.ts'
import { growthSentences } from './growth-report.ts'
import { type Metric, metrics, type Statistics } from './judge.ts'

export type Judged = { row: TranslateRow; statistics: Statistics }

const SIGNIFICANT = 0.05
/** Below this BLEU, or chrF, hardly a sentence is understood. */
const UNDERSTOOD: Readonly<Record<Metric, number>> = { bleu: 10, chrf: 25 }

export type Verdict = { verdict: string; chosen?: string }

/** The advice in a few sentences, with its numbers, and whom it names. Cheap is what translates one sentence in less time. */
export function advise(judged: readonly Judged[], metric: Metric): Verdict {
  if (judged.length === 0) return { verdict: 'No contestant finished.' }
  const cheapestFirst = [...judged].sort((a, b) => a.row.latencyMsP50 - b.row.latencyMsP50)
  const best = cheapestFirst.reduce((a, b) => (b.row[metric] > a.row[metric] ? b : a))
  const pValues = new Map(judged.map((one) => [one, one === best ? 1 : difference(best, one, metric)]))
  const isUnderstood = best.row[metric] >= UNDERSTOOD[metric]
  const choice = isUnderstood ? cheapestFirst.find((one) => pValues.get(one)! >= SIGNIFICANT)! : best
  const rows = judged.map(({ row }) => row)
  const lead = () => {
    const scored = ({ row }: Judged) => scoredText(row, metric)
    if (judged.length === 1) return `Only one contestant was measured: ${scored(best)}. Name more with --models to compare.`
    if (!isUnderstood) return `None of them translates well enough to be taken yet: the best is ${scored(best)}. ${WHAT_HELPS}`
    if (choice === best) return `Take ${scored(best)}. ${whyBest(best, cheapestFirst, pValues, metric)}`
    return `Take ${scored(choice)}. The best, ${scored(best)}, ${whyEnough(choice, best, pValues.get(choice)!)}`
  }
  return { verdict: [lead(), ...equalLossSentence(rows), ...growthSentences(rows)].join(' '), chosen: choice.row.model }
}

const WHAT_HELPS = 'What helps is more pairs, and more time with --minutes.'

const difference = (best: Judged, one: Judged, metric: Metric): number =>
  pairedBootstrapTest(metrics[metric], best.statistics[metric], one.statistics[metric], { resamples: 1000 }).pValue

function whyEnough(choice: Judged, best: Judged, pValue: number): string {
  const times = best.row.latencyMsP50 / choice.row.latencyMsP50
  const cost = `takes ${factor(times)} as long a sentence (${latency(best)} against ${latency(choice)})`
  return `is not significantly better (${shown(pValue)}) and ${cost}.`
}

function whyBest(best: Judged, cheapestFirst: readonly Judged[], pValues: ReadonlyMap<Judged, number>, metric: Metric): string {
  const next = cheapestFirst.filter((one) => one !== best).reduce((a, b) => (b.row[metric] > a.row[metric] ? b : a))
  const pValue = pValues.get(next)!
  const leads = `${pValue < SIGNIFICANT ? '' : 'not '}significantly above ${next.row.model} at ${next.row[metric].toFixed(1)}`
  const cheaper = cheapestFirst[0] === best ? 'none is faster' : 'no cheaper contestant comes close'
  return `It is the best here, ${leads} (${shown(pValue)}), and ${cheaper}.`
}

function equalLossSentence(rows: readonly TranslateRow[]): string[] {
  const timed = rows.flatMap(({ model, secondsToEqualLoss: seconds }) => (seconds === null ? [] : [{ model, seconds }]))
  if (timed.length < 2) return []
  const listed = timed
    .sort((a, b) => a.seconds - b.seconds)
    .map(({ model, seconds }) => `${model} ${formatDuration(1000 * seconds)}`)
  return [`To reach a loss that all of them reached, training took ${listed.join(', ')}.`]
}

function scoredText(row: TranslateRow, metric: Metric): string {
  const [low, high] = row[`${metric}Interval`]
  const name = metric === 'bleu' ? 'BLEU' : 'chrF'
  return `${row.model} with ${name} ${row[metric].toFixed(1)} [${low.toFixed(1)}–${high.toFixed(1)}]${isTrained(row) ? '' : ' (came trained)'}`
}

const latency = ({ row }: Judged) => formatDuration(row.latencyMsP50)
const factor = (times: number) => (times < 10 ? `${times.toFixed(1)} times` : `${Math.round(times)} times`)
const shown = (p: number) => `paired bootstrap p ${p < 0.001 ? '< 0.001' : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`}`
