import { ConfigError } from '../../errors.ts'
import { TOKEN_RULES, type TokenRuleName } from './characters.ts'
import { ENGLISH_STOP_WORDS } from './stop-words.ts'

/** How a text becomes a vector. Names and meanings are scikit-learn's where it has them. */
export type VectorizerConfig = {
  /** Terms of words, of characters, or of characters within a word that is padded by a space at both ends. */
  analyzer: 'word' | 'char' | 'char_wb'
  /**
   * What a word is:
   * - 'words': a run of letters, numbers and marks of any script with the apostrophes inside it; a character of a script without
   *   spaces; an emoji. The text is brought into the normal form NFKC first;
   * - 'words-and-punctuation': the same, and each punctuation mark or symbol;
   * - 'scikit-learn': two letters, numbers or underscores and more, as its default pattern finds them;
   * - a pattern with the flag u: each match, or of each match the one group. A model that uses it cannot be saved.
   */
  tokens: TokenRuleName | RegExp
  lowercase: boolean
  /** Whether accents go, and with 'ascii' every character beyond. */
  stripAccents: 'none' | 'unicode' | 'ascii'
  /** Words that stand in no term. */
  stopWords: 'none' | 'english' | readonly string[]
  /** The smallest and the largest number of neighbouring words, or characters, that make a term. */
  ngramRange: readonly [min: number, max: number]
  /** Texts that a term must occur in at least: a number from 1, or below 1 a share of the texts. */
  minDocumentFrequency: number
  /** Texts that a term may occur in at most: a number from 2, or up to 1 a share of the texts. */
  maxDocumentFrequency: number
  /** Only so many terms, the most frequent in all texts together. */
  maxFeatures: number | undefined
  /**
   * What stands in the vectors: how often each term occurs, whether it does, or tf-idf: term frequency × inverse document frequency. Or
   * 'hashing': how often a term occurs, in a column given by a hash of it, so that there is no vocabulary.
   */
  weighting: 'count' | 'binary' | 'tf-idf' | 'hashing'
  /** For tf-idf, the term frequency of a term that occurs n times: n, 1 + ln n, or 1. */
  termFrequency: 'count' | 'sublinear' | 'binary'
  /** For tf-idf: whether idf is more than 1. */
  useIdf: boolean
  /** For tf-idf: ln((1 + N) / (1 + df)) + 1, as if one more text held every term; without it ln(N / df) + 1. */
  smoothIdf: boolean
  /** What each row is divided by; left out, l2 for tf-idf and hashing, none for the others. */
  norm: 'l1' | 'l2' | 'none' | undefined
  /** For hashing: the number of columns. */
  hashFeatures: number
  /** For hashing: whether half of the terms count negatively, so that those in one column cancel each other on average. */
  alternateSign: boolean
}

export const VECTORIZER_DEFAULTS: VectorizerConfig = {
  analyzer: 'word',
  tokens: 'words',
  lowercase: true,
  stripAccents: 'none',
  stopWords: 'none',
  ngramRange: [1, 1],
  minDocumentFrequency: 1,
  maxDocumentFrequency: 1,
  maxFeatures: undefined,
  weighting: 'tf-idf',
  termFrequency: 'count',
  useIdf: true,
  smoothIdf: true,
  norm: undefined,
  hashFeatures: 2 ** 20,
  alternateSign: true,
}

/** Each length adds as many terms again. */
const MAX_NGRAM = 8

const whole = Number.isInteger
const oneOf = (name: string, values: readonly string[]): Rule => [
  (config) => values.includes(config[name as keyof VectorizerConfig] as string),
  name,
  `must be ${values.map((value) => `'${value}'`).join(', ')}`,
]

type Rule = [holds: (config: VectorizerConfig) => boolean, name: string, rule: string]

const RULES: readonly Rule[] = [
  oneOf('analyzer', ['word', 'char', 'char_wb']),
  [
    ({ tokens }) => tokens instanceof RegExp || TOKEN_RULES.includes(tokens),
    'tokens',
    `must be a pattern or ${TOKEN_RULES.map((name) => `'${name}'`).join(', ')}`,
  ],
  oneOf('stripAccents', ['none', 'unicode', 'ascii']),
  [
    ({ stopWords }) => stopWords === 'none' || stopWords === 'english' || isList(stopWords),
    'stopWords',
    "must be 'none', 'english' or a list of words",
  ],
  [
    ({ stopWords, analyzer }) => analyzer === 'word' || stopWords === 'none',
    'stopWords',
    "need the analyzer 'word': terms of characters hold no words",
  ],
  [
    ({ ngramRange: [min, max, ...more] }) =>
      more.length === 0 && whole(min) && whole(max) && 1 <= min && min <= max && max <= MAX_NGRAM,
    'ngramRange',
    `must be [min, max] with 1 ≤ min ≤ max ≤ ${MAX_NGRAM}`,
  ],
  [
    ({ minDocumentFrequency: min }) => (min > 0 && min < 1) || (whole(min) && min >= 1),
    'minDocumentFrequency',
    'must be a whole number from 1, or below 1 a share of the texts',
  ],
  [
    ({ maxDocumentFrequency: max }) => (max > 0 && max <= 1) || (whole(max) && max >= 2),
    'maxDocumentFrequency',
    'must be a whole number from 2, or up to 1 a share of the texts',
  ],
  [({ maxFeatures: n }) => n === undefined || (whole(n) && n >= 1), 'maxFeatures', 'must be a whole number from 1'],
  oneOf('weighting', ['count', 'binary', 'tf-idf', 'hashing']),
  oneOf('termFrequency', ['count', 'sublinear', 'binary']),
  [({ norm }) => norm === undefined || ['l1', 'l2', 'none'].includes(norm), 'norm', "must be 'l1', 'l2' or 'none'"],
  [({ hashFeatures: n }) => whole(n) && n >= 1 && n <= 2 ** 24, 'hashFeatures', 'must be a whole number from 1 to 2^24'],
  [
    ({ weighting, minDocumentFrequency, maxDocumentFrequency, maxFeatures }) =>
      weighting !== 'hashing' || (minDocumentFrequency === 1 && maxDocumentFrequency === 1 && maxFeatures === undefined),
    'weighting',
    "'hashing' keeps no vocabulary, so it takes no minDocumentFrequency, maxDocumentFrequency or maxFeatures",
  ],
]

const isList = (value: unknown) => Array.isArray(value) && value.every((word) => typeof word === 'string')

/** @throws ConfigError naming the option that cannot be followed */
export function checkVectorizerConfig(config: VectorizerConfig, place: string): void {
  for (const [holds, name, rule] of RULES) {
    if (!holds(config)) throw refused(place, name, rule, config[name as keyof VectorizerConfig])
  }
}

function refused(place: string, name: string, rule: string, got: unknown): ConfigError {
  return new ConfigError({ place, rule: `${name} ${rule}`, got: typeof got === 'number' ? String(got) : JSON.stringify(got) })
}

/** What turns vectors into labels. */
export type ClassifierConfig = {
  classifier: 'logistic' | 'naive-bayes' | 'svm'
  /** For logistic regression and the SVM: inverse strength of the L2 regularisation, smaller is more even weights. */
  C: number
  /** For naive Bayes: occurrences of each term that every label is granted beforehand. */
  alpha: number
}

export type BagOfWordsConfig = VectorizerConfig & ClassifierConfig

/** Chosen by five-fold cross-validation on movie reviews, news and questions, the same for all three. */
const DEFAULTS: Omit<BagOfWordsConfig, 'classifier' | 'C'> = {
  ...VECTORIZER_DEFAULTS,
  tokens: 'words-and-punctuation',
  termFrequency: 'sublinear',
  ngramRange: [1, 2],
  alpha: 0.3,
}
const DEFAULT_C = { logistic: 10, svm: 1, 'naive-bayes': 1 }

/** The options given, and for the others what has proved good with that classifier. */
export function withDefaults({ classifier = 'logistic', ...options }: Partial<BagOfWordsConfig>): BagOfWordsConfig {
  return { ...DEFAULTS, classifier, C: DEFAULT_C[classifier], ...options }
}

/** @throws ConfigError naming the option that cannot be followed */
export function checkConfig(config: BagOfWordsConfig, place = 'bag-of-words'): BagOfWordsConfig {
  checkVectorizerConfig(config, place)
  const { classifier, C, alpha, weighting, alternateSign } = config
  if (!['logistic', 'naive-bayes', 'svm'].includes(classifier)) {
    throw refused(place, 'classifier', "must be 'logistic', 'naive-bayes' or 'svm'", classifier)
  }
  if (!(Number.isFinite(C) && C > 0)) throw refused(place, 'C', 'must be a positive number', C)
  if (!(Number.isFinite(alpha) && alpha > 0)) throw refused(place, 'alpha', 'must be a positive number', alpha)
  if (classifier === 'naive-bayes' && weighting === 'hashing' && alternateSign) {
    throw refused(place, 'alternateSign', 'must be false for naive Bayes, which counts: nothing occurs less than never', true)
  }
  return config
}

export function stopWordList({ stopWords }: VectorizerConfig): readonly string[] {
  if (stopWords === 'english') return ENGLISH_STOP_WORDS
  return stopWords === 'none' ? [] : stopWords
}
