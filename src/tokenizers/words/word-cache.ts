/** Ids of words that were seen before, found by the units of a text where they stand: nothing is cut out of the text to look it up. */
import type { IdBuffer } from '../id-buffer.ts'

/** Longer words hardly ever come again. */
const LONGEST = 48
const WORDS = 2 ** 18
const UNITS = 2 ** 21
const IDS = 2 ** 20

/** Bounded: when it is full, it begins anew. Open addressing, linear probing. */
export class WordCache {
  /** One more than a word's number; 0 where there is none. */
  readonly #slots = new Int32Array(4 * WORDS)
  readonly #hashes = new Int32Array(WORDS)
  /** Where the units of each word begin, and where those of the last one end; the same for ids. */
  readonly #unitStarts = new Int32Array(WORDS + 1)
  readonly #idStarts = new Int32Array(WORDS + 1)
  readonly #units = new Uint16Array(UNITS)
  readonly #ids = new Int32Array(IDS)
  readonly #encode: (word: string) => ArrayLike<number>
  #size = 0

  /** @param encode  the ids of a word that is not known yet; must depend on nothing else */
  constructor(encode: (word: string) => ArrayLike<number>) {
    this.#encode = encode
  }

  /** Adds the ids of the word [start, end) of a text. */
  push(text: string, start: number, end: number, ids: IdBuffer): void {
    if (end - start > LONGEST) {
      ids.pushAll(this.#encode(text.slice(start, end)))
      return
    }
    let hash = end - start
    for (let at = start; at < end; at++) hash = Math.imul(hash, 0x01000193) ^ text.charCodeAt(at)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 13
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const word = this.#slots[slot] - 1
      if (this.#hashes[word] !== hash || !this.#equals(word, text, start, end)) continue
      ids.pushRange(this.#ids, this.#idStarts[word], this.#idStarts[word + 1])
      return
    }
    const encoded = this.#encode(text.slice(start, end))
    ids.pushAll(encoded)
    this.#add(text, start, end, hash, slot, encoded)
  }

  #equals(word: number, text: string, start: number, end: number): boolean {
    const units = this.#units
    let at = this.#unitStarts[word]
    if (this.#unitStarts[word + 1] - at !== end - start) return false
    for (let i = start; i < end; i++) if (units[at++] !== text.charCodeAt(i)) return false
    return true
  }

  #add(text: string, start: number, end: number, hash: number, slot: number, encoded: ArrayLike<number>): void {
    const unitStart = this.#unitStarts[this.#size]
    const idStart = this.#idStarts[this.#size]
    if (this.#size === WORDS || unitStart + end - start > UNITS || idStart + encoded.length > IDS) {
      this.#slots.fill(0)
      this.#size = 0
      return
    }
    for (let i = start; i < end; i++) this.#units[unitStart + i - start] = text.charCodeAt(i)
    for (let i = 0; i < encoded.length; i++) this.#ids[idStart + i] = encoded[i]
    this.#hashes[this.#size] = hash
    this.#slots[slot] = ++this.#size
    this.#unitStarts[this.#size] = unitStart + end - start
    this.#idStarts[this.#size] = idStart + encoded.length
  }
}
