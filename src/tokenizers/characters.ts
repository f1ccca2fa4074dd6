/** Classes of characters by which texts are cleaned and split. */
import { CHARACTER_TABLES } from './character-tables.ts'

type Class = keyof typeof CHARACTER_TABLES

const BIT: Readonly<Record<Class, number>> = { PUNCTUATION: 1, CONTROL: 2, NONSPACING: 4, MARK: 8, SCRIPTED: 16 }

let bits: Uint8Array | undefined

/** The classes of each code point, as bits; a megabyte that is filled when it is first asked for. */
function classes(): Uint8Array {
  if (bits !== undefined) return bits
  bits = new Uint8Array(0x110000)
  for (const [name, table] of Object.entries(CHARACTER_TABLES)) {
    let at = 0
    for (const [i, digits] of table.split(' ').entries()) {
      const end = at + Number.parseInt(digits, 36)
      if (i % 2 === 1) for (; at < end; at++) bits[at] |= BIT[name as Class]
      at = end
    }
  }
  return bits
}

const isA = (name: Class) => (character: string) => (classes()[character.codePointAt(0)!] & BIT[name]) !== 0

/** Punctuation of any script, and all the signs of ASCII. */
export const isPunctuation = isA('PUNCTUATION')
/** What has no glyph: control, format and private characters, NUL and U+FFFD. Line breaks and tabs count as white space. */
export const isControl = isA('CONTROL')
/** Category Mn. */
export const isNonspacing = isA('NONSPACING')
/** Categories Mn, Mc and Me. */
export const isMark = isA('MARK')

/** What belongs to a script, or to all: what is older than Unicode 10, spaces apart. */
export const hasScript = isA('SCRIPTED')

/** White_Space, which JavaScript's \s is not: U+0085 is one and U+FEFF is none. */
export const isWhitespace = (character: string): boolean => /^\p{White_Space}$/u.test(character)

const IDEOGRAPH =
  /^[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]$/u

/** Ideographs, of which each is a word of its own. */
export const isIdeograph = (character: string): boolean => IDEOGRAPH.test(character)

/** Lower case letter by letter: a capital sigma that ends a word becomes the same letter as elsewhere. */
export const lowerCase = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase()

/** Half of a character, as UTF-16 spells those beyond U+FFFF. */
const LONE_SURROGATE = /\p{Surrogate}/u
const LONE_SURROGATES = /\p{Surrogate}/gu

/** Whether a text is whole Unicode characters. Newer engines know by themselves, and quicker. */
export function isWellFormed(text: string): boolean {
  const { isWellFormed } = text as { isWellFormed?: () => boolean }
  return isWellFormed ? isWellFormed.call(text) : !LONE_SURROGATE.test(text)
}

/** Halves of characters, which UTF-8 cannot spell, become U+FFFD, as TextEncoder has it. */
export const wellFormed = (text: string): string => (isWellFormed(text) ? text : text.replace(LONE_SURROGATES, '\ufffd'))
