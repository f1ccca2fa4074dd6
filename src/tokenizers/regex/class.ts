/** Escapes of characters, and `[…]`, from Oniguruma's syntax to JavaScript's with the flag v. */
import { caseVariants } from './case-variants.ts'
import { HEX, posixClass, propertyClass, WHITE_SPACE, WORD } from './properties.ts'
import type { PatternReader } from './reader.ts'

/** Whether case counts. */
export type Flags = { ignoreCase: boolean; dotAll: boolean; extended: boolean }

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 }

export const spelt = (codePoint: number): string => `\\u{${codePoint.toString(16)}}`

/** One character as JavaScript spells it within and without `[…]`, with its other case where case does not count. */
export function characterClass(codePoint: number, { ignoreCase }: Flags): string {
  const character = String.fromCodePoint(codePoint)
  return ignoreCase
    ? caseVariants(character)
        .map((variant) => spelt(variant.codePointAt(0)!))
        .join('')
    : spelt(codePoint)
}

/** After a backslash: a class such as \s, as it stands within `[…]`. @param word  what \w is */
export function escapedClass(reader: PatternReader, word: string): string | undefined {
  const simple = reader.match(/[sSdDwWhH]/y)?.[0]
  if (simple !== undefined) {
    const inner = { s: WHITE_SPACE, d: '\\p{Nd}', w: word, h: HEX }[simple.toLowerCase() as 's' | 'd' | 'w' | 'h']
    return simple === simple.toLowerCase() ? inner : `[^${inner}]`
  }
  const property = reader.match(/([pP])\{(\^?)([^}]*)\}/y)
  if (!property) return undefined
  const found = propertyClass(property[3])
  if (found === undefined) throw reader.refusal(`no class of characters is named ${JSON.stringify(property[3])}`)
  return (property[1] === 'P') !== (property[2] === '^') ? `[^${found}]` : found
}

/** After a backslash: the code point of one character. */
export function escapedCharacter(reader: PatternReader): number {
  const hex = reader.match(/x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})/y)
  if (hex) return checked(Number.parseInt(hex[1] ?? hex[2] ?? hex[3], 16), reader)
  const octal = reader.match(/0[0-7]{0,2}/y)
  if (octal) return Number.parseInt(octal[0], 8)
  const letter = reader.match(/[tnvfrae]/y)?.[0]
  if (letter !== undefined) return CONTROLS[letter]
  const character = reader.next()
  if (/[A-Za-z0-9]/.test(character)) throw reader.refusal(`\\${character} is not supported`)
  return character.codePointAt(0)!
}

function checked(codePoint: number, reader: PatternReader): number {
  if (codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint < 0xe000)) return codePoint
  throw reader.refusal('no such character')
}

/** After `[`: the class up to its `]`. */
export function bracketClass(reader: PatternReader, flags: Flags): string {
  const isNegated = reader.take('^')
  const operands: string[] = []
  let items = ''
  if (reader.take(']')) items += spelt(0x5d) // first in a class, it is a character
  for (;;) {
    if (reader.done) throw reader.refusal('a class has no end')
    if (reader.take(']')) break
    if (reader.take('&&')) {
      operands.push(`[${items}]`)
      items = ''
    } else items += classItem(reader, flags)
  }
  operands.push(`[${items}]`)
  return `[${isNegated ? '^' : ''}${operands.length > 1 ? operands.join('&&') : items}]`
}

function classItem(reader: PatternReader, flags: Flags): string {
  const posix = reader.match(/\[:(\^?)([a-z]+):\]/y)
  if (posix) {
    const inner = posixClass(posix[2])
    if (inner === undefined) throw reader.refusal(`no class [:${posix[2]}:]`)
    return posix[1] === '^' ? `[^${inner}]` : `[${inner}]`
  }
  if (reader.take('[')) return bracketClass(reader, flags)
  const first = classCharacter(reader, flags)
  if (typeof first === 'string') return first
  if (!reader.match(/-(?!\]|&&|\[)/y)) return characterClass(first, flags)
  const last = classCharacter(reader, flags)
  if (typeof last === 'string') return `${characterClass(first, flags)}\\-${last}`
  if (last < first) throw reader.refusal('a range of characters runs backwards')
  return rangeClass(first, last, flags)
}

function classCharacter(reader: PatternReader, { ignoreCase }: Flags): string | number {
  if (!reader.take('\\')) return reader.next().codePointAt(0)!
  if (reader.take('b')) return 8
  const inner = escapedClass(reader, WORD)
  return inner !== undefined && ignoreCase && CASED.test(inner)
    ? `${inner}\\p{Changes_When_Casemapped}`
    : (inner ?? escapedCharacter(reader))
}

/** Classes of one case; within `[…]`, but not alone, they are of either where case does not count. */
const CASED = /^\\p\{(Lu|Ll|Lt|Uppercase|Lowercase|Uppercase_Letter|Lowercase_Letter|Titlecase_Letter)\}$/

/** The most characters of a range whose other cases are written out. */
const LARGEST_FOLDED = 0x3000

function rangeClass(first: number, last: number, flags: Flags): string {
  const range = `${spelt(first)}-${spelt(last)}`
  if (!flags.ignoreCase || last - first > LARGEST_FOLDED) return range
  const variants = new Set<string>()
  for (let codePoint = first; codePoint <= last; codePoint++) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue
    for (const variant of caseVariants(String.fromCodePoint(codePoint))) {
      const other = variant.codePointAt(0)!
      if (other < first || other > last) variants.add(spelt(other))
    }
  }
  return range + [...variants].join('')
}
