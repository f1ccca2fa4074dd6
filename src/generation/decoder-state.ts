/** What the decoder of an encoder–decoder remembers, in rows that can be moved: N hypotheses of each of B sources. */
import { internal } from '../errors.ts'
import { isNdArray } from '../tensor/compile.ts'
import type { NdArray } from '../tensor/index.ts'
import { leavesOf, withLeaves } from '../tensor/tree.ts'
import type { KvCache } from './kv-cache.ts'

/** Where a row goes, and where from. */
export type Move = readonly [to: number, from: number]

export interface DecoderState {
  /** What the step program reads: rows as [B, N]. */
  input(B: number, N: number): unknown
  /** Where it writes. */
  output(): unknown
  /** Counts in what was written. */
  commit(): void
  /** Writes rows over others, in place. */
  move(moves: readonly Move[]): void
  /** Copies of these rows, in this order. */
  gather(rows: Int32Array): DecoderState
}

/** Keys and values of every token read, [P, R, K, D]: the engine writes new rows behind the old ones. */
export class CachedRows implements DecoderState {
  readonly #cache: KvCache
  /** Most tokens that there will be. */
  readonly #most: number

  constructor(cache: KvCache, most: number) {
    this.#cache = cache
    this.#most = most
  }

  input(B: number, N: number) {
    const hypotheses = ({ dtype, shape: [P, , ...entry], data }: NdArray): NdArray => ({
      dtype,
      shape: [P, B, N, ...entry],
      data,
    })
    return this.#cache.past.map(({ k, v }) => ({ k: hypotheses(k), v: hypotheses(v) }))
  }

  output() {
    this.#cache.reserve(this.#cache.length + 1, this.#most)
    return this.#cache.rows(1)
  }

  commit(): void {
    this.#cache.commit(1)
  }

  move(moves: readonly Move[]): void {
    this.#cache.move(moves)
  }

  gather(rows: Int32Array): CachedRows {
    return new CachedRows(this.#cache.gather(rows), this.#most)
  }
}

/** A state of fixed size: a tree of arrays [R, …]. */
export class FixedRows implements DecoderState {
  readonly #tree: unknown
  #now: NdArray[]
  #next: NdArray[]

  constructor(tree: unknown) {
    this.#tree = tree
    this.#now = leavesOf(tree, isNdArray).map(([, array]) => array)
    this.#next = this.#now.map(({ dtype, shape, data }) => ({ dtype, shape, data: data.slice() }))
  }

  input(B: number, N: number) {
    const hypotheses = this.#now.map(({ dtype, shape: [, ...entry], data }) => ({ dtype, shape: [B, N, ...entry], data }))
    return withLeaves(this.#tree, isNdArray, hypotheses)
  }

  output() {
    return withLeaves(this.#tree, isNdArray, this.#next)
  }

  commit(): void {
    ;[this.#now, this.#next] = [this.#next, this.#now]
  }

  move(moves: readonly Move[]): void {
    for (const { data, shape } of this.#now) {
      const size = data.length / shape[0]
      for (const [to, from] of moves) data.copyWithin(to * size, from * size, (from + 1) * size)
    }
  }

  gather(rows: Int32Array): FixedRows {
    return new FixedRows(
      withLeaves(
        this.#tree,
        isNdArray,
        this.#now.map((array) => gatherRows(array, rows)),
      ),
    )
  }
}

/** Copies of rows of an array [R, …]. */
export function gatherRows({ dtype, shape: [R, ...entry], data }: NdArray, rows: Int32Array): NdArray {
  const size = data.length / R
  if (!Number.isInteger(size)) throw internal(`rows of ${data.length} numbers in ${R} rows`)
  const copy = data.slice(0, 0).constructor as new (length: number) => typeof data
  const all = new copy(rows.length * size)
  for (const [to, from] of rows.entries()) all.set(data.subarray(from * size, (from + 1) * size), to * size)
  return { dtype, shape: [rows.length, ...entry], data: all }
}
