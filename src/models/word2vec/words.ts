/** A text → its words, for word vectors: lower case, the typographic apostrophe as the plain one. */
import { words } from '../../text/words.ts'
import type { Word2VecConfig } from './config.ts'

/** Letters, digits and the marks that belong to them, with apostrophes inside: `don't`, `l'été`, `3rd`; and emoji. All else separates. */
const RUN = /[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic})*/gu
/** The same where there is nothing but ASCII: much faster. */
const ASCII_RUN = /[a-z0-9]+(?:'[a-z0-9]+)*/g
const BEYOND_ASCII = /[^\0-\x7f]/

const NONE: readonly string[] = []

/**
 * - `runs`: runs of letters and digits. Right for languages that put spaces between words, and fast.
 * - `words`: by Unicode's rules, and by dictionaries for Thai, Chinese, Japanese, Khmer, Lao and Burmese (`text/words.ts`); slower there.
 */
export function wordSegmenter(segment: Word2VecConfig['segment']): (text: string) => readonly string[] {
  if (segment === 'runs') return runs
  return (text) => words(folded(text))
}

function runs(text: string): readonly string[] {
  if (BEYOND_ASCII.test(text)) return folded(text).match(RUN) ?? NONE
  return text.toLowerCase().match(ASCII_RUN) ?? NONE
}

const folded = (text: string): string => text.toLowerCase().replaceAll('’', "'").normalize('NFC')
