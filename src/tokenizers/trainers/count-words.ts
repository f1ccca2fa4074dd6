/** From a stream of texts to words and how often each occurs. */
import { DataError } from '../../errors.ts'
import { isWellFormed, isWhitespace } from '../characters.ts'
import { Pace, type Watch } from './pace.ts'
import { HASH_SEED, nextHash, WordCounter } from './word-counter.ts'

export type Texts = AsyncIterable<string> | Iterable<string>
export type WordCounts = ReadonlyMap<string, number>

export type CountOptions = Watch & {
  /**
   * Where a text may be cut before it is split into words, without a change to the words: before the first blank, or the first white
   * space, after other characters. Parts that occur often are then split once. Default: nowhere.
   */
  cutBefore?: 'blank' | 'space'
}

/** Parts of texts are held up to so many UTF-16 units, and then split. */
const MOST_UNITS = 2 ** 24

/**
 * Memory grows with the distinct words, not with the texts.
 *
 * @param texts  held one at a time
 * @param preTokenize  the words of a text
 * @throws DataError for a text that is no text, or has half a character
 */
export async function countWords(
  texts: Texts,
  preTokenize: (text: string) => Iterable<string>,
  { cutBefore, ...watch }: CountOptions = {},
): Promise<Map<string, number>> {
  const pace = new Pace(watch)
  const kinds = spaceTable(cutBefore ?? 'space')
  const words = new WordCounter()
  let parts = new WordCounter()
  const split = () => {
    for (const [part, count] of parts.entries()) for (const word of preTokenize(part)) words.add(word, count)
    parts = new WordCounter()
  }
  let read = 0
  const take = (text: string) => {
    checkText(text, ++read)
    if (cutBefore === undefined) for (const word of preTokenize(text)) words.add(word, 1)
    else addParts(text, kinds, parts)
    if (parts.units > MOST_UNITS) split()
  }
  if (Symbol.asyncIterator in texts) {
    for await (const text of texts) {
      take(text)
      if (pace.isDue()) await pace.turn('counting words', read)
    }
  } else {
    // Without a promise a text, which would take as long as the counting.
    for (const text of texts) {
      take(text)
      if (pace.isDue()) await pace.turn('counting words', read)
    }
  }
  split()
  return new Map(words.entries())
}

const BLANK = 0x20
const [OTHER, SPACE, BORDER] = [0, 1, 2]

/** Per UTF-16 unit: a border is white space before which a part may begin. */
function spaceTable(cutBefore: 'blank' | 'space'): Uint8Array {
  return Uint8Array.from({ length: 0x10000 }, (_, unit) => {
    if (!isWhitespace(String.fromCharCode(unit))) return OTHER
    return cutBefore === 'space' || unit === BLANK ? BORDER : SPACE
  })
}

function addParts(text: string, kinds: Uint8Array, parts: WordCounter): void {
  const units = parts.unitsOf(text)
  const { length } = text
  let start = 0
  let hash = HASH_SEED
  let before = SPACE
  for (let at = 0; at < length; at++) {
    const unit = units[at]
    const kind = kinds[unit]
    if (kind === BORDER && before === OTHER) {
      parts.addHashed(units, start, at, hash, 1)
      start = at
      hash = HASH_SEED
    }
    before = kind
    hash = nextHash(hash, unit)
  }
  parts.addHashed(units, start, length, hash, 1)
}

function checkText(text: unknown, number: number): void {
  const place = `text ${number} of the training texts`
  if (typeof text !== 'string') throw new DataError({ place, rule: 'must be a string', got: typeof text })
  if (isWellFormed(text)) return
  throw new DataError({
    place,
    rule: 'must be whole Unicode characters',
    got: 'half of one',
    hint: 'cut text between characters',
  })
}
