import { IntList } from '../../tokenizers/trainers/int-list.ts'
import { type Tokens, unitsToText } from './tokens.ts'

/**
 * Distinct words, numbered by first appearance: a hash table with open addressing over one pool of code units, so that a word that is
 * known already costs no memory and no string.
 */
export class WordTable {
  /** [hash, word number + 1] a slot; the number is 0 where it is free. Side by side they are one access to memory. */
  private slots = new Int32Array(4096)
  private readonly hashes = new IntList()
  private readonly starts = new IntList()
  private pool = new Uint16Array(8192)

  constructor() {
    this.starts.push(0)
  }

  get size(): number {
    return this.hashes.length
  }

  /**
   * Looks all tokens of a text up.
   *
   * @param numbers  gets the number of each; a word that is not in the table gets a new one where the table grows, else -1
   */
  look(tokens: Tokens, numbers: Int32Array, grows: boolean): void {
    const { units, starts, ends, hashes, count } = tokens
    let { slots, pool } = this
    let wordStarts = this.starts.data
    let mask = slots.length - 2
    for (let token = 0; token < count; token++) {
      const [hash, start] = [hashes[token]!, starts[token]!]
      const length = ends[token]! - start
      let word = -1
      let slot = spread(hash) & mask
      for (; slots[slot + 1] !== 0; slot = (slot + 2) & mask) {
        if (slots[slot] !== hash) continue
        const candidate = slots[slot + 1]! - 1
        const at = wordStarts[candidate]!
        if (wordStarts[candidate + 1]! - at !== length) continue
        let i = 0
        while (i < length && pool[at + i] === units[start + i]) i++
        if (i < length) continue
        word = candidate
        break
      }
      if (word < 0 && grows) {
        word = this.append(units, start, ends[token]!, hash, slot)
        ;({ slots, pool } = this)
        wordStarts = this.starts.data
        mask = slots.length - 2
      }
      numbers[token] = word
    }
  }

  text(word: number): string {
    return unitsToText(this.pool, this.starts.data[word]!, this.starts.data[word + 1]!)
  }

  /**
   * The words' numbers in the order of their code points, which is Python's order of strings.
   *
   * Bentley and Sedgewick 1997, "Fast Algorithms for Sorting and Searching Strings": quicksort in three parts by one unit at a time.
   */
  sorted(): Int32Array {
    const { pool } = this
    const starts = this.starts.data
    /** A unit of a word, ranked by code point; below every unit where the word is over. */
    const unitAt = (word: number, i: number) => {
      const at = starts[word]! + i
      return at < starts[word + 1]! ? codePointOrder(pool[at]!) : -1
    }
    const order = new Int32Array(this.size)
    for (let word = 0; word < order.length; word++) order[word] = word
    const ranges = [[0, order.length, 0]] // from, to, units that are known to be equal
    for (let range = ranges.pop(); range; range = ranges.pop()) {
      const [from, to, depth] = range as [number, number, number]
      if (to - from < 2) continue
      const pivot = unitAt(order[(from + to) >> 1]!, depth)
      let [less, at, more] = [from, from, to]
      while (at < more) {
        const word = order[at]!
        const unit = unitAt(word, depth)
        if (unit < pivot) {
          order[at++] = order[less]!
          order[less++] = word
        } else if (unit > pivot) {
          order[at] = order[--more]!
          order[more] = word
        } else at++
      }
      ranges.push([from, less, depth], [more, to, depth])
      if (pivot >= 0) ranges.push([less, more, depth + 1])
    }
    return order
  }

  private append(units: Uint16Array, start: number, end: number, hash: number, slot: number): number {
    const word = this.size
    const at = this.starts.data[word]!
    const needed = at + end - start
    if (needed > this.pool.length) {
      const grown = new Uint16Array(Math.max(needed, 2 * this.pool.length))
      grown.set(this.pool)
      this.pool = grown
    }
    for (let i = start; i < end; i++) this.pool[at + i - start] = units[i]!
    this.starts.push(needed)
    this.hashes.push(hash)
    this.slots[slot] = hash
    this.slots[slot + 1] = word + 1
    if (4 * this.size > this.slots.length) this.rehash()
    return word
  }

  private rehash(): void {
    const slots = new Int32Array(2 * this.slots.length)
    const mask = slots.length - 2
    for (let word = 0; word < this.size; word++) {
      const hash = this.hashes.data[word]!
      let slot = spread(hash) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = hash
      slots[slot + 1] = word + 1
    }
    this.slots = slots
  }
}

/** The high bits of a hash are the better ones. */
const spread = (hash: number) => (hash ^ (hash >>> 15)) << 1

/** UTF-16 puts surrogates before U+E000, though the characters they make come after it. */
const codePointOrder = (unit: number) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)
