/**
 * Multinomial naive Bayes: each label draws its words independently of one another.
 *
 * McCallum and Nigam 1998, "A Comparison of Event Models for Naive Bayes Text Classification"; as scikit-learn's `MultinomialNB`.
 */
import type { LabelledRows, Linear } from './linear.ts'

/** `termLogProbabilities` [V, L]: ln P(term | label); `labelLogProbabilities` [L]: ln P(label). */
export type NaiveBayes = { termLogProbabilities: Float64Array; labelLogProbabilities: Float64Array }

/**
 * Counts, with `alpha` more occurrences of each term with each label, so that none is impossible.
 *
 * @param data.rows  none of the values below 0; every label occurs among the targets
 */
export function fitNaiveBayes({ rows, targets, labelCount: L }: LabelledRows, alpha: number): NaiveBayes {
  const { starts, ids, values, columns: V } = rows
  const counts = new Float64Array(V * L).fill(alpha)
  const totals = new Float64Array(L)
  const texts = new Float64Array(L)
  for (const [row, target] of targets.entries()) {
    texts[target]! += 1
    for (let e = starts[row]!; e < starts[row + 1]!; e++) counts[ids[e]! * L + target]! += values[e]!
  }
  for (let at = 0; at < counts.length; at++) totals[at % L]! += counts[at]!
  const logTotals = totals.map(Math.log)
  return {
    termLogProbabilities: counts.map((count, at) => Math.log(count) - logTotals[at % L]!),
    labelLogProbabilities: texts.map((count) => Math.log(count / targets.length)),
  }
}

/**
 * The same answers as outputs of a linear classifier. Probabilities stay as they are when one number is taken from the outputs of all
 * labels; here it is their mean, so that a weight says how much more a term speaks for a label than for the labels on average.
 */
export function linearOf({ termLogProbabilities, labelLogProbabilities }: NaiveBayes): Linear<Float64Array> {
  const L = labelLogProbabilities.length
  return { weight: contrasts(termLogProbabilities, L), bias: contrasts(labelLogProbabilities, L) }
}

/** Rows of L numbers, less their mean; of two the second less the first. */
function contrasts(numbers: Float64Array, L: number): Float64Array {
  if (L === 2) return Float64Array.from({ length: numbers.length / 2 }, (_, i) => numbers[2 * i + 1]! - numbers[2 * i]!)
  const result = numbers.slice()
  for (let at = 0; at < numbers.length; at += L) {
    let sum = 0
    for (let k = 0; k < L; k++) sum += numbers[at + k]!
    for (let k = 0; k < L; k++) result[at + k]! -= sum / L
  }
  return result
}
