import { DataError } from '../../errors.ts'
import { IntList } from '../../tokenizers/trainers/int-list.ts'

/** More would not fit into a file of vocabulary, nor into any memory worth having. */
export const MAX_TERMS = 16_000_000

const NONE = -1

/**
 * Terms as paths of words: a node is a term, its prefix the term without its last word. Words and nodes are numbers, so that a
 * neighbourhood of words is looked up by two of them, whatever their length.
 */
export class TermTree {
  /** Node → [prefix or NONE, last word]. */
  private readonly keys = new IntList()
  /** Word → its node as a term of one word, or NONE. */
  private readonly firsts = new IntList()
  /** Node + 1 by the hash of its key, for terms of two words and more; 0 where the slot is free. */
  private slots = new Int32Array(2048)
  private longer = 0

  /** How many nodes there are. */
  get size(): number {
    return this.keys.length >> 1
  }

  prefix(node: number): number {
    return this.keys.data[2 * node]!
  }

  last(node: number): number {
    return this.keys.data[2 * node + 1]!
  }

  /** The node of a word, made where there is none. */
  addFirst(word: number): number {
    while (this.firsts.length <= word) this.firsts.push(NONE)
    const known = this.firsts.data[word]!
    if (known !== NONE) return known
    const node = this.append(NONE, word)
    this.firsts.data[word] = node
    return node
  }

  /** The node of a word, or NONE. */
  findFirst(word: number): number {
    return word >= 0 && word < this.firsts.length ? this.firsts.data[word]! : NONE
  }

  /** The node of a term followed by a word, made where there is none. */
  add(prefix: number, word: number): number {
    const slot = this.slotOf(prefix, word)
    const known = this.slots[slot]!
    if (known !== 0) return known - 1
    const node = this.append(prefix, word)
    this.slots[slot] = node + 1
    if (2 * ++this.longer > this.slots.length) this.rehash()
    return node
  }

  /** The node of a term followed by a word, or NONE. */
  find(prefix: number, word: number): number {
    return this.slots[this.slotOf(prefix, word)]! - 1
  }

  private append(prefix: number, word: number): number {
    if (this.size >= MAX_TERMS) throw tooManyTerms()
    this.keys.push(prefix)
    this.keys.push(word)
    return this.size - 1
  }

  private slotOf(prefix: number, word: number): number {
    const { slots } = this
    const keys = this.keys.data
    const mask = slots.length - 1
    let slot = hash(prefix, word) & mask
    for (;;) {
      const node = slots[slot]! - 1
      if (node < 0 || (keys[2 * node] === prefix && keys[2 * node + 1] === word)) return slot
      slot = (slot + 1) & mask
    }
  }

  private rehash(): void {
    const slots = new Int32Array(2 * this.slots.length)
    const keys = this.keys.data
    const mask = slots.length - 1
    for (let node = 0; node < this.size; node++) {
      const prefix = keys[2 * node]!
      if (prefix === NONE) continue
      let slot = hash(prefix, keys[2 * node + 1]!) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = node + 1
    }
    this.slots = slots
  }
}

function hash(prefix: number, word: number): number {
  const mixed = Math.imul(Math.imul(prefix, 0x85ebca6b) ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 16)
}

export const tooManyTerms = () =>
  new DataError({
    place: 'bag-of-words: vocabulary',
    rule: `the training texts may hold at most ${MAX_TERMS} different terms, rare ones included`,
    got: 'more',
    hint: "shorter n-grams, fewer texts, or weighting 'hashing', which keeps no vocabulary",
  })
