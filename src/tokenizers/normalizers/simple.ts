/** Normalizers of a few lines each. */
import { byCharacter, type Rewrite } from '../aligned.ts'
import { byteLetters } from '../byte-letters.ts'
import { isMark, isWhitespace, lowerCase } from '../characters.ts'
import type { Pattern } from '../pattern.ts'
import { type Normalizer, rewriting } from './normalizer.ts'

export const lowercase = (): Normalizer => rewriting((text) => byCharacter(text, lowerCase), lowerCase)

export const removing = (isRemoved: (character: string) => boolean): Normalizer =>
  rewriting((text) => byCharacter(text, (character) => (isRemoved(character) ? '' : character)))

export const stripAccents = (): Normalizer => removing(isMark)

export function strip({ left, right }: { left: boolean; right: boolean }): Normalizer {
  return rewriting((text) => {
    const characters = Array.from(text)
    const start = left ? characters.findIndex((character) => !isWhitespace(character)) : 0
    const end = right ? characters.findLastIndex((character) => !isWhitespace(character)) + 1 : characters.length
    const from: number[] = []
    let at = 0
    for (const character of characters) {
      from.push(at)
      at += character.length
    }
    if (start < 0) return { characters: [], from: [] }
    return { characters: characters.slice(start, end), from: from.slice(start, end) }
  })
}

/** Puts something before a text that is not empty; it counts as part of the first character. */
export function prepend(prefix: string): Normalizer {
  return rewriting(
    (text) => {
      const characters = Array.from(text)
      const from: number[] = characters.length > 0 ? Array.from(prefix, () => 0) : []
      let at = 0
      for (const character of characters) {
        from.push(at)
        at += character.length
      }
      return { characters: characters.length > 0 ? [...prefix, ...characters] : [], from }
    },
    (text) => (text === '' ? '' : prefix + text),
  )
}

/** Puts something in the place of each match. */
export function replace(pattern: Pattern, content: string): Normalizer {
  return rewriting((text) => {
    const characters: string[] = []
    const from: number[] = []
    let at = 0
    const keep = (end: number) => {
      for (const character of text.slice(at, end)) {
        characters.push(character)
        from.push(at)
        at += character.length
      }
    }
    for (const [start, end] of pattern.matches(text)) {
      keep(start)
      at = end
      for (const character of content) {
        characters.push(character)
        from.push(end - 1)
      }
    }
    keep(text.length)
    return { characters, from }
  }, pattern.replacer(content))
}

/** Each byte as a letter. */
export const byteLevel = (): Normalizer => rewriting(byteLevelRewrite, byteLetters)

function byteLevelRewrite(text: string): Rewrite {
  const characters: string[] = []
  const from: number[] = []
  let at = 0
  for (const character of text) {
    for (const letter of byteLetters(character)) {
      characters.push(letter)
      from.push(at)
    }
    at += character.length
  }
  return { characters, from }
}

const isNmtControl = (character: string): boolean => {
  const at = character.codePointAt(0)!
  return (at > 0 && at < 0x20 && !'\t\n\f\r'.includes(character)) || at === 0x7f || at === 0x8f || at === 0x9f
}
const NMT_SPACE = /^[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]$/u

/** The cleaning of SentencePiece's `nmt` rules, without the normalisation form. */
export const nmt = (): Normalizer =>
  rewriting((text) => byCharacter(text, (c) => (isNmtControl(c) ? '' : NMT_SPACE.test(c) ? ' ' : c)))
