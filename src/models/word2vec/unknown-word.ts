import { DataError } from '../../errors.ts'
import { nearest } from '../../text/spelling.ts'

/** A near spelling is looked for only so far down: the frequent words come first, and an error shall not take seconds. */
const SPELLINGS = 50_000

/** A word that is not among `words`, most frequent first, with the nearest spelling among them. */
export function unknownWord(word: string, words: readonly string[]): DataError {
  const near = nearest(word, words.slice(0, SPELLINGS))
  const hint =
    near === undefined ? 'words are matched letter by letter, capitals included' : `did you mean ${JSON.stringify(near)}?`
  return new DataError({
    place: 'word vectors',
    rule: 'the word is not in the vocabulary',
    got: JSON.stringify(word.slice(0, 100)),
    hint,
  })
}
