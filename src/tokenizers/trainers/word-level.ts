/** Whole words, or characters, as tokens: the most frequent ones. */
import type { WordCounts } from './count-words.ts'
import { checkTrainer, checkWords, MOST_TOKENS } from './training-checks.ts'

export type WordLevelOptions = {
  /** Special tokens and words together. Default: all words. */
  vocabSize?: number
  /** Words that occur less often are left out. */
  minFrequency?: number
  /** Tokens that come first, in this order. */
  specialTokens?: readonly string[]
}

/**
 * The order of Hugging Face tokenizers: by falling count, among equals by code points.
 *
 * @returns tokens in the order of their ids
 * @throws DataError where there is no word
 */
export function trainWordLevel(wordCounts: WordCounts, options: WordLevelOptions = {}): string[] {
  const { vocabSize = MOST_TOKENS, minFrequency = 0, specialTokens = [] } = options
  checkTrainer({ ...options, vocabSize })
  checkWords(wordCounts)
  const special = new Set(specialTokens)
  const words = [...wordCounts].filter(([word, count]) => count >= minFrequency && !special.has(word))
  words.sort(([a, n], [b, m]) => m - n || compareCodePoints(a, b))
  return [...specialTokens, ...words.slice(0, Math.max(0, vocabSize - special.size)).map(([word]) => word)]
}

/** The order of UTF-8, which that of UTF-16 is not beyond U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at > 0 && isLow(a.charCodeAt(at)) && isLow(b.charCodeAt(at))) at-- // within a character
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1)
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
