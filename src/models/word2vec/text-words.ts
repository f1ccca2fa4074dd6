/** Which words of a vocabulary a text is made of. */
import { words as dictionaryWords } from '../../text/words.ts'

/** Letters, digits and the marks that belong to them, with apostrophes inside. */
const RUN = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic})*/gu
const BEYOND_ASCII = /[^\0-\x7f]/

/**
 * The words of a text that are `known`, in order, and how many are not. Vocabularies differ in how they fold words: each is looked up as it stands,
 * then in lower case, and what has no spaces (Chinese, Japanese, Thai) in the pieces that dictionaries cut it into.
 */
export function knownWords(text: string, known: (word: string) => boolean): { words: string[]; unknown: number } {
  const words: string[] = []
  let unknown = 0
  for (const [run] of text.normalize('NFC').matchAll(RUN)) {
    const found = lookUp(run, known)
    if (found !== undefined) words.push(found)
    else if (BEYOND_ASCII.test(run)) {
      const pieces = dictionaryWords(run)
      const found = pieces.map((piece) => lookUp(piece, known)).filter((piece) => piece !== undefined)
      words.push(...found)
      unknown += Math.max(1, pieces.length) - found.length
    } else unknown++
  }
  return { words, unknown }
}

function lookUp(word: string, known: (word: string) => boolean): string | undefined {
  const plain = word.replaceAll('’', "'")
  return [word, plain, plain.toLowerCase()].find(known)
}
