import { DataError } from '../errors.ts'

export type ConfusionMatrix = {
  /** Every label in the truth or the predictions, sorted. */
  labels: string[]
  /** `counts[i][j]`: examples whose true label is `labels[i]`, predicted as `labels[j]`. */
  counts: number[][]
}

export type ClassScores = { label: string; precision: number; recall: number; f1: number; support: number }

/**
 * The share of predictions that equal the truth, in [0, 1].
 *
 * @throws DataError when the lists are empty or of different length
 */
export function accuracy(truth: readonly string[], predicted: readonly string[]): number {
  checkPairs(truth, predicted)
  return truth.filter((label, i) => label === predicted[i]).length / truth.length
}

/**
 * Counts of true against predicted labels; rows and columns are the sorted union of both lists.
 *
 * @throws DataError when the lists are empty or of different length
 */
export function confusionMatrix(truth: readonly string[], predicted: readonly string[]): ConfusionMatrix {
  checkPairs(truth, predicted)
  const labels = [...new Set([...truth, ...predicted])].sort()
  const index = new Map(labels.map((label, i) => [label, i]))
  const counts = labels.map(() => labels.map(() => 0))
  truth.forEach((label, i) => {
    counts[index.get(label)!]![index.get(predicted[i]!)!]! += 1
  })
  return { labels, counts }
}

/**
 * Precision, recall and F1 = 2PR / (P + R) of each class; a ratio over nothing is 0, as in scikit-learn's `zero_division=0`.
 * `support` is the number of true examples of the class.
 */
export function classScores({ labels, counts }: ConfusionMatrix): ClassScores[] {
  return labels.map((label, i) => {
    const hits = counts[i]![i]!
    const support = sum(counts[i]!)
    const predicted = sum(counts.map((row) => row[i]!))
    const [precision, recall, f1] = [ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, support + predicted)]
    return { label, precision, recall, f1, support }
  })
}

/** The unweighted mean of the F1 of every class in the truth or the predictions. */
export function macroF1(truth: readonly string[], predicted: readonly string[]): number {
  const scores = classScores(confusionMatrix(truth, predicted))
  return sum(scores.map(({ f1 }) => f1)) / scores.length
}

/** F1 over the pooled decisions of all classes. Where each example has one label, as here, this is the accuracy. */
export const microF1 = accuracy

function checkPairs(truth: readonly string[], predicted: readonly string[]) {
  if (truth.length === predicted.length && truth.length > 0) return
  throw new DataError({
    place: 'evaluation',
    rule: 'needs one prediction for each true label, and at least one',
    got: `${truth.length} true labels, ${predicted.length} predictions`,
  })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
