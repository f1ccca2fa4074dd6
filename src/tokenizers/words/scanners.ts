/**
 * Regular expressions that many tokenizers share, as scanners by hand: from the beginning of a word to its end.
 * A test proves on random texts that they cut as the expressions do.
 */
import { GPT2_PATTERN } from '../pre-tokenizers/gpt2-pattern.ts'
import { classBeyond, LETTER, NUMBER, OTHER, SPACE, unitClasses } from './unit-classes.ts'

/** Where the word that begins at `at` ends, in a text that ends at `limit`. */
export type Scanner = (text: string, at: number, limit: number) => number

/** Of Llama 3 and cl100k with the digits {1,3}, of Qwen 2 with none. */
const llamaPattern = (digits: string) =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

/** A scanner that cuts as a regular expression does, where there is one. */
export function scannerFor(pattern: string): Scanner | undefined {
  if (pattern === GPT2_PATTERN) return gpt2
  if (pattern === llamaPattern('{1,3}')) return llama3(3)
  return pattern === llamaPattern('') ? llama3(1) : undefined
}

const SPACE_SIGN = 0x20
const APOSTROPHE = 0x27
const LINE_FEED = 10
const RETURN = 13

const isPair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit < 0xdc00
}

/** The end of a run of characters of one class. */
function runEnd(text: string, at: number, limit: number, wanted: number, classes: Uint8Array): number {
  let end = at
  while (end < limit) {
    const unit = text.charCodeAt(end)
    if (unit >= 0xd800 && unit < 0xdc00) {
      if (classBeyond(text.codePointAt(end)!) !== wanted) return end
      end += 2
    } else if (classes[unit] !== wanted) return end
    else end++
  }
  return end
}

function classAt(text: string, at: number, limit: number, classes: Uint8Array): number {
  if (at >= limit) return SPACE
  return isPair(text, at) ? classBeyond(text.codePointAt(at)!) : classes[text.charCodeAt(at)]
}

/** Spaces up to the last one before a word, which belongs to the word; all of them at the end of the text. */
function spacesEnd(text: string, at: number, limit: number, classes: Uint8Array): number {
  const end = runEnd(text, at, limit, SPACE, classes)
  return end < limit && end - at > 1 ? end - 1 : end
}

/** 's 't 'm 'd 're 've 'll: how many units, 0 for none. @param fold  makes a letter comparable */
function contraction(text: string, at: number, limit: number, fold: (unit: number) => number): number {
  if (at + 1 >= limit) return 0
  const first = fold(text.charCodeAt(at + 1))
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return 2
  if (at + 2 >= limit) return 0
  const second = fold(text.charCodeAt(at + 2))
  if ((first === 0x72 || first === 0x76) && second === 0x65) return 3
  return first === 0x6c && second === 0x6c ? 3 : 0
}

const asItIs = (unit: number): number => unit
/** The long s is an s too. */
const lowered = (unit: number): number => (unit === 0x17f ? 0x73 : unit >= 0x41 && unit <= 0x5a ? unit + 32 : unit)

function gpt2(text: string, at: number, limit: number): number {
  const classes = unitClasses()
  const unit = text.charCodeAt(at)
  if (unit === APOSTROPHE) {
    const length = contraction(text, at, limit, asItIs)
    if (length > 0) return at + length
  }
  const start = unit === SPACE_SIGN ? at + 1 : at
  const kind = classAt(text, start, limit, classes)
  return kind === SPACE ? spacesEnd(text, at, limit, classes) : runEnd(text, start, limit, kind, classes)
}

/** @param mostDigits  characters of a number */
function llama3(mostDigits: number): Scanner {
  return (text, at, limit) => {
    const classes = unitClasses()
    const unit = text.charCodeAt(at)
    if (unit === APOSTROPHE) {
      const length = contraction(text, at, limit, lowered)
      if (length > 0) return at + length
    }
    const kind = classAt(text, at, limit, classes)
    if (kind === LETTER) return runEnd(text, at, limit, LETTER, classes)
    if (kind === NUMBER) return digitsEnd(text, at, limit, mostDigits, classes)
    const next = at + (isPair(text, at) ? 2 : 1)
    const isBreak = unit === LINE_FEED || unit === RETURN
    const after = classAt(text, next, limit, classes)
    if (!isBreak && after === LETTER) return runEnd(text, next, limit, LETTER, classes)
    if (kind === OTHER) return breaksEnd(text, runEnd(text, at, limit, OTHER, classes), limit)
    if (unit === SPACE_SIGN && after === OTHER) return breaksEnd(text, runEnd(text, next, limit, OTHER, classes), limit)
    return lineEnd(text, at, limit, classes)
  }
}

function digitsEnd(text: string, at: number, limit: number, most: number, classes: Uint8Array): number {
  let end = at
  for (let i = 0; i < most && end < limit && classAt(text, end, limit, classes) === NUMBER; i++) end += isPair(text, end) ? 2 : 1
  return end
}

function breaksEnd(text: string, at: number, limit: number): number {
  let end = at
  while (end < limit && (text.charCodeAt(end) === LINE_FEED || text.charCodeAt(end) === RETURN)) end++
  return end
}

/** Spaces up to their last line break; without one as `spacesEnd` has it. */
function lineEnd(text: string, at: number, limit: number, classes: Uint8Array): number {
  const end = runEnd(text, at, limit, SPACE, classes)
  for (let last = end; last > at; last--) {
    const unit = text.charCodeAt(last - 1)
    if (unit === LINE_FEED || unit === RETURN) return last
  }
  return end < limit && end - at > 1 ? end - 1 : end
}
