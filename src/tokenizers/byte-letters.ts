/** Bytes spelt as visible letters, so that any UTF-8 is text without spaces: `bytes_to_unicode` of GPT-2 (Radford et al. 2019). */

/** Bytes that Latin-1 shows as a letter or sign of its own stand for themselves, the others for letters from U+0100 on. */
export const BYTE_LETTERS: readonly string[] = (() => {
  const isVisible = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isVisible(byte) ? byte : next++))
})()

/** Code unit of a letter → its byte. */
export const LETTER_BYTES: ReadonlyMap<number, number> = new Map(BYTE_LETTERS.map((letter, byte) => [letter.charCodeAt(0), byte]))

const utf8 = new TextEncoder()

export function byteLetters(text: string): string {
  if (text.length === 1 && text < '\x80') return BYTE_LETTERS[text.charCodeAt(0)]
  let letters = ''
  for (const byte of utf8.encode(text)) letters += BYTE_LETTERS[byte]
  return letters
}
