import { type CharacterRule, JOINER, LETTER, MARK, QUOTE, SEPARATOR, SYMBOL, UNKNOWN } from './characters.ts'
import { HASH_SEED, hashed, type Tokens } from './tokens.ts'

/** Apostrophes and joiners in one word at most. */
const MAX_JOINS = 8

/**
 * Cuts a text into words in one pass over its code units.
 *
 * @param text  prepared: in lower case beyond ASCII, where that is asked for
 * @param tokens  gets the words
 */
export function scanWords(text: string, rule: CharacterRule, tokens: Tokens): void {
  const { table, minLength, maxLength } = rule
  const units = tokens.read(text)
  const end = text.length
  for (let i = 0; i < end; ) {
    const start = i
    let entry = table[units[i]!]!
    if (entry >> 16 === SEPARATOR) {
      i++
      continue
    }
    // most tokens are letters and nothing else; the zero behind the text ends the last one
    let hash = HASH_SEED
    while (entry >> 16 === LETTER) {
      const folded = entry & 0xffff
      units[i++] = folded
      hash = hashed(hash, folded)
      entry = table[units[i]!]!
    }
    if (i > start && entry >> 16 < LETTER && i - start <= maxLength) {
      if (i - start >= minLength) tokens.push(start, i, hash)
    } else i = scanWord(units, start, rule, tokens)
  }
  tokens.breaks.push(tokens.count)
}

/**
 * Reads one token of any kind.
 *
 * @returns  where it ends
 */
function scanWord(units: Uint16Array, start: number, rule: CharacterRule, tokens: Tokens): number {
  let open = SEPARATOR // what the token is
  let [length, joins, hash] = [0, 0, HASH_SEED]
  let i = start
  for (; length < rule.maxLength; length++) {
    const entry = entryAt(units, i, rule)
    let kind = entry >> 16
    if (kind === JOINER || kind === QUOTE) {
      const joined = open === LETTER && joins++ < MAX_JOINS && isLetter(entryAt(units, i + 1, rule))
      if (joined) kind = MARK
      else kind = kind === QUOTE ? SYMBOL : SEPARATOR
    }
    if (length === 0) open = kind === MARK ? LETTER : kind
    else if (kind === MARK ? open === SYMBOL : kind !== LETTER || open !== LETTER) break
    const pair = isPair(units, i)
    units[i] = entry // its low half
    hash = hashed(hash, units[i]!)
    if (pair) hash = hashed(hash, units[i + 1]!)
    i += pair ? 2 : 1
    if (open === SEPARATOR) return i
  }
  if (length >= rule.minLength) tokens.push(start, i, hash)
  return i
}

const isLetter = (entry: number) => entry >> 16 === LETTER || entry >> 16 === MARK

/** The entry of the character at `i`, remembered where it is one unit. */
function entryAt(units: Uint16Array, i: number, { table, kindOf }: CharacterRule): number {
  const known = table[units[i]!]!
  if (known >> 16 !== UNKNOWN) return known
  const pair = isPair(units, i)
  const character = String.fromCharCode(...units.subarray(i, pair ? i + 2 : i + 1))
  const entry = (kindOf(character) << 16) | (character === '’' ? APOSTROPHE : units[i]!)
  if (units[i]! >> 11 !== SURROGATE) table[units[i]!] = entry
  return entry
}

const APOSTROPHE = 0x27
/** The first five bits of a surrogate; the sixth tells the low ones. */
const SURROGATE = 0x1b

const isPair = (units: Uint16Array, i: number) => units[i]! >> 10 === 2 * SURROGATE && units[i + 1]! >> 10 === 2 * SURROGATE + 1

/** Makes a token of each match of a pattern: of its group, where it has one. */
export function scanPattern(text: string, pattern: RegExp, tokens: Tokens): void {
  tokens.fill(Array.from(text.matchAll(pattern), (match) => (match.length > 1 ? (match[1] ?? '') : match[0])))
  tokens.breaks.push(tokens.count)
}

/** Makes a token of each code point; no n-gram reaches from one of the parts into another. */
export function scanCharacters(parts: readonly string[], tokens: Tokens): void {
  const characters = parts.map((part) => [...part])
  tokens.fill(characters.flat())
  let end = 0
  for (const { length } of characters) {
    end += length
    tokens.breaks.push(end)
  }
}
