import { ConfigError } from '../../errors.ts'

export const MODELS = ['skip-gram', 'cbow'] as const
export const SEGMENTS = ['runs', 'words'] as const
export const SCORINGS = ['mikolov', 'npmi'] as const

/** N-grams of characters that lend their vectors to words (Bojanowski et al. 2017); the names are fastText's. */
export type SubwordConfig = {
  /** Characters of the shortest n-gram, the marks `<` and `>` at the word's ends included. */
  minn: number
  maxn: number
  /** Numbers that n-grams are hashed to. */
  bucket: number
}

/** Pairs of words that are joined into one (Mikolov et al. 2013b, §4). */
export type PhraseConfig = {
  /** How often the joining is repeated: two passes make phrases of up to four words. */
  passes: number
  minCount: number
  threshold: number
  scoring: (typeof SCORINGS)[number]
}

export type Word2VecConfig = {
  model: (typeof MODELS)[number]
  /** C, numbers of a vector. */
  dimensions: number
  /** Words to either side at most; how many they are is drawn anew for each word. */
  window: number
  /** Words drawn as negatives for each word. */
  negative: number
  /** Words that occur less often are left out. */
  minCount: number
  /** Words that make up more than this share of the text are left out by chance; 0 leaves none out. */
  sample: number
  epochs: number
  /** It falls evenly to a ten-thousandth of itself. */
  learningRate: number
  /** How a text becomes words: runs of letters and digits, or the words that Unicode's rules and dictionaries find. */
  segment: (typeof SEGMENTS)[number]
  subwords?: SubwordConfig
  phrases?: PhraseConfig
}

export const word2vecDefaults: Word2VecConfig = {
  model: 'skip-gram',
  dimensions: 100,
  window: 5,
  negative: 5,
  minCount: 5,
  sample: 1e-3,
  epochs: 5,
  learningRate: 0.025,
  segment: 'runs',
}

export const subwordDefaults: SubwordConfig = { minn: 3, maxn: 6, bucket: 2_000_000 }
export const phraseDefaults: PhraseConfig = { passes: 1, minCount: 5, threshold: 10, scoring: 'mikolov' }

const MAX_DIMENSIONS = 4096
const MAX_WINDOW = 1000
const MAX_NEGATIVE = 1000
const MAX_BUCKET = 2 ** 31 - 1
const MAX_NGRAM = 64

/** @throws ConfigError naming the option that cannot be followed */
export function checkWord2VecConfig(config: Word2VecConfig, place = 'word2vec'): Word2VecConfig {
  const { subwords, phrases } = config
  const whole = (n: number, low: number, high: number) => Number.isInteger(n) && n >= low && n <= high
  const count = (name: string, value: number, low: number, high: number): [string, unknown, boolean] => [
    `${name} must be a whole number from ${low} to ${high}`,
    value,
    whole(value, low, high),
  ]
  const oneOf = (name: string, value: string, names: readonly string[]): [string, unknown, boolean] => [
    `${name} must be ${names.join(' or ')}`,
    value,
    names.includes(value),
  ]
  const rules: [rule: string, got: unknown, holds: boolean][] = [
    oneOf('model', config.model, MODELS),
    oneOf('segment', config.segment, SEGMENTS),
    count('dimensions', config.dimensions, 1, MAX_DIMENSIONS),
    count('window', config.window, 1, MAX_WINDOW),
    count('negative', config.negative, 1, MAX_NEGATIVE),
    count('minCount', config.minCount, 1, 2 ** 31),
    count('epochs', config.epochs, 1, 100_000),
    ['sample must be from 0 to 1', config.sample, config.sample >= 0 && config.sample <= 1],
    [
      'learningRate must be a number above 0',
      config.learningRate,
      config.learningRate > 0 && Number.isFinite(config.learningRate),
    ],
  ]
  if (subwords) {
    rules.push(
      count('subwords: minn', subwords.minn, 1, MAX_NGRAM),
      count('subwords: maxn', subwords.maxn, subwords.minn, MAX_NGRAM),
      count('subwords: bucket', subwords.bucket, 1, MAX_BUCKET),
    )
  }
  if (phrases) {
    rules.push(
      oneOf('phrases: scoring', phrases.scoring, SCORINGS),
      count('phrases: passes', phrases.passes, 1, 10),
      count('phrases: minCount', phrases.minCount, 1, 2 ** 31),
      phrases.scoring === 'npmi'
        ? ['phrases: threshold of npmi must be from -1 to 1', phrases.threshold, Math.abs(phrases.threshold) <= 1]
        : ['phrases: threshold must be above 0', phrases.threshold, phrases.threshold > 0],
    )
  }
  for (const [rule, got, holds] of rules) if (!holds) throw new ConfigError({ place, rule, got: `${got}` })
  return config
}

/** `3.5 GiB`: the unit in which memory is bought. */
export const formatGibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(3)} GiB`
