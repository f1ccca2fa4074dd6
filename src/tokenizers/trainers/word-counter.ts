/**
 * Counts words by their UTF-16 units, without making a string of each occurrence: memory grows with the distinct words only.
 *
 * Words lie one after another in `#units`; an open-addressing table finds the number of a word.
 */
import { grown } from './int-list.ts'

const FREE = -1

/** FNV-1a, by units in place of bytes. */
export const HASH_SEED = 0x811c9dc5 | 0
export const nextHash = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

export class WordCounter {
  /** Distinct words so far. */
  size = 0
  #units: Uint16Array = new Uint16Array(2 ** 14)
  /** Word w: units from #starts[w] up to, but not including, #starts[w + 1]. */
  #starts: Int32Array = new Int32Array(2 ** 10)
  #counts: Float64Array = new Float64Array(2 ** 10)
  /** Slot i: a word's hash at 2 i, its number at 2 i + 1. */
  #table: Int32Array = new Int32Array(2 ** 13).fill(FREE)
  #mask = 2 ** 12 - 1
  #scratch: Uint16Array = new Uint16Array(2 ** 12)
  #scratchBytes: Buffer = Buffer.from(this.#scratch.buffer)

  /** UTF-16 units of all distinct words. */
  get units(): number {
    return this.#starts[this.size]
  }

  /** More occurrences of units[start … end). An empty word is none. */
  addUnits(units: Uint16Array, start: number, end: number, count: number): void {
    let hash = HASH_SEED
    for (let i = start; i < end; i++) hash = nextHash(hash, units[i])
    this.addHashed(units, start, end, hash, count)
  }

  /** As `addUnits`, with a hash that was computed on the way: HASH_SEED, and `nextHash` for each unit. */
  addHashed(units: Uint16Array, start: number, end: number, unitsHash: number, count: number): void {
    if (start === end) return
    const hash = unitsHash ^ (unitsHash >>> 15)
    const table = this.#table
    let at = 2 * (hash & this.#mask)
    for (let word = table[at + 1]; word !== FREE; word = table[at + 1]) {
      if (table[at] === hash && this.#equals(word, units, start, end)) {
        this.#counts[word] += count
        return
      }
      at = (at + 2) & (2 * this.#mask)
    }
    this.#insert(hash, at, units, start, end, count)
  }

  add(word: string, count: number): void {
    this.addUnits(this.unitsOf(word), 0, word.length, count)
  }

  /** The units of a text; good until the next call. Longer than the text: what follows is left from others. */
  unitsOf(text: string): Uint16Array {
    if (text.length > this.#scratch.length) {
      this.#scratch = new Uint16Array(2 * text.length)
      this.#scratchBytes = Buffer.from(this.#scratch.buffer)
    }
    if (text.length < SHORT) {
      for (let i = 0; i < text.length; i++) this.#scratch[i] = text.charCodeAt(i)
    } else {
      this.#scratchBytes.write(text, 'utf16le')
    }
    return this.#scratch
  }

  /** Words and their counts. */
  *entries(): Generator<[string, number]> {
    const units = Buffer.from(this.#units.buffer)
    for (let word = 0; word < this.size; word++) {
      yield [units.toString('utf16le', 2 * this.#starts[word], 2 * this.#starts[word + 1]), this.#counts[word]]
    }
  }

  #equals(word: number, units: Uint16Array, start: number, end: number): boolean {
    const from = this.#starts[word]
    const length = end - start
    if (this.#starts[word + 1] - from !== length) return false
    const own = this.#units
    for (let i = 0; i < length; i++) if (own[from + i] !== units[start + i]) return false
    return true
  }

  #insert(hash: number, at: number, units: Uint16Array, start: number, end: number, count: number): void {
    const word = this.size++
    const from = this.#starts[word]
    const to = from + end - start
    if (to > this.#units.length) this.#units = grown(this.#units, to)
    this.#units.set(units.subarray(start, end), from)
    if (this.size === this.#starts.length) {
      this.#starts = grown(this.#starts)
      this.#counts = grown(this.#counts)
    }
    this.#starts[word + 1] = to
    this.#counts[word] = count
    this.#table[at] = hash
    this.#table[at + 1] = word
    if (2 * this.size > this.#mask) this.#rehash()
  }

  #rehash(): void {
    const old = this.#table
    const table = new Int32Array(2 * old.length).fill(FREE)
    this.#mask = 2 * this.#mask + 1
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === FREE) continue
      let at = 2 * (old[from] & this.#mask)
      while (table[at + 1] !== FREE) at = (at + 2) & (2 * this.#mask)
      table[at] = old[from]
      table[at + 1] = old[from + 1]
    }
    this.#table = table
  }
}

/** Units below which a loop is faster than a call out of JavaScript. */
const SHORT = 64
