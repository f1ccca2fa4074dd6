import { ConfigError } from '../../errors.ts'

export type BagOfWordsConfig = {
  /** The smallest and the largest number of neighbouring words that make a term. */
  ngramRange: readonly [min: number, max: number]
  /** A term counts only if it occurs in at least this many training texts. */
  minDocumentFrequency: number
  /** How a text becomes a vector: occurrences of each term, or tf-idf scaled to length 1. */
  weighting: 'count' | 'tf-idf'
  /** Inverse strength of the L2 regularisation, as scikit-learn's `C`: smaller is more even weights. */
  C: number
}

/** Chosen by cross-validation on movie reviews, news and questions, the same for all three. */
export const DEFAULT_CONFIG: BagOfWordsConfig = { ngramRange: [1, 2], minDocumentFrequency: 1, weighting: 'tf-idf', C: 10 }

/** No text needs longer terms, and each length adds as many terms again. */
const MAX_NGRAM = 8

/** @throws ConfigError naming the option that cannot be followed */
export function checkConfig(config: BagOfWordsConfig, place = 'bag-of-words'): BagOfWordsConfig {
  const { ngramRange, minDocumentFrequency, weighting, C } = config
  const [min, max] = ngramRange
  const whole = Number.isInteger
  const rules: [holds: boolean, rule: string, got: unknown][] = [
    [
      ngramRange.length === 2 && whole(min) && whole(max) && 1 <= min && min <= max && max <= MAX_NGRAM,
      `ngramRange must be [min, max] with 1 ≤ min ≤ max ≤ ${MAX_NGRAM}`,
      ngramRange,
    ],
    [
      whole(minDocumentFrequency) && minDocumentFrequency >= 1,
      'minDocumentFrequency must be a whole number from 1',
      minDocumentFrequency,
    ],
    [weighting === 'count' || weighting === 'tf-idf', "weighting must be 'count' or 'tf-idf'", weighting],
    [Number.isFinite(C) && C > 0, 'C must be a positive number', C],
  ]
  for (const [holds, rule, got] of rules) {
    if (!holds) throw new ConfigError({ place, rule, got: typeof got === 'number' ? String(got) : JSON.stringify(got) })
  }
  return config
}
