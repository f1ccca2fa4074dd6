/** From words and their counts to symbols: the alphabet of a BPE training, and every word as ids in one flat array. */
import type { WordCounts } from './count-words.ts'
import { IntList } from './int-list.ts'

export type AlphabetOptions = {
  /** Tokens that come first, in this order. */
  specialTokens?: readonly string[]
  /** How many characters may be kept: the most frequent ones; those of `initialAlphabet` go last. */
  limitAlphabet?: number
  /** Characters to be kept, whether they occur or not. */
  initialAlphabet?: Iterable<string>
  /** Stands before every symbol that does not begin a word, `##` in WordPiece. */
  continuingSubwordPrefix?: string
  /** Stands after every symbol that ends a word. */
  endOfWordSuffix?: string
}

/** Tokens in the order of their ids. */
export class Vocabulary {
  readonly tokens: string[] = []
  readonly #ids = new Map<string, number>()

  /** The id of a token, given now if it has none. */
  add(token: string): number {
    const known = this.#ids.get(token)
    if (known !== undefined) return known
    this.#ids.set(token, this.tokens.length)
    return this.tokens.push(token) - 1
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token)
  }
}

/** Symbols of word w: symbols[starts[w]] up to, but not including, symbols[starts[w + 1]]. */
export type SymbolWords = { symbols: Int32Array; starts: Int32Array; counts: Float64Array }

/** Characters by code point, so that the ids hang on nothing else. */
const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!

export function characterCounts(wordCounts: WordCounts): Map<string, number> {
  // Most characters are one UTF-16 unit, which a table counts much faster than a map.
  const units = new Float64Array(0x10000)
  const counts = new Map<string, number>()
  for (const [word, count] of wordCounts) {
    for (let at = 0; at < word.length; at++) {
      const unit = word.charCodeAt(at)
      if (unit < 0xd800 || unit >= 0xe000) units[unit] += count
      else {
        const c = word.slice(at, ++at + 1)
        counts.set(c, (counts.get(c) ?? 0) + count)
      }
    }
  }
  for (const [unit, count] of units.entries()) if (count > 0) counts.set(String.fromCharCode(unit), count)
  return counts
}

/** The characters to keep, sorted by code point. Of equally frequent ones at the limit, the smaller code points are kept. */
export function alphabetOf(wordCounts: WordCounts, { limitAlphabet, initialAlphabet }: AlphabetOptions): string[] {
  const counts = characterCounts(wordCounts)
  for (const c of initialAlphabet ?? []) counts.set(c, Number.POSITIVE_INFINITY)
  let kept = [...counts.keys()].sort(byCodePoint)
  if (limitAlphabet !== undefined && kept.length > limitAlphabet) {
    const rank = (c: string) => counts.get(c)!
    kept = kept.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a))).slice(0, limitAlphabet)
  }
  return kept.sort(byCodePoint)
}

/**
 * Special tokens, then the alphabet, then its characters with the prefix or suffix that they carry within words.
 *
 * Characters outside the alphabet are left out of the words, as Hugging Face tokenizers leaves them out. It numbers characters with
 * a prefix or suffix in the order of a hash map, which differs from run to run; here they are sorted.
 */
export function symbolWords(
  wordCounts: WordCounts,
  alphabet: readonly string[],
  vocabulary: Vocabulary,
  { continuingSubwordPrefix = '', endOfWordSuffix = '' }: AlphabetOptions,
): SymbolWords {
  for (const c of alphabet) vocabulary.add(c)
  const known = (c: string) => vocabulary.idOf(c) !== undefined
  const spelled = (c: string, isFirst: boolean, isLast: boolean) =>
    (isFirst ? '' : continuingSubwordPrefix) + c + (isLast ? endOfWordSuffix : '')
  if (continuingSubwordPrefix + endOfWordSuffix !== '') {
    const found = new Map<string, string>()
    for (const word of wordCounts.keys()) {
      const characters = Array.from(word)
      for (const [i, c] of characters.entries()) {
        if (known(c)) found.set(spelled(c, i === 0, i === characters.length - 1), c)
      }
    }
    const order = ([a, c]: [string, string], [b, d]: [string, string]) => byCodePoint(c, d) || (a < b ? -1 : 1)
    for (const [token] of [...found].sort(order)) vocabulary.add(token)
  }
  const plain = continuingSubwordPrefix + endOfWordSuffix === ''
  const symbols = new IntList(2 ** 16)
  const starts = new Int32Array(wordCounts.size + 1)
  const counts = new Float64Array(wordCounts.size)
  let index = 0
  for (const [word, count] of wordCounts) {
    counts[index] = count
    for (let at = 0; at < word.length; ) {
      const c = String.fromCodePoint(word.codePointAt(at)!)
      const next = at + c.length
      const id = plain || !known(c) ? vocabulary.idOf(c) : vocabulary.idOf(spelled(c, at === 0, next === word.length))
      if (id !== undefined) symbols.push(id)
      at = next
    }
    starts[++index] = symbols.length
  }
  return { symbols: symbols.data, starts, counts }
}
