/**
 * Bag-of-words: a text is the set of its words and short phrases, each with a weight for each class.
 *
 * Sparse vectors under a linear classifier, trained to its one optimum: the baseline to beat.
 */
import { setImmediate as nextTask } from 'node:timers/promises'
import { ConfigError } from '../../errors.ts'
import { type Classification, type Classifier, classification, indexLabels } from '../classifier.ts'
import { type BagOfWordsConfig, checkConfig, withDefaults } from './config.ts'
import { type Linear, predictProbabilities } from './linear.ts'
import { rowAt } from './sparse-rows.ts'
import { trainLinear } from './train-linear.ts'
import { Vectorizer } from './vectorizer.ts'

/** Everything that a trained model knows; the weights are float32, as they are saved. */
export type BagOfWordsParts = {
  config: BagOfWordsConfig
  labels: readonly string[]
  vectorizer: Vectorizer
  /** weight [V, K], bias [K]; K is 1 for two labels. */
  linear: Linear<Float32Array>
}

export class BagOfWords implements Classifier {
  readonly labels: readonly string[]
  readonly parts: BagOfWordsParts

  constructor(parts: BagOfWordsParts) {
    this.labels = parts.labels
    this.parts = parts
  }

  classify(texts: readonly string[]): Classification[] {
    const { labels, linear, vectorizer } = this.parts
    const rows = vectorizer.transform(texts)
    return texts.map((_, row) => classification(labels, predictProbabilities(linear, rowAt(rows, row), labels.length)))
  }

  /** The terms whose presence speaks most for a label, by falling weight. */
  mostTelling(label: string, count: number): { term: string; weight: number }[] {
    const { labels, vectorizer, linear } = this.parts
    const k = labels.indexOf(label)
    if (k < 0) {
      throw new ConfigError({
        place: 'mostTelling',
        rule: 'the model does not know this label',
        got: label,
        hint: labels.join(', '),
      })
    }
    const K = linear.bias.length
    const weightOf = (id: number) => (K > 1 ? linear.weight[id * K + k]! : linear.weight[id]! * (k === 1 ? 1 : -1))
    return vectorizer.terms
      .map((term, id) => ({ term, weight: weightOf(id) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, count)
  }
}

export type FitProgress = { iteration: number; loss: number }
export type FitOptions = {
  /** Called after every step of the solver. */
  onProgress?: (progress: FitProgress) => void
  /** Stops the fit between two steps by throwing the signal's reason. */
  signal?: AbortSignal
}

/**
 * Trains on texts and their labels. The result depends on nothing but the arguments: there is no random part.
 *
 * @param truth  the label of each text
 * @throws DataError where there is nothing to learn: fewer than two labels, or no term that occurs often enough
 */
export async function fitBagOfWords(
  texts: readonly string[],
  truth: readonly string[],
  options: Partial<BagOfWordsConfig> = {},
  { onProgress, signal }: FitOptions = {},
): Promise<BagOfWords> {
  const config = checkConfig(withDefaults(options))
  const { labels, targets } = indexLabels(texts, truth)
  const vectorizer = new Vectorizer(config)
  const rows = vectorizer.fitTransform(texts)

  let linear: Linear<Float64Array> | undefined
  let iteration = 0
  for (const step of trainLinear({ rows, targets, labelCount: labels.length }, config)) {
    linear = step.linear
    onProgress?.({ iteration: iteration++, loss: step.loss })
    await nextTask()
    signal?.throwIfAborted()
  }
  const weight = Float32Array.from(linear!.weight)
  const bias = Float32Array.from(linear!.bias)
  return new BagOfWords({ config, labels, vectorizer, linear: { weight, bias } })
}
