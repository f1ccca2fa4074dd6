/** Letters, numbers and spaces by table, for scanners that step through a text. */

export const OTHER = 0
export const LETTER = 1
export const NUMBER = 2
export const SPACE = 3

const UNKNOWN = 255

let basic: Uint8Array | undefined
let beyond: Uint8Array | undefined

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint)
  if (/\p{L}/u.test(character)) return LETTER
  if (/\p{N}/u.test(character)) return NUMBER
  return /\p{White_Space}/u.test(character) ? SPACE : OTHER
}

/** The class of every UTF-16 unit; halves of characters are OTHER. */
export function unitClasses(): Uint8Array {
  basic ??= Uint8Array.from({ length: 0x10000 }, (_, unit) => classify(unit))
  return basic
}

/** The class of a character beyond U+FFFF. */
export function classBeyond(codePoint: number): number {
  beyond ??= new Uint8Array(0x100000).fill(UNKNOWN)
  const at = codePoint - 0x10000
  if (beyond[at] === UNKNOWN) beyond[at] = classify(codePoint)
  return beyond[at]
}
