/**
 * What a character is to a tokeniser, as tables by UTF-16 code unit that fill themselves on first use: no text pays for the scripts
 * that it does not use.
 */

export const SEPARATOR = 0
/** A token by itself. */
export const SYMBOL = 1
/** A token by itself, with the marks that follow. */
export const IDEOGRAPH = 2
/** Part of a word. */
export const LETTER = 3
/** Part of a word, and of the ideograph before it. */
export const MARK = 4
/** Part of a word between two of its letters, a separator elsewhere. */
export const JOINER = 5
/** Part of a word between two of its letters, a symbol elsewhere. */
export const QUOTE = 6
/** Not looked at yet; surrogates stay so, as only the pair is a character. */
export const UNKNOWN = 7

export type CharacterRule = {
  /** By code unit: what the character is × 2^16 + the unit that stands for it in tokens, lower case where that is all there is to it: ASCII. */
  table: Int32Array
  kindOf: (character: string) => number
  /** Code points that a token has at least and at most. */
  minLength: number
  maxLength: number
}

/** Scripts written without spaces: each of their characters is a word, and n-grams recover the longer ones. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー]/u

function kindInWords(character: string): number {
  if (/\p{M}/u.test(character)) return MARK
  if (UNSPACED.test(character)) return IDEOGRAPH
  if (/[\p{L}\p{N}]/u.test(character)) return LETTER
  // apostrophes and the invisible joiners of Persian and Indic scripts
  if (/['’\u200C\u200D]/.test(character)) return JOINER
  return /\p{Extended_Pictographic}/u.test(character) ? SYMBOL : SEPARATOR
}

function kindWithPunctuation(character: string): number {
  if (character === "'" || character === '’') return QUOTE
  const kind = kindInWords(character)
  return kind === SEPARATOR && /[\p{P}\p{S}]/u.test(character) ? SYMBOL : kind
}

/** `\w` of Python: letters, numbers and the underscore, but no marks. */
const kindInScikitLearn = (character: string) => (/[\p{L}\p{N}_]/u.test(character) ? LETTER : SEPARATOR)

/** `\s` of Python, as a pattern. */
export const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'

/** The bound keeps a hostile text of one endless word from becoming one endless term. */
const LONGEST_WORD = 256

const KINDS = {
  words: { kindOf: kindInWords, minLength: 1, maxLength: LONGEST_WORD },
  'words-and-punctuation': { kindOf: kindWithPunctuation, minLength: 1, maxLength: LONGEST_WORD },
  'scikit-learn': { kindOf: kindInScikitLearn, minLength: 2, maxLength: 2 ** 30 },
}
/** How a text is cut into words; see `VectorizerConfig.tokens`. */
export type TokenRuleName = keyof typeof KINDS
export const TOKEN_RULES = Object.keys(KINDS) as TokenRuleName[]

export function characterRule(name: TokenRuleName, lowercase: boolean): CharacterRule {
  return { ...KINDS[name], table: tableOf(name, lowercase) }
}

const tables = new Map<string, Int32Array>()

function tableOf(name: TokenRuleName, lowercase: boolean): Int32Array {
  const key = `${name} ${lowercase}`
  const known = tables.get(key)
  if (known) return known
  const { kindOf } = KINDS[name]
  const table = new Int32Array(0x10000)
  for (let unit = 0; unit < table.length; unit++) table[unit] = (UNKNOWN << 16) | unit
  for (let unit = 0; unit < 0x80; unit++) {
    const folded = lowercase && unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit
    table[unit] = (kindOf(String.fromCharCode(unit)) << 16) | folded
  }
  tables.set(key, table)
  return table
}
