import { ConfigError } from '../../errors.ts'

/** One discount a length of n-grams, or three. */
export const SMOOTHINGS = ['kneser-ney', 'modified-kneser-ney'] as const
export type Smoothing = (typeof SMOOTHINGS)[number]

export type NgramConfig = {
  /** Ids run from 0 to vocabSize - 1; each has a probability, whether training saw it or not. */
  vocabSize: number
  /** Tokens of the longest n-gram: a prediction looks back at most order - 1 tokens. */
  order: number
  smoothing: Smoothing
}

export const DEFAULTS: Omit<NgramConfig, 'vocabSize'> = { order: 6, smoothing: 'kneser-ney' }

/** Beyond this, nearly every n-gram occurs once: each order adds as many n-grams as the text has tokens, and says nothing new. */
const MAX_ORDER = 16

/** Each prediction is an array of this many numbers. */
const MAX_VOCAB_SIZE = 2 ** 24

/** @throws ConfigError naming the option that cannot be followed */
export function checkConfig(config: NgramConfig, place = 'ngram'): NgramConfig {
  const { vocabSize, order, smoothing } = config
  const rules: [holds: boolean, rule: string, got: unknown][] = [
    [isWithin(vocabSize, MAX_VOCAB_SIZE), `vocabSize must be a whole number from 1 to ${MAX_VOCAB_SIZE}`, vocabSize],
    [isWithin(order, MAX_ORDER), `order must be a whole number from 1 to ${MAX_ORDER}`, order],
    [SMOOTHINGS.includes(smoothing), `smoothing must be ${SMOOTHINGS.join(' or ')}`, smoothing],
  ]
  for (const [holds, rule, got] of rules) if (!holds) throw new ConfigError({ place, rule, got: `${got}` })
  return config
}

const isWithin = (n: number, max: number) => Number.isInteger(n) && n >= 1 && n <= max
