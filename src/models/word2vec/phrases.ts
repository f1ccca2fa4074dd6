/**
 * Phrases: two words that stand together more often than chance has it become one word, `new_york`.
 *
 * Mikolov et al. 2013b, §4, with the details of gensim's Phrases; npmi: Bouma 2009.
 */
import { BigramCounts } from './bigram-counts.ts'
import type { PhraseConfig } from './config.ts'
import { IdWriter, readIds, SENTENCE_END } from './id-file.ts'
import type { WordCounts } from './word-counts.ts'

export const JOINT = '_'

export type JoinedPhrases = {
  /** Occurrences that were joined. */
  joined: number
  /** Distinct phrases. */
  phrases: number
  /** Pairs that had been forgotten may be counted too low by this much. */
  forgotten: number
}

/**
 * One pass over a file of sentences: pairs that score above the threshold become one word, from left to right, in another file.
 *
 * The score of `a b` is (n(a b) - minCount) · N / (n(a) · n(b)) with N, as in gensim, the number of distinct words and pairs; for `npmi`
 * ln(p(a b) / (p(a) p(b))) / -ln p(a b), from -1 to 1, where n(a b) reaches minCount.
 */
export function joinPhrases(from: string, to: string, counts: WordCounts, config: PhraseConfig): JoinedPhrases {
  const pairs = new BigramCounts()
  let words = 0
  for (const [a, b] of adjacent(from)) {
    if (a >= 0) words++
    if (a >= 0 && b >= 0) pairs.add(a, b)
  }
  const before = Float64Array.from({ length: counts.size }, (_, id) => counts.count(id)) // joining changes the counts
  const entries = counts.distinct + pairs.size
  const score = (a: number, b: number): number => {
    const n = pairs.count(a, b)
    if (config.scoring === 'mikolov') return ((n - config.minCount) / (before[a] * before[b])) * entries
    if (n < config.minCount) return Number.NEGATIVE_INFINITY
    const p = n / words
    return Math.log(p / ((before[a] / words) * (before[b] / words))) / -Math.log(p)
  }
  const names = new Map<number, string>() // of words that can be in a pair that is frequent enough
  for (const [word, id] of counts.entries()) if (counts.count(id) >= config.minCount) names.set(id, word)
  using writer = new IdWriter(to)
  const found = new Set<number>()
  let joined = 0
  let taken = false // the word before has become part of a phrase
  for (const [a, b] of adjacent(from)) {
    if (taken) {
      taken = false
      continue
    }
    taken = names.has(a) && names.has(b) && pairs.count(a, b) > 0 && score(a, b) > config.threshold
    if (!taken) writer.add(a)
    else {
      const phrase = counts.join(a, b, `${names.get(a)}${JOINT}${names.get(b)}`)
      found.add(phrase)
      joined++
      writer.add(phrase)
    }
  }
  writer.finish()
  return { joined, phrases: found.size, forgotten: pairs.forgotten }
}

/** Every number with the one behind it; the last has the end of a sentence behind it. */
function* adjacent(path: string): Generator<[a: number, b: number], void, undefined> {
  let last: number | undefined
  for (const piece of readIds(path)) {
    for (const id of piece) {
      if (last !== undefined) yield [last, id]
      last = id
    }
  }
  if (last !== undefined) yield [last, SENTENCE_END]
}
