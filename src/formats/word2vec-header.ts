/** What the layouts of word vectors have in common: a first line `V C`, entries of a word and C numbers, words that come once. */
import { FormatError } from '../errors.ts'
import type { InvalidUtf8 } from './word-text.ts'

export type VectorTable = {
  words: string[]
  /** [V, C] */
  vectors: Float32Array
  /** How many entries were left out because their word had come before. */
  duplicates: number
}

export type VectorReadOptions = {
  /** Read only the first so many entries. */
  limit?: number
  invalidUtf8?: InvalidUtf8
}

export type VectorHeader = { count: number; width: number }

export const MAX_WIDTH = 2 ** 20
const MAX_WORDS = 2 ** 24 - 1

/** A line of just two whole numbers. */
export function parseHeader(line: string): VectorHeader | undefined {
  const [, count, width] = /^(\d{1,15})[ \t](\d{1,15})\s*$/.exec(line) ?? []
  return count === undefined ? undefined : { count: Number(count), width: Number(width) }
}

export function checkHeader({ count, width }: VectorHeader, place: string): void {
  if (count >= 1 && width >= 1 && width <= MAX_WIDTH) return
  const rule = `the first line must give at least one word, and a width of 1 to ${MAX_WIDTH}`
  throw new FormatError({ place, rule, got: `${count} words, width ${width}` })
}

export function moreThanAnnounced(place: string, count: number): FormatError {
  const hint = 'correct the count in the first line, or read with a limit'
  return new FormatError({ place, rule: `the first line announces ${count} words`, got: 'more', hint })
}

/** @throws FormatError for more words than a JavaScript Map can hold */
export function checkCount(count: number, place: string): void {
  if (count <= MAX_WORDS) return
  const hint = 'read only the first of them, with a limit'
  throw new FormatError({ place, rule: `at most ${MAX_WORDS} words can be read`, got: String(count), hint })
}

/** A piece of a file for a message, cut short. */
export const show = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
