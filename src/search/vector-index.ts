/**
 * Vectors under keys, found by nearness: exactly, or approximately through a graph where there are many.
 *
 * Rows are numbered in the order in which they were added; of equal scores the one added first comes first.
 */
import { checkFinite, checkKeys, checkWhole, checkWidth } from './checks.ts'
import { Chunks } from './chunks.ts'
import { Codes } from './codes.ts'
import { Graph, type GraphOptions, type GraphState, graphOptions, MAX_BEAM } from './graph.ts'
import { hasKernel } from './scan.js'
import { dot, minusDistance, nearest, unitRows } from './top-k.ts'
import { Twins } from './twins.ts'

/** `cosine` and `dot`: the largest is nearest; `euclidean`: the least distance. */
export type IndexMetric = 'cosine' | 'dot' | 'euclidean'

export type VectorIndexOptions = {
  width: number
  /** Default `cosine`: vectors are scaled to length 1 as they come. */
  metric?: IndexMetric
  /** Search through a graph; by default exactly. `true` for m 16, efConstruction 200, seed 1. */
  approximate?: boolean | Partial<GraphOptions>
}

export type SearchOptions = {
  /** Candidates that a search through the graph looks at, at least k; more find more of the true neighbours, and take longer. */
  ef?: number
  /** Every vector is compared, also where there is a graph. */
  exact?: boolean
}

/** `score`: the cosine, the inner product, or minus the Euclidean distance: larger is nearer. */
export type Neighbor = { key: string; score: number }

/** What an index is, for a file. */
export type IndexState = {
  /** Of each row; undefined where it was removed. */
  keys: readonly (string | undefined)[]
  /** [rows, width] */
  vectors: Float32Array
  graph: GraphState | undefined
}

const MAX_WIDTH = 65536
const DEFAULT_EF = 100
/** Rows from which removed ones, once they are more than half, are worth a rebuild. */
const SMALLEST_REBUILD = 64

export class VectorIndex implements Disposable {
  readonly width: number
  readonly metric: IndexMetric
  readonly graph: GraphOptions | undefined
  #codes: Codes | undefined
  #graph: Graph | undefined
  #vectors!: Chunks
  #twins!: Twins
  #keys: (string | undefined)[] = []
  readonly #rows = new Map<string, number>()
  #version = 0

  constructor({ width, metric = 'cosine', approximate = false }: VectorIndexOptions) {
    checkWhole(width, 1, 'width', MAX_WIDTH)
    this.width = width
    this.metric = metric
    this.graph = graphOptions(approximate)
    this.#begin()
  }

  #begin(): void {
    const metric = this.metric === 'euclidean' ? 'euclidean' : 'dot'
    this.#graph = this.graph !== undefined ? new Graph(this.width, metric, this.graph) : undefined
    this.#codes = this.#graph?.codes ?? (hasKernel ? new Codes(this.width, metric) : undefined)
    this.#vectors = new Chunks(this.width)
    this.#twins = new Twins(this.#vectors)
    this.#keys = []
    this.#rows.clear()
  }

  get size(): number {
    return this.#rows.size
  }

  keys(): IterableIterator<string> {
    return this.#rows.keys()
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  /** The vector of a key; of length 1 where the metric is `cosine`. */
  get(key: string): Float32Array | undefined {
    const row = this.#rows.get(key)
    return row === undefined ? undefined : this.#vectors.row(row).slice()
  }

  /**
   * Adds vectors, or replaces those of keys that are there.
   *
   * @param vectors  [keys, width]
   * @throws ShapeError for other sizes; DataError for numbers that are not finite and for a key given twice, ConfigError beyond what
   *   an index holds; nothing is added then
   */
  add(keys: readonly string[], vectors: Float32Array): void {
    checkWidth(vectors, keys.length, this.width, 'add')
    checkKeys(keys)
    this.#append(keys, this.metric === 'cosine' ? unitRows(vectors, this.width) : vectors)
    this.#link()
    this.#rebuildIfSparse()
  }

  #append(keys: readonly (string | undefined)[], vectors: Float32Array): void {
    this.#version++
    this.#graph?.reserve(keys.length)
    if (this.#codes === undefined) checkFinite(vectors, this.width)
    this.#codes?.append(vectors)
    for (const [i, key] of keys.entries()) {
      const row = this.#keys.length
      this.#vectors.push(vectors.subarray(i * this.width, (i + 1) * this.width))
      this.#keys.push(key)
      if (key !== undefined) {
        this.#forget(key)
        this.#rows.set(key, row)
      } else this.#codes?.drop(row)
    }
  }

  /**
   * Removes a vector. In a graph its place stays, as a way to others, until more than half of the places are such; then the index is
   * built anew from what is left.
   *
   * @returns whether it was there
   */
  remove(key: string): boolean {
    const removed = this.#forget(key)
    if (removed) this.#rebuildIfSparse()
    return removed
  }

  /**
   * The k nearest vectors, the nearest first.
   *
   * @param query  [width]
   */
  search(query: Float32Array, k: number, options: SearchOptions = {}): Neighbor[] {
    return this.searchMany(query, k, options)[0] ?? []
  }

  /** @param queries  [n, width] */
  searchMany(queries: Float32Array, k: number, options: SearchOptions = {}): Neighbor[][] {
    const { unit, n } = this.#prepare(queries, k)
    const ef = this.#beam(k, options)
    const candidates = ef === undefined ? this.#codes?.candidates(unit, k) : undefined
    return Array.from({ length: n }, (_, i) => {
      const query = unit.subarray(i * this.width, (i + 1) * this.width)
      return this.#best(query, ef === undefined ? candidates?.[i] : this.#walk(query, ef, k), k)
    })
  }

  /** `searchMany`, exactly, by several threads. */
  async searchByThreads(queries: Float32Array, k: number, threads: number): Promise<Neighbor[][]> {
    const { unit, n } = this.#prepare(queries, k)
    const version = this.#version
    const candidates = await this.#codes?.candidatesByThreads(unit, k, threads).catch((error) => {
      if (version === this.#version) throw error
    })
    if (version !== this.#version) return this.searchMany(queries, k, { exact: true }) // the index changed meanwhile
    return Array.from({ length: n }, (_, i) =>
      this.#best(unit.subarray(i * this.width, (i + 1) * this.width), candidates?.[i], k),
    )
  }

  #prepare(queries: Float32Array, k: number): { unit: Float32Array; n: number } {
    const n = Math.ceil(queries.length / this.width)
    checkWidth(queries, n, this.width, 'search')
    checkWhole(k, 0, 'k')
    return { unit: this.metric === 'cosine' ? unitRows(queries, this.width) : queries, n }
  }

  /** Length of the beam, longer by the share of removed rows; undefined where comparing every vector is as quick. */
  #beam(k: number, { ef = DEFAULT_EF, exact = false }: SearchOptions): number | undefined {
    checkWhole(ef, 1, 'ef')
    const rows = this.#keys.length
    const beam = Math.ceil((Math.max(ef, k) * rows) / Math.max(1, this.size))
    return exact || this.#graph === undefined || beam > MAX_BEAM || beam >= rows ? undefined : beam
  }

  /** Rows that are not removed; a few more than k, because their order is that of the codes. */
  #walk(query: Float32Array, ef: number, k: number): Int32Array {
    const enough = k + 8
    const rows: number[] = []
    const take = (row: number) => {
      if (this.#keys[row] !== undefined && rows.length < enough) rows.push(row)
    }
    for (const row of this.#graph?.search(query, ef) ?? []) {
      take(row)
      for (const twin of this.#twins.of(row)) take(twin)
      if (rows.length === enough) break
    }
    return Int32Array.from(rows)
  }

  #best(query: Float32Array, candidates: Int32Array | undefined, k: number): Neighbor[] {
    const rows = candidates ?? Int32Array.from(this.#rows.values())
    const scoreOf = this.metric === 'euclidean' ? minusDistance : dot
    const vectors = this.#vectors
    const { ids, scores } = nearest(rows, (row) => scoreOf(query, 0, vectors.chunk(row), vectors.at(row), this.width), k)
    return Array.from(ids, (row, i) => ({ key: this.#keys[row]!, score: scores[i] }))
  }

  /** Links the rows that were appended. */
  #link(): void {
    if (this.#graph === undefined) return
    for (let row = this.#graph.rows; row < this.#keys.length; row++) {
      if (this.#twins.add(row) === row) this.#graph.insert()
      else this.#graph.skip()
    }
  }

  #forget(key: string): boolean {
    const row = this.#rows.get(key)
    if (row === undefined) return false
    this.#version++
    this.#rows.delete(key)
    this.#keys[row] = undefined
    this.#codes?.drop(row)
    return true
  }

  #rebuildIfSparse(): void {
    const rows = this.#keys.length
    if (rows >= SMALLEST_REBUILD && this.size * 2 < rows) this.rebuild()
  }

  /** Builds the index anew from the vectors that are left. */
  rebuild(): void {
    const live = Array.from(this.#rows, ([key, row]) => ({ key, vector: this.#vectors.row(row) }))
    this.#codes?.[Symbol.dispose]()
    this.#begin()
    for (const { key, vector } of live) this.#append([key], vector)
    this.#link()
  }

  /** A copy of all there is, removed vectors included: they are part of the graph. */
  state(): IndexState {
    return { keys: this.#keys.slice(), vectors: this.#vectors.all(), graph: this.#graph?.state() }
  }

  /**
   * The index that had this state.
   *
   * @param place  where the state was read, for errors
   * @throws FormatError or DataError where it is none that an index can have
   */
  static restore(options: VectorIndexOptions, { keys, vectors, graph }: IndexState, place: string): VectorIndex {
    const index = new VectorIndex(options)
    index.#append(keys, vectors)
    if (graph !== undefined && index.#graph !== undefined) {
      index.#graph.restore(graph, place)
      for (let row = 0; row < keys.length; row++) index.#twins.add(row)
    }
    return index
  }

  [Symbol.dispose](): void {
    this.#codes?.[Symbol.dispose]()
  }
}
