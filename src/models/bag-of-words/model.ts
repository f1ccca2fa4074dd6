/**
 * Bag-of-words: a text is the set of its words and short phrases, each with a weight for each class.
 *
 * tf-idf vectors under multinomial logistic regression, trained to its one optimum: the baseline to beat.
 */
import { setImmediate as nextTask } from 'node:timers/promises'
import { ConfigError, DataError } from '../../errors.ts'
import { type Classification, type Classifier, classification, indexLabels } from '../classifier.ts'
import { type BagOfWordsConfig, checkConfig, DEFAULT_CONFIG } from './config.ts'
import { fitLogisticRegression, type Linear, predictProbabilities } from './logistic-regression.ts'
import { compressRows, countTerms, inverseDocumentFrequencies, type SparseRow, tfIdf } from './vectors.ts'
import { buildVocabulary, type Vocabulary } from './vocabulary.ts'
import { words } from './words.ts'

/** Everything that a trained model knows; the weights are float32, as they are saved. */
export type BagOfWordsParts = {
  config: BagOfWordsConfig
  labels: readonly string[]
  vocabulary: Vocabulary
  /** [V], where terms are weighted by tf-idf. */
  idf: Float32Array | undefined
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
    const { labels, linear } = this.parts
    return texts.map((text) => classification(labels, predictProbabilities(linear, this.vector(text), labels.length)))
  }

  /** The terms whose presence speaks most for a label, by falling weight. */
  mostTelling(label: string, count: number): { term: string; weight: number }[] {
    const { labels, vocabulary, linear } = this.parts
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
    return vocabulary.terms
      .map((term, id) => ({ term, weight: weightOf(id) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, count)
  }

  private vector(text: string): SparseRow {
    const { vocabulary, config, idf } = this.parts
    const counts = countTerms(words(text), vocabulary, config.ngramRange)
    return idf ? tfIdf(counts, idf) : counts
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
  const config = checkConfig({ ...DEFAULT_CONFIG, ...options })
  const { labels, targets } = indexLabels(texts, truth)
  const documents = texts.map(words)
  const vocabulary = buildVocabulary(documents, config)
  checkNotEmpty(vocabulary, texts.length, config)

  const counts = documents.map((document) => countTerms(document, vocabulary, config.ngramRange))
  const columns = vocabulary.terms.length
  const idf = config.weighting === 'tf-idf' ? inverseDocumentFrequencies(counts, columns) : undefined
  const rows = compressRows(idf ? counts.map((row) => tfIdf(row, idf)) : counts, columns)

  let linear: Linear<Float64Array> | undefined
  let iteration = 0
  for (const step of fitLogisticRegression({ rows, targets, labelCount: labels.length }, config.C, SOLVER)) {
    linear = step.linear
    onProgress?.({ iteration: iteration++, loss: step.loss })
    await nextTask()
    signal?.throwIfAborted()
  }
  const weight = Float32Array.from(linear!.weight)
  const bias = Float32Array.from(linear!.bias)
  return new BagOfWords({ config, labels, vocabulary, idf, linear: { weight, bias } })
}

/** At ten times this gradient, scikit-learn's default, probabilities were still off by 0.02; here by 0.002 at most. */
const SOLVER = { tolerance: 1e-5, maxIterations: 1000 }

function checkNotEmpty({ terms }: Vocabulary, documents: number, { ngramRange, minDocumentFrequency }: BagOfWordsConfig) {
  if (terms.length > 0) return
  throw new DataError({
    place: 'bag-of-words',
    rule: `no term of ${ngramRange[0]} to ${ngramRange[1]} words occurs in ${minDocumentFrequency} of the training texts`,
    got: `${documents} texts`,
    hint: 'check that the text column is the right one, or lower minDocumentFrequency',
  })
}
