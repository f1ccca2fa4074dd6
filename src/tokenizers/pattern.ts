/** What a Split or a Replace looks for: a text, or a regular expression. */
import { z } from 'zod'
import { unitsAt } from './aligned.ts'
import { translate } from './regex/oniguruma.ts'

export const PATTERN = z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })])

export interface Pattern {
  /** [start, end) of each match, from left to right, none within another. */
  matches(text: string): [number, number][]
  /** The same one by one, for long texts. */
  each?(text: string, see: (start: number, end: number) => void): void
  /** Puts `content` in the place of each match. */
  replacer(content: string): (text: string) => string
}

export function patternOf(json: z.output<typeof PATTERN>, place: string): Pattern {
  return 'String' in json ? literal(json.String) : regexPattern(translate(json.Regex, `${place}.Regex`))
}

/** An empty text is found before each character and at the end. */
export function literal(wanted: string): Pattern {
  if (wanted === '') return regexPattern(/(?:)/gu)
  return {
    matches(text) {
      const found: [number, number][] = []
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
        found.push([at, at + wanted.length])
      return found
    },
    replacer: (content) => (text) => text.split(wanted).join(content),
  }
}

/** @param regex  with the flags g and u or v */
export function regexPattern(regex: RegExp): Pattern {
  const each = (text: string, see: (start: number, end: number) => void) => {
    regex.lastIndex = 0
    for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
      const end = match.index + match[0].length
      if (end === match.index) regex.lastIndex = end < text.length ? end + unitsAt(text, end) : end + 1
      // A lookbehind may be found true between the halves of a character, where there is no place.
      if (!isWithinCharacter(text, match.index)) see(match.index, end)
    }
  }
  const matches = (text: string) => {
    const found: [number, number][] = []
    each(text, (start, end) => found.push([start, end]))
    return found
  }
  return { matches, each, replacer: (content) => (text) => replaced(text, matches(text), content) }
}

function replaced(text: string, matches: readonly [number, number][], content: string): string {
  let out = ''
  let at = 0
  for (const [start, end] of matches) {
    out += text.slice(at, start) + content
    at = end
  }
  return out + text.slice(at)
}

const isWithinCharacter = (text: string, at: number): boolean => at > 0 && at < text.length && unitsAt(text, at - 1) === 2

/** Every character of which something holds. */
export function characterPattern(holds: (character: string) => boolean): Pattern {
  return {
    matches(text) {
      const found: [number, number][] = []
      let at = 0
      for (const character of text) {
        if (holds(character)) found.push([at, at + character.length])
        at += character.length
      }
      return found
    },
    replacer: (content) => (text) => Array.from(text, (character) => (holds(character) ? content : character)).join(''),
  }
}
