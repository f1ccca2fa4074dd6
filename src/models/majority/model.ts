/** The baseline below all others: every text gets the most frequent label, every label its share of the training data. */
import { type Classification, type Classifier, classification, indexLabels } from '../classifier.ts'

export class Majority implements Classifier {
  readonly labels: readonly string[]
  /** The share of each label in the training data, in the order of `labels`. */
  readonly frequencies: readonly number[]

  constructor(labels: readonly string[], frequencies: readonly number[]) {
    this.labels = labels
    this.frequencies = frequencies
  }

  classify(texts: readonly string[]): Classification[] {
    return texts.map(() => classification(this.labels, this.frequencies))
  }
}

/**
 * Counts labels. Of equally frequent ones, the first in sorted order wins.
 *
 * @param truth  the label of each text
 * @throws DataError for fewer than two distinct labels
 */
export function fitMajority(texts: readonly string[], truth: readonly string[]): Majority {
  const { labels, targets } = indexLabels(texts, truth)
  const counts = labels.map(() => 0)
  for (const target of targets) counts[target]! += 1
  return new Majority(
    labels,
    counts.map((count) => count / targets.length),
  )
}
