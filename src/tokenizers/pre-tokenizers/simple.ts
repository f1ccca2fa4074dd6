/** Pre-tokenizers of a few lines each. */
import { unitsAt } from '../aligned.ts'
import { isPunctuation, isWhitespace } from '../characters.ts'
import { characterPattern, regexPattern } from '../pattern.ts'
import { type Behavior, split } from './split.ts'
import type { Cut, PreTokenizer } from './step.ts'

export const whitespaceSplit: Cut = split(characterPattern(isWhitespace), 'Removed')

/** At white space, and around punctuation. */
export const bertWords: PreTokenizer = [whitespaceSplit, split(characterPattern(isPunctuation), 'Isolated')]

const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}'

/** Runs of word characters, and runs of what are neither these nor spaces. */
export const whitespace: Cut = split(regexPattern(new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, 'gu')), 'Removed', true)

export const punctuation = (behavior: Behavior): Cut => split(characterPattern(isPunctuation), behavior)

const isNumeric = (character: string): boolean => /^\p{N}$/u.test(character)

/** Numbers apart from what is none, digit by digit or as a whole. */
export const digits = (individual: boolean): Cut => split(characterPattern(isNumeric), individual ? 'Isolated' : 'Contiguous')

export const delimiterSplit = (delimiter: string): Cut =>
  split(
    characterPattern((character) => character === delimiter),
    'Removed',
  )

/** Pieces of so many characters; the last one may be shorter. */
export function fixedLength(length: number): Cut {
  return {
    kind: 'cut',
    of(text) {
      const parts: [number, number][] = []
      for (let at = 0; at < text.length; ) {
        const start = at
        for (let i = 0; i < length && at < text.length; i++) at += unitsAt(text, at)
        parts.push([start, at])
      }
      return parts
    },
  }
}
