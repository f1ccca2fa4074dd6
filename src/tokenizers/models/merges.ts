/**
 * The heart of byte-pair encoding: neighbours are merged, those first that were learnt first, of equal ones the leftmost.
 *
 * Sennrich et al. 2016. Short words are searched for the best pair again and again; in long ones what may be merged waits in a heap, and
 * what has changed since is passed over: n symbols in O(n log n).
 */
import { PairTable } from './pair-table.ts'

/** Up to so many symbols a search is quicker than a heap. */
const SHORT = 48

/** Symbols of a word while they are merged: `length` of them, with the first and the last unit of each. */
export class Symbols {
  ids = new Int32Array(64)
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  length = 0

  clear(): void {
    this.length = 0
  }

  push(id: number, start: number, end: number): void {
    if (this.length === this.ids.length) this.#grow()
    this.ids[this.length] = id
    this.starts[this.length] = start
    this.ends[this.length++] = end
  }

  #grow(): void {
    const larger = (array: Int32Array) => {
      const copy = new Int32Array(2 * array.length)
      copy.set(array)
      return copy
    }
    this.ids = larger(this.ids)
    this.starts = larger(this.starts)
    this.ends = larger(this.ends)
  }
}

export class Merges {
  readonly #table: PairTable
  readonly #members = new Set<number>()

  constructor(expected: number) {
    this.#table = new PairTable(expected)
  }

  /** @param rank  when it was learnt; @param id  what it makes */
  set(left: number, right: number, rank: number, id: number): void {
    this.#table.set(left, right, rank, id)
    this.#members.add(left).add(right)
  }

  /** Whether a token is merged with any other. */
  takesPart(id: number): boolean {
    return this.#members.has(id)
  }

  /** Merges until no pair is left that was learnt. */
  apply(symbols: Symbols): void {
    if (symbols.length <= SHORT) this.#search(symbols)
    else this.#heap(symbols)
  }

  #search(symbols: Symbols): void {
    const table = this.#table
    const { ids, starts, ends } = symbols
    let length = symbols.length
    for (let i = 0; i + 1 < length; i++) slots[i] = table.slotOf(ids[i], ids[i + 1])
    for (;;) {
      let best = -1
      let rank = Infinity
      for (let i = 0; i + 1 < length; i++) {
        if (slots[i] >= 0 && table.first(slots[i]) < rank) {
          best = i
          rank = table.first(slots[i])
        }
      }
      if (best < 0) break
      ids[best] = table.second(slots[best])
      ends[best] = ends[best + 1]
      length--
      for (let i = best + 1; i < length; i++) {
        ids[i] = ids[i + 1]
        starts[i] = starts[i + 1]
        ends[i] = ends[i + 1]
        slots[i] = slots[i + 1]
      }
      if (best + 1 < length) slots[best] = table.slotOf(ids[best], ids[best + 1])
      if (best > 0) slots[best - 1] = table.slotOf(ids[best - 1], ids[best])
    }
    symbols.length = length
  }

  #heap(symbols: Symbols): void {
    const table = this.#table
    const { ids, starts, ends, length } = symbols
    const next = Int32Array.from({ length }, (_, i) => i + 1)
    const previous = Int32Array.from({ length }, (_, i) => i - 1)
    const heap = new Heap()
    const offer = (at: number) => {
      if (at < 0 || next[at] >= length) return
      const slot = table.slotOf(ids[at], ids[next[at]])
      if (slot >= 0) heap.push(table.first(slot), at, slot)
    }
    for (let i = 0; i < length - 1; i++) offer(i)
    while (heap.pop()) {
      const { at, slot } = heap
      const after = next[at]
      if (ids[at] < 0 || after >= length || table.slotOf(ids[at], ids[after]) !== slot) continue
      ids[at] = table.second(slot)
      ends[at] = ends[after]
      ids[after] = GONE
      next[at] = next[after]
      if (next[at] < length) previous[next[at]] = at
      offer(previous[at])
      offer(at)
    }
    let kept = 0
    for (let i = 0; i < length; i++) {
      if (ids[i] === GONE) continue
      ids[kept] = ids[i]
      starts[kept] = starts[i]
      ends[kept++] = ends[i]
    }
    symbols.length = kept
  }
}

const slots = new Int32Array(SHORT)
const GONE = -1

/** What may be merged, by rank and then by place: one number orders both. */
class Heap {
  readonly #keys: number[] = []
  readonly #slots: number[] = []
  /** What `pop` took. */
  at = 0
  slot = 0

  push(rank: number, at: number, slot: number): void {
    const key = rank * PLACES + at
    const keys = this.#keys
    const slots = this.#slots
    let i = keys.push(key) - 1
    slots.push(slot)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (keys[parent] <= key) break
      keys[i] = keys[parent]
      slots[i] = slots[parent]
      i = parent
    }
    keys[i] = key
    slots[i] = slot
  }

  pop(): boolean {
    const keys = this.#keys
    const slots = this.#slots
    if (keys.length === 0) return false
    this.at = keys[0] % PLACES
    this.slot = slots[0]
    const key = keys.pop()!
    const slot = slots.pop()!
    const length = keys.length
    if (length === 0) return true
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && keys[child + 1] < keys[child]) child++
      if (keys[child] >= key) break
      keys[i] = keys[child]
      slots[i] = slots[child]
      i = child
    }
    keys[i] = key
    slots[i] = slot
    return true
  }
}

/** Words are shorter, and ranks below 2^21: both fit in one exact number. */
const PLACES = 2 ** 30
