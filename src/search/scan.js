/**
 * The first pass of an exact search: which rows may be among the k nearest. Plain JavaScript, so that a thread of its own loads it
 * from the sources and from the build.
 *
 * A row x is held as 16-bit codes: x = s·c + r. For a query q = t·d + e the score q·x lies within |q||r| + |e||s·c| of s·t·(c·d), by
 * Cauchy and Schwarz, and c·d is a whole number without error. A row whose upper bound falls short of the k-th largest lower bound
 * seen so far cannot be among the k nearest; every other row is a candidate, and the caller computes its score from the floats.
 */
import { wasm } from './search-wasm.js'

/** Rows of a block: few enough that their codes stay in cache while the queries pass over them. */
export const BLOCK = 256
/** Bytes of one column of 64-bit constants of a block. */
const COLUMN = BLOCK * 8
/** Scale, residual, norm, bias. */
export const CONSTANT_BYTES = 4 * COLUMN
/** Queries whose products with a block are computed in one pass over it. */
const TILE = 4
/** What one thread writes: products of a tile, then scores, errors and row numbers of one query. */
export const SCRATCH_BYTES = (TILE * COLUMN) / 2 + 2 * COLUMN + COLUMN / 2
/** Queries that are scanned at once. */
export const QUERIES = 128
export const MAX_THREADS = 16

/**
 * @typedef {{ readonly buffer: SharedArrayBuffer, grow(pages: number): number }} Memory
 *
 * @typedef {object} Layout
 * @property {number} padded  width as a multiple of 8
 * @property {number} queries  address of the queries' codes: QUERIES of a search by one thread, then as many by several
 * @property {number} blocks  address of the first block: constants, then codes
 * @property {number} blockBytes
 *
 * @typedef {{ scale: number, norm: number, residual: number, slack: number }} QueryBounds
 * @typedef {{ start: number, end: number, k: number, queries: readonly QueryBounds[], queryCodes: number, thread: number }} ScanTask
 * @typedef {{ rows: Int32Array, lower: Float64Array, upper: Float64Array }} Candidates
 */

const { WebAssembly } = /** @type {any} */ (globalThis)
/** Absent where Node runs without its compiler (`--jitless`). */
export const hasKernel = WebAssembly !== undefined

/** @type {Map<string, object>} */
const compiled = new Map()

/**
 * A kernel over a shared memory.
 *
 * @param {string} base64
 * @param {Memory} memory
 */
export function instantiate(base64, memory) {
  const module = compiled.get(base64) ?? new WebAssembly.Module(Buffer.from(base64, 'base64'))
  compiled.set(base64, module)
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return /** @type {Record<string, (...args: any[]) => number>} */ (exports)
}

/** @param {Memory} memory */
export const kernel = (memory) => instantiate(wasm, memory)

/**
 * @param {number} initial  pages of 64 KiB
 * @param {number} maximum
 * @returns {Memory}  shared
 */
export const sharedMemory = (initial, maximum) => new WebAssembly.Memory({ initial, maximum, shared: true })

/**
 * Walks over rows [start, end) of the codes, start a multiple of BLOCK.
 *
 * @param {Memory} memory
 * @param {ReturnType<typeof kernel>} code
 * @param {Layout} layout
 * @param {ScanTask} task
 * @returns {Candidates[]}  of each query, in order of rows
 */
export function scan(memory, code, { padded, blocks, blockBytes }, { start, end, k, queries, queryCodes, thread }) {
  const bytes = padded * 2
  const dots = thread * SCRATCH_BYTES
  const out = dots + (TILE * COLUMN) / 2
  const scores = new Float64Array(memory.buffer, out, BLOCK)
  const errors = new Float64Array(memory.buffer, out + COLUMN, BLOCK)
  const hits = new Int32Array(memory.buffer, out + 2 * COLUMN, BLOCK)
  const found = queries.map(() => new Shortlist(k))
  for (let row = start; row < end; row += BLOCK) {
    const rows = Math.min(BLOCK, end - row)
    const constants = blocks + (row / BLOCK) * blockBytes
    const codes = constants + CONSTANT_BYTES
    code.touch(constants, CONSTANT_BYTES + rows * bytes)
    for (let first = 0; first < queries.length; first += TILE) {
      const tile = Math.min(TILE, queries.length - first)
      if (tile === TILE) code.productsOfFour(codes, bytes, rows, queryCodes + first * bytes, dots)
      else
        for (let i = 0; i < tile; i++)
          code.products(codes, bytes, rows, queryCodes + (first + i) * bytes, dots + (i * COLUMN) / 2)
      for (let i = 0; i < tile; i++) {
        const { scale, norm, residual, slack } = queries[first + i]
        const list = found[first + i]
        const count = code.sift(dots + (i * COLUMN) / 2, constants, rows, scale, norm, residual, slack, list.threshold, out)
        for (let j = 0; j < count; j++) list.add(row + hits[j], scores[j] - errors[j], scores[j] + errors[j])
      }
    }
  }
  return found.map((list) => list.candidates())
}

/** The candidates of one query, and the k-th largest of their lower bounds. */
export class Shortlist {
  /** @param {number} k */
  constructor(k) {
    /** A heap, its least on top. */
    this.heap = new Float64Array(k)
    this.size = 0
    this.threshold = k === 0 ? Infinity : -Number.MAX_VALUE
    /** @type {number[]} */
    this.rows = []
    /** @type {number[]} */
    this.lower = []
    /** @type {number[]} */
    this.upper = []
  }

  /**
   * @param {number} row
   * @param {number} lower
   * @param {number} upper
   */
  add(row, lower, upper) {
    if (upper < this.threshold) return
    this.rows.push(row)
    this.lower.push(lower)
    this.upper.push(upper)
    const { heap } = this
    if (this.size < heap.length) {
      siftUp(heap, this.size++, lower)
      if (this.size === heap.length) this.threshold = heap[0]
    } else if (lower > heap[0]) {
      siftDown(heap, lower)
      this.threshold = heap[0]
    }
  }

  /** @returns {Candidates} */
  candidates() {
    const kept = this.upper.reduce((count, upper) => count + (upper >= this.threshold ? 1 : 0), 0)
    const found = { rows: new Int32Array(kept), lower: new Float64Array(kept), upper: new Float64Array(kept) }
    for (let i = 0, n = 0; i < this.rows.length; i++) {
      if (this.upper[i] < this.threshold) continue
      found.rows[n] = this.rows[i]
      found.lower[n] = this.lower[i]
      found.upper[n++] = this.upper[i]
    }
    return found
  }
}

/**
 * @param {Float64Array} heap
 * @param {number} at
 * @param {number} value
 */
function siftUp(heap, at, value) {
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent] <= value) break
    heap[at] = heap[parent]
    at = parent
  }
  heap[at] = value
}

/**
 * Replaces the top.
 *
 * @param {Float64Array} heap
 * @param {number} value
 */
function siftDown(heap, value) {
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++
    if (heap[child] >= value) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = value
}
