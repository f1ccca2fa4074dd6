/** Which contestant to take: the cheapest that is not significantly worse than the best. */
import { mcnemar } from '../../evaluation/significance.ts'
import { formatDuration, formatPercent } from '../../report/format.ts'
import type { ClassifyRow } from './comparison.ts'

/** A contestant with which test texts it got right. */
export type Judged = { row: ClassifyRow; right: readonly boolean[] }

/** Probability below which a difference counts as real. */
const SIGNIFICANT = 0.05

/**
 * The advice in a sentence or two, with its numbers. Cheap is what answers one text in less time; worse is judged by McNemar's test
 * against the most accurate contestant, on the same test texts.
 */
export function verdict(judged: readonly Judged[]): string {
  if (judged.length === 0) return 'No contestant finished.'
  const cheapestFirst = [...judged].sort((a, b) => a.row.latencyMsP50 - b.row.latencyMsP50)
  const best = cheapestFirst.reduce((a, b) => (b.row.accuracy > a.row.accuracy ? b : a))
  if (judged.length === 1) return `Only one contestant was measured: ${scored(best)}. Name more with --models to compare.`
  const choice = cheapestFirst.find((one) => pValue(one, best) >= SIGNIFICANT) ?? best
  if (choice === best) return `Take ${scored(best)}. ${whyBest(best, cheapestFirst)}`
  return choice.row.model === 'majority' ? nothingLearned(choice, best) : enough(choice, best)
}

function whyBest(best: Judged, cheapestFirst: readonly Judged[]): string {
  const next = cheapestFirst.filter((one) => one !== best).reduce((a, b) => (b.row.accuracy > a.row.accuracy ? b : a))
  const lead = `It is the most accurate here, ${leads(best, next)} ${next.row.model} at ${formatPercent(next.row.accuracy)} (${shown(pValue(next, best))})`
  const cheaper = cheapestFirst.indexOf(best) > 0 ? 'no cheaper contestant comes close' : 'none is faster'
  return `${lead}, and ${cheaper}.`
}

function leads(best: Judged, next: Judged): string {
  return pValue(next, best) < SIGNIFICANT ? 'significantly above' : 'not significantly above'
}

function enough(choice: Judged, best: Judged): string {
  const times = best.row.latencyMsP50 / choice.row.latencyMsP50
  const cost = `takes ${factor(times)} as long a text (${latency(best)} against ${latency(choice)})`
  return `Take ${scored(choice)}. The most accurate, ${scored(best)}, is not significantly better (${shown(pValue(choice, best))}) and ${cost}.`
}

function nothingLearned(choice: Judged, best: Judged): string {
  const baseline = `always giving the most frequent label, ${formatPercent(choice.row.accuracy)}`
  return (
    `No contestant is significantly better than ${baseline}: the best, ${scored(best)}, could be chance (${shown(pValue(choice, best))}). ` +
    `Either the texts do not tell their labels, or ${best.right.length} test texts are too few to show it.`
  )
}

const pValue = (one: Judged, best: Judged) => (one === best ? 1 : mcnemar(best.right, one.right).pValue)

function scored({ row: { model, accuracy, accuracyInterval } }: Judged): string {
  const [low, high] = accuracyInterval
  return `${model} with ${formatPercent(accuracy, { low, high })}`
}

const latency = ({ row }: Judged) => formatDuration(row.latencyMsP50)
const factor = (times: number) => (times < 10 ? `${times.toFixed(1)} times` : `${Math.round(times)} times`)
const shown = (p: number) => (p < 0.001 ? 'McNemar p < 0.001' : `McNemar p = ${p.toFixed(p < 0.1 ? 3 : 2)}`)
