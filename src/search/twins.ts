/**
 * Rows with the same numbers, of which a graph needs only one. Many equal vectors would fill one another's links, and no way would lead
 * from them to the rest.
 */
import type { Chunks } from './chunks.ts'

export class Twins {
  readonly #vectors: Chunks
  /** Hash of a vector → the first rows that have it. */
  readonly #firsts = new Map<number, number[]>()
  /** First row → the later ones that equal it. */
  readonly #later = new Map<number, number[]>()

  constructor(vectors: Chunks) {
    this.#vectors = vectors
  }

  /** Takes note of a row. @returns the first row that equals it: itself, where there was none */
  add(row: number): number {
    const vector = this.#vectors.row(row)
    const hash = hashOf(vector)
    const firsts = this.#firsts.get(hash) ?? []
    const first = firsts.find((other) => equal(this.#vectors.row(other), vector))
    if (first === undefined) {
      firsts.push(row)
      this.#firsts.set(hash, firsts)
      return row
    }
    const later = this.#later.get(first)
    if (later === undefined) this.#later.set(first, [row])
    else later.push(row)
    return first
  }

  /** The rows that equal a first row, without itself. */
  of(first: number): readonly number[] {
    return this.#later.get(first) ?? NONE
  }
}

const NONE: readonly number[] = []

function hashOf(vector: Float32Array): number {
  const bits = new Int32Array(vector.buffer, vector.byteOffset, vector.length)
  let hash = 0
  for (let i = 0; i < bits.length; i++) {
    const mixed = Math.imul(hash ^ bits[i], 0x9e3779b1)
    hash = (mixed << 13) | (mixed >>> 19)
  }
  return hash
}

const equal = (a: Float32Array, b: Float32Array): boolean => a.every((x, i) => Object.is(x, b[i]))
