import { DataError } from '../../errors.ts'
import type { BagOfWordsConfig } from './config.ts'

/** Terms by id: a term is a word, or neighbouring words with a space between. */
export type Vocabulary = { readonly terms: readonly string[]; readonly ids: ReadonlyMap<string, number> }

export function vocabularyOf(terms: readonly string[]): Vocabulary {
  return { terms, ids: new Map(terms.map((term, id) => [term, id])) }
}

/**
 * The n-grams of a text's words, for every n in the range, repeated as often as they occur.
 *
 * @param range  the smallest and the largest n
 */
export function ngrams(words: readonly string[], [min, max]: readonly [number, number]): string[] {
  const found: string[] = []
  for (let start = 0; start < words.length; start++) {
    let ngram = ''
    for (let n = 1; n <= max && start + n <= words.length; n++) {
      ngram = n === 1 ? words[start]! : `${ngram} ${words[start + n - 1]}`
      if (n >= min) found.push(ngram)
    }
  }
  return found
}

/** A JavaScript Map takes about 16.7 million entries. */
export const MAX_TERMS = 16_000_000

/**
 * Every n-gram that occurs in at least `minDocumentFrequency` documents, in the order of first appearance.
 *
 * @throws DataError where the documents hold more than MAX_TERMS different n-grams
 */
export function buildVocabulary(
  documents: readonly string[][],
  { ngramRange, minDocumentFrequency }: BagOfWordsConfig,
): Vocabulary {
  const frequencies = new Map<string, number>()
  for (const words of documents) {
    for (const term of new Set(ngrams(words, ngramRange))) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
    if (frequencies.size > MAX_TERMS) throw tooManyTerms(ngramRange)
  }
  return vocabularyOf([...frequencies.keys()].filter((term) => frequencies.get(term)! >= minDocumentFrequency))
}

function tooManyTerms([min, max]: readonly [number, number]) {
  return new DataError({
    place: 'bag-of-words: vocabulary',
    rule: `the training texts may hold at most ${MAX_TERMS} different terms, rare ones included`,
    got: `more, with terms of ${min} to ${max} words`,
    hint: max > 1 ? `ngramRange = [1, ${max - 1}], or fewer training texts` : 'fewer training texts',
  })
}
