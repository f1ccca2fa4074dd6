/** How often two words stand side by side: a hash table of two numbers a key, in bounded memory. */

/** Twelve bytes a slot. */
const MOST_SLOTS = 2 ** 24
const FULLEST = 0.7

export class BigramCounts {
  #first = new Int32Array(2 ** 12)
  #second = new Int32Array(2 ** 12)
  /** 0 where the slot is empty. */
  #counts = new Int32Array(2 ** 12)
  #size = 0
  #forgotten = 0
  readonly #mostSlots: number

  constructor(mostSlots = MOST_SLOTS) {
    this.#mostSlots = mostSlots
  }

  /** Pairs that are held. */
  get size(): number {
    return this.#size
  }

  /** Pairs may be counted too low by this much, as rare ones were forgotten when there were too many. */
  get forgotten(): number {
    return this.#forgotten
  }

  count(a: number, b: number): number {
    return this.#counts[this.#slot(a, b)]
  }

  add(a: number, b: number): void {
    const slot = this.#slot(a, b)
    if (this.#counts[slot]++ > 0) return
    this.#first[slot] = a
    this.#second[slot] = b
    this.#size++
    if (this.#size > FULLEST * this.#counts.length) this.#makeRoom()
  }

  /** The slot of a pair, or the empty one where it belongs. */
  #slot(a: number, b: number): number {
    const mask = this.#counts.length - 1
    let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77)) >>> 0
    slot = (slot ^ (slot >>> 15)) & mask
    while (this.#counts[slot] > 0 && (this.#first[slot] !== a || this.#second[slot] !== b)) slot = (slot + 1) & mask
    return slot
  }

  /** Twice the slots, or where they may not be more, without the rarest pairs. */
  #makeRoom(): void {
    if (this.#counts.length < this.#mostSlots) this.#rebuild(2 * this.#counts.length, 0)
    else {
      for (let rarest = 1; this.#size > (FULLEST / 2) * this.#counts.length; rarest++) {
        this.#forgotten++
        this.#rebuild(this.#counts.length, rarest)
      }
    }
  }

  #rebuild(slots: number, rarest: number): void {
    const [first, second, counts] = [this.#first, this.#second, this.#counts]
    this.#first = new Int32Array(slots)
    this.#second = new Int32Array(slots)
    this.#counts = new Int32Array(slots)
    this.#size = 0
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] <= rarest) continue
      const slot = this.#slot(first[i], second[i])
      this.#first[slot] = first[i]
      this.#second[slot] = second[i]
      this.#counts[slot] = counts[i]
      this.#size++
    }
  }
}
