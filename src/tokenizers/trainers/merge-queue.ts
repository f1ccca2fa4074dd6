/**
 * The queue of merges to come: the most frequent pair first, among equals the pair of the smaller ids, of the same pair the older entry.
 *
 * Counts are those of the time when an entry was made; who takes one compares it with today's and puts it back where they differ.
 */
import { grown, IntList } from './int-list.ts'
import type { PairCounts } from './pair-counts.ts'

export class MergeQueue {
  readonly #pairs: PairCounts
  /** Per entry, in the order of their making. */
  counts: Float64Array = new Float64Array(1024)
  readonly pair = new IntList()
  /** The words of entry e: positions.data from start[e] up to end[e]. */
  readonly start = new IntList()
  readonly end = new IntList()
  readonly positions = new IntList()
  /** A binary heap of entries. */
  readonly #heap = new IntList()

  constructor(pairs: PairCounts) {
    this.#pairs = pairs
  }

  /** An entry for each pair that came to be since the last time, where it still occurs. */
  takeNew(): void {
    this.#pairs.takeNew(this.positions, (pair, words) => {
      const count = this.#pairs.counts[pair]
      if (count <= 0) return false
      const entry = this.pair.length
      this.pair.push(pair)
      this.start.push(this.positions.length)
      this.end.push(this.positions.length + words)
      if (entry === this.counts.length) this.counts = grown(this.counts)
      this.counts[entry] = count
      this.put(entry)
      return true
    })
  }

  put(entry: number): void {
    const heap = this.#heap
    heap.push(entry)
    let at = heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(entry, heap.data[parent])) break
      heap.data[at] = heap.data[parent]
      at = parent
    }
    heap.data[at] = entry
  }

  /** @returns the first entry, or -1 where there is none */
  take(): number {
    const heap = this.#heap
    if (heap.length === 0) return -1
    const first = heap.data[0]
    const last = heap.data[--heap.length]
    if (heap.length > 0) this.#sink(last)
    return first
  }

  /** Puts an entry at the place of the first one, and then where it belongs. */
  #sink(entry: number): void {
    const { data, length } = this.#heap
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && this.#isBefore(data[child + 1], data[child])) child++
      if (!this.#isBefore(data[child], entry)) break
      data[at] = data[child]
      at = child
    }
    data[at] = entry
  }

  #isBefore(a: number, b: number): boolean {
    if (this.counts[a] !== this.counts[b]) return this.counts[a] > this.counts[b]
    const p = this.pair.data[a]
    const q = this.pair.data[b]
    if (p === q) return a < b
    const { left, right } = this.#pairs
    return left[p] !== left[q] ? left[p] < left[q] : right[p] < right[q]
  }
}
