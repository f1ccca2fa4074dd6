/**
 * The normalisation rules of SentencePiece, compiled into a double-array trie (Darts) of what is replaced, and the replacements.
 *
 * Kudo & Richardson 2018. The bytes: the trie's length, the trie as 32-bit words, replacements that end in NUL; all little-endian.
 */

import { FormatError } from '../../errors.ts'
import { fromChanges } from '../aligned.ts'
import { type Normalizer, rewriting } from './normalizer.ts'

/** Longer grapheme clusters are looked up character by character, in UTF-8 bytes. */
const LONGEST_CLUSTER = 5

const utf8 = new TextEncoder()

export function precompiled(charsMap: string, place: string): Normalizer {
  const rules = readRules(charsMap, place)
  const cache = new Map<string, string | undefined>()
  const lookup = (part: string): string | undefined => {
    const known = cache.get(part)
    if (known !== undefined || cache.has(part)) return known
    if (cache.size > 50_000) cache.clear()
    const found = rules.lookup(utf8.encode(part))
    cache.set(part, found)
    return found
  }
  const changes = (text: string): [string, number][] => {
    const changes: [string, number][] = []
    const put = (part: string): boolean => {
      const replacement = lookup(part)
      if (replacement === undefined) return false
      putReplacement(changes, replacement, Array.from(part).length)
      return true
    }
    for (const segment of clustersOf(text)) {
      if (utf8Length(segment) <= LONGEST_CLUSTER && put(segment)) continue
      for (const character of segment) if (!put(character)) changes.push([character, 0])
    }
    return changes
  }
  return rewriting((text) => fromChanges(text, changes(text)))
}

const WINDOW = 256

/** Grapheme clusters. The segmenter takes a time that grows with the square of a text, so it sees windows, each from a border on. */
function* clustersOf(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  for (let start = 0, size = WINDOW; start < text.length; ) {
    const clusters = Array.from(segmenter.segment(text.slice(start, start + size)), ({ segment }) => segment)
    // Where the text goes on, the last cluster may go on too.
    if (start + size < text.length) clusters.pop()
    size = clusters.length > 0 ? WINDOW : 2 * size
    for (const cluster of clusters) {
      yield cluster
      start += cluster.length
    }
  }
}

let segmenter: Intl.Segmenter | undefined

/** Characters in the place of `replaced` others: what is more is inserted, what is less is dropped with the last one. */
function putReplacement(changes: [string, number][], replacement: string, replaced: number): void {
  const characters = Array.from(replacement)
  for (const [i, character] of characters.entries()) changes.push([character, i < replaced ? 0 : 1])
  const last = changes.at(-1)
  if (last && characters.length < replaced) last[1] += characters.length - replaced
}

const utf8Length = (text: string): number => (text.length > LONGEST_CLUSTER ? text.length : Buffer.byteLength(text))

class Rules {
  readonly #trie: Uint32Array
  readonly #replacements: Uint8Array

  constructor(trie: Uint32Array, replacements: Uint8Array) {
    this.#trie = trie
    this.#replacements = replacements
  }

  /** What the shortest rule that begins these bytes puts in their place. */
  lookup(bytes: Uint8Array): string | undefined {
    let at = offsetOf(this.#trie[0])
    for (const byte of bytes) {
      if (byte === 0) return undefined
      at ^= byte
      const unit = this.#trie[at]
      if (unit === undefined || labelOf(unit) !== byte) return undefined
      at ^= offsetOf(unit)
      if ((unit >>> 8) & 1) return this.#replacement((this.#trie[at] ?? 0) & 0x7fffffff)
    }
    return undefined
  }

  #replacement(start: number): string {
    const end = this.#replacements.indexOf(0, start)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#replacements.subarray(start, end < 0 ? undefined : end))
  }
}

/** A label is a byte; the sign bit marks a value, which is no label. */
const labelOf = (unit: number): number => (unit & 0x800000ff) >>> 0

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6)

function readRules(charsMap: string, place: string): Rules {
  const bytes = Buffer.from(charsMap, 'base64')
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : -1
  if (size > 0 && size % 4 === 0 && size <= bytes.length - 4) {
    const trie = new Uint32Array(size / 4)
    for (let i = 0; i < trie.length; i++) trie[i] = bytes.readUInt32LE(4 + 4 * i)
    return new Rules(trie, bytes.subarray(4 + size))
  }
  throw new FormatError({
    place: `${place}.precompiled_charsmap`,
    rule: 'must be base64 of a trie of 32-bit words after its length in bytes',
    got: `${bytes.length} bytes, of which ${size} for the trie`,
  })
}
