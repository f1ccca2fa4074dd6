/**
 * How often each pair of neighbouring symbols occurs, and the words in which it newly came to be.
 *
 * Pairs are numbered in the order in which they are met; an open-addressing table finds the number of a pair.
 */
import { grown, IntList } from './int-list.ts'

const FREE = -1

export class PairCounts {
  size = 0
  left: Int32Array = new Int32Array(1024)
  right: Int32Array = new Int32Array(1024)
  counts: Float64Array = new Float64Array(1024)
  /** Slot i: left and right symbol at 4 i and 4 i + 1, the pair's number at 4 i + 2, all in one line of the cache. */
  #table: Int32Array = new Int32Array(4 * 4096).fill(FREE)
  #mask = 4095
  /** Since the last `takeNew`, per pair: how many words were noted, and the latest. */
  #noted: Int32Array = new Int32Array(1024)
  #latest: Int32Array = new Int32Array(1024).fill(FREE)
  readonly #touched = new IntList()
  readonly #notedPairs = new IntList()
  readonly #notedWords = new IntList()

  /** The number of a pair, given now if it has none. */
  pairOf(left: number, right: number): number {
    const table = this.#table
    let at = 4 * (hash(left, right) & this.#mask)
    for (let pair = table[at + 2]; pair !== FREE; pair = table[at + 2]) {
      if (table[at] === left && table[at + 1] === right) return pair
      at = (at + 4) & (4 * this.#mask)
    }
    return this.#insert(left, right, at)
  }

  /** An occurrence more, in a word; the occurrences of one word must come in a row. */
  add(pair: number, count: number, word: number): void {
    this.counts[pair] += count
    if (this.#latest[pair] === word) return
    if (this.#noted[pair]++ === 0) this.#touched.push(pair)
    this.#latest[pair] = word
    this.#notedPairs.push(pair)
    this.#notedWords.push(word)
  }

  /**
   * Calls `take` for every pair that `add` was called for since the last time, and has `positions` filled with its words: as many as
   * `take` was told, from the index on that `take` returns; none where that is undefined.
   */
  takeNew(positions: IntList, take: (pair: number, words: number) => boolean): void {
    const { data: touched, length } = this.#touched
    for (let i = 0; i < length; i++) {
      const pair = touched[i]
      const words = this.#noted[pair]
      const isWanted = take(pair, words)
      if (isWanted) positions.reserve(words)
      this.#noted[pair] = isWanted ? positions.length : FREE
      if (isWanted) positions.length += words
    }
    for (let i = 0; i < this.#notedPairs.length; i++) {
      const pair = this.#notedPairs.data[i]
      if (this.#noted[pair] !== FREE) positions.data[this.#noted[pair]++] = this.#notedWords.data[i]
    }
    for (let i = 0; i < length; i++) {
      this.#noted[touched[i]] = 0
      this.#latest[touched[i]] = FREE
    }
    this.#touched.length = 0
    this.#notedPairs.length = 0
    this.#notedWords.length = 0
  }

  #insert(left: number, right: number, at: number): number {
    const pair = this.size++
    if (pair === this.left.length) {
      this.left = grown(this.left)
      this.right = grown(this.right)
      this.counts = grown(this.counts)
      this.#noted = grown(this.#noted)
      this.#latest = grown(this.#latest).fill(FREE, pair)
    }
    this.left[pair] = left
    this.right[pair] = right
    this.#table[at] = left
    this.#table[at + 1] = right
    this.#table[at + 2] = pair
    if (2 * this.size > this.#mask) this.#rehash()
    return pair
  }

  #rehash(): void {
    const table = new Int32Array(2 * this.#table.length).fill(FREE)
    this.#mask = 2 * this.#mask + 1
    for (let pair = 0; pair < this.size; pair++) {
      let at = 4 * (hash(this.left[pair], this.right[pair]) & this.#mask)
      while (table[at + 2] !== FREE) at = (at + 4) & (4 * this.#mask)
      table[at] = this.left[pair]
      table[at + 1] = this.right[pair]
      table[at + 2] = pair
    }
    this.#table = table
  }
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
