/**
 * Rows as 16-bit codes in the memory of a WebAssembly kernel: half as much again as the floats take, and a proof for most rows, at a
 * fraction of the cost of their scores, that they are not among the nearest (scan.js).
 */
import { ConfigError } from '../errors.ts'
import { notFinite } from './checks.ts'
import type { Layout, Memory, QueryBounds } from './scan.js'
import { BLOCK, CONSTANT_BYTES, kernel, MAX_THREADS, QUERIES, SCRATCH_BYTES, scan, sharedMemory } from './scan.js'
import { ScanCrew } from './scan-crew.ts'

const PAGE = 65536
const MAX_PAGES = 65536 // 4 GiB: addresses have 32 bits
const STAGE_BYTES = 2 ** 20
/** A shared memory grows in place; this many pages at a time, or an eighth of what it has. */
const GROWTH_PAGES = 64
/** Several times the relative error of one 64-bit addition. */
const ROUNDING = 2 ** -50
/** Columns of a row's constants. */
const [SCALE, RESIDUAL, NORM, BIAS] = [0, 1, 2, 3]

/** `dot`: the largest inner product is nearest; `euclidean`: the least distance. */
export type Metric = 'dot' | 'euclidean'

/** Where a query's codes lie, and what they stand for: x ≈ scale · codes. */
export type CodedQuery = { codes: number; scale: number; bias: number }

export class Codes implements Disposable {
  readonly width: number
  readonly memory: Memory
  readonly layout: Layout
  /** Address of what `options.scratch` asked for. */
  readonly scratch: number
  readonly #metric: Metric
  readonly #levels: number
  readonly #code: ReturnType<typeof kernel>
  readonly #stage: number
  readonly #crew: ScanCrew
  #rows = 0
  #largestNorm = 0

  /**
   * @param options.blockExtra  bytes that somebody else keeps behind each block of codes, a multiple of 64
   * @param options.scratch  bytes that somebody else works in
   */
  constructor(width: number, metric: Metric, { blockExtra = 0, scratch = 0 }: { blockExtra?: number; scratch?: number } = {}) {
    this.width = width
    this.#metric = metric
    const padded = Math.ceil(width / 8) * 8
    this.#levels = Math.min(32767, Math.floor(Math.sqrt((2 ** 31 - 1) / padded))) // a sum of `padded` products fits 32 bits
    const queries = align(MAX_THREADS * SCRATCH_BYTES)
    this.#stage = align(queries + 2 * QUERIES * padded * 2) // queries of one thread, and those of several
    this.scratch = align(this.#stage + Math.max(STAGE_BYTES, padded * 4))
    const blocks = align(this.scratch + scratch) + CONSTANT_BYTES
    this.layout = { padded, queries, blocks, blockBytes: CONSTANT_BYTES + BLOCK * padded * 2 + blockExtra }
    this.memory = sharedMemory(Math.ceil(blocks / PAGE) + 8, MAX_PAGES)
    this.#code = kernel(this.memory)
    this.#crew = new ScanCrew(this.memory, this.layout)
  }

  get rows(): number {
    return this.#rows
  }

  /**
   * Adds rows behind the last one.
   *
   * @param vectors  [rows, width]
   * @throws DataError for NaN or an infinity, which have no place in an order, and ConfigError beyond 4 GiB; nothing is added then
   */
  append(vectors: Float32Array): void {
    const rows = vectors.length / this.width
    this.#reserve(this.#rows + rows)
    const before = this.#rows
    try {
      for (let done = 0; done < rows; ) done += this.#appendSome(vectors, done, rows)
    } catch (error) {
      this.#rows = before
      throw error
    }
  }

  /** As many rows as the stage and the block take. */
  #appendSome(vectors: Float32Array, start: number, rows: number): number {
    const { padded } = this.layout
    const row = this.#rows
    const inBlock = row % BLOCK
    const count = Math.min(rows - start, Math.max(1, Math.floor(STAGE_BYTES / (padded * 4))), BLOCK - inBlock)
    const constants = this.block(row) + inBlock * 8
    const codes = this.block(row) + CONSTANT_BYTES + inBlock * padded * 2
    this.#encode(vectors.subarray(start * this.width, (start + count) * this.width), codes, constants, 'row', row)
    const [norms, residuals] = [NORM, RESIDUAL].map((column) => this.#constants(constants, column, count))
    for (let i = 0; i < count; i++) this.#largestNorm = Math.max(this.#largestNorm, norms[i] + residuals[i])
    this.#rows += count
    return count
  }

  /** A row that no search shall find again: no threshold compares with NaN. */
  drop(row: number): void {
    this.#constants(this.block(row) + (row % BLOCK) * 8, NORM, 1)[0] = NaN
  }

  /** Address of the block that holds a row: constants, codes, extra bytes. */
  block(row: number): number {
    return this.layout.blocks + Math.floor(row / BLOCK) * this.layout.blockBytes
  }

  /**
   * Every row that may be among the k nearest.
   *
   * @param queries  [n, width]
   * @returns of each query: rows in order
   */
  candidates(queries: Float32Array, k: number): Int32Array[] {
    return [...this.#groups(queries)].flatMap((group) => {
      const bounds = this.#encodeQueries(group, 0)
      const task = { start: 0, end: this.#rows, k, queries: bounds, queryCodes: this.layout.queries, thread: 0 }
      return scan(this.memory, this.#code, this.layout, task).map(({ rows }) => rows)
    })
  }

  /** The same by several threads, each over rows of its own. */
  async candidatesByThreads(queries: Float32Array, k: number, threads: number): Promise<Int32Array[]> {
    const parts = ScanCrew.parts(this.#rows, threads)
    if (parts === 1) return this.candidates(queries, k)
    const results: Int32Array[] = []
    const queryCodes = this.layout.queries + QUERIES * this.layout.padded * 2
    for (const group of this.#groups(queries)) {
      const task = () => ({ end: this.#rows, k, queries: this.#encodeQueries(group, QUERIES), queryCodes })
      results.push(...(await this.#crew.scan(this.#code, parts, task)))
    }
    return results
  }

  *#groups(queries: Float32Array): Generator<Float32Array> {
    const size = QUERIES * this.width
    for (let start = 0; start < queries.length; start += size) yield queries.subarray(start, start + size)
  }

  /** The codes of one query, for who compares them with rows by himself; until the next query is coded. */
  encodeQuery(query: Float32Array): CodedQuery {
    const [{ scale, bias }] = this.#encodeQueries(query, 0)
    return { codes: this.layout.queries, scale, bias }
  }

  #encodeQueries(queries: Float32Array, place: number): (QueryBounds & { bias: number })[] {
    const { padded, queries: at, blocks } = this.layout
    const { width } = this
    const constants = blocks - CONSTANT_BYTES
    return Array.from({ length: queries.length / width }, (_, i) => {
      this.#encode(queries.subarray(i * width, (i + 1) * width), at + (place + i) * padded * 2, constants, 'query', i)
      const [scale, residual, codeNorm, bias] = [SCALE, RESIDUAL, NORM, BIAS].map((c) => this.#constants(constants, c, 1)[0])
      const norm = codeNorm + residual
      const reach = this.#metric === 'euclidean' ? (norm + this.#largestNorm) ** 2 : norm * this.#largestNorm
      return { scale, norm, residual, slack: ROUNDING * padded * reach, bias } // sums of 64-bit numbers are not exact either
    })
  }

  #encode(vectors: Float32Array, codes: number, constants: number, name: string, first: number): void {
    const { padded } = this.layout
    const { width } = this
    const rows = vectors.length / width
    const stage = new Float32Array(this.memory.buffer, this.#stage, rows * padded)
    if (padded === width) stage.set(vectors)
    else {
      stage.fill(0)
      for (let row = 0; row < rows; row++) stage.set(vectors.subarray(row * width, (row + 1) * width), row * padded)
    }
    const euclidean = this.#metric === 'euclidean'
    const wrong = this.#code.encode(this.#stage, padded, rows, this.#levels, euclidean, codes, constants)
    if (wrong >= 0) throw notFinite(vectors.subarray(wrong * width, (wrong + 1) * width), `${name} ${first + wrong}`)
  }

  #constants(address: number, column: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, address + column * BLOCK * 8, count)
  }

  #reserve(rows: number): void {
    const pages = Math.ceil((this.block(rows) + this.layout.blockBytes) / PAGE)
    if (pages > MAX_PAGES) throw this.#tooMany(rows)
    const present = this.memory.buffer.byteLength / PAGE
    if (pages > present) this.memory.grow(Math.min(MAX_PAGES, Math.max(pages, present + GROWTH_PAGES, present * 1.125)) - present)
  }

  #tooMany(rows: number): ConfigError {
    const most = Math.floor((MAX_PAGES * PAGE - this.layout.blocks) / this.layout.blockBytes - 1) * BLOCK
    return new ConfigError({
      place: 'search',
      rule: `a search works in at most 4 GiB, which is ${most} vectors of ${this.width} numbers`,
      got: `${rows} vectors`,
      hint: 'split the vectors over several indexes',
    })
  }

  [Symbol.dispose](): void {
    this.#crew[Symbol.dispose]()
  }
}

const align = (address: number) => Math.ceil(address / 64) * 64
