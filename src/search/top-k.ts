/**
 * Exact nearest neighbours in a matrix. Scores are summed in 64 bits, in one fixed order, so that they are the same with and without
 * the kernel, alone and in batches, with one thread and with several; rows of equal scores come in the order of their numbers.
 */
import { ShapeError } from '../errors.ts'
import { checkWhole, notFinite } from './checks.ts'
import { Codes, type Metric } from './codes.ts'
import { BLOCK, hasKernel, Shortlist } from './scan.js'

export type Neighbors = {
  /** Row numbers, the nearest first: k of them, or as many as there are rows. */
  ids: Int32Array
  /** Inner products; with the metric `euclidean`, minus the distances. */
  scores: Float32Array
}

/** Products of whole rows that cost as much as coding the matrix first. */
const QUERIES_WORTH_CODING = 4

/**
 * The k rows with the largest inner products with a query. To search the same matrix again and again, hold a `MatrixSearch`, which
 * is many times faster.
 *
 * @param matrix  [rows, width]
 * @param query  [width]
 * @throws ShapeError where sizes do not fit; DataError for numbers that are not finite
 */
export function topK(matrix: Float32Array, rows: number, width: number, query: Float32Array, k: number): Neighbors {
  return topKBatch(matrix, rows, width, query, 1, k)[0]!
}

/**
 * The same of several queries.
 *
 * @param queries  [n, width]
 */
export function topKBatch(
  matrix: Float32Array,
  rows: number,
  width: number,
  queries: Float32Array,
  n: number,
  k: number,
): Neighbors[] {
  checkSize('queries', queries, n, width)
  using search = new MatrixSearch(matrix, rows, width, { kernel: n >= QUERIES_WORTH_CODING })
  return search.topKBatch(queries, k)
}

/** A matrix that is searched many times. The matrix is not copied, and may not change. */
export class MatrixSearch implements Disposable {
  readonly rows: number
  readonly width: number
  readonly #matrix: Float32Array
  readonly #metric: Metric
  readonly #codes: Codes | undefined

  /**
   * @param matrix  [rows, width]
   * @param options.kernel  false computes every score in JavaScript: no further memory, the same answers, slower
   * @throws ShapeError where sizes do not fit; DataError for numbers that are not finite
   */
  constructor(
    matrix: Float32Array,
    rows: number,
    width: number,
    { metric = 'dot', kernel = true }: { metric?: Metric; kernel?: boolean } = {},
  ) {
    checkSize('matrix', matrix, rows, width)
    this.rows = rows
    this.width = width
    this.#matrix = matrix
    this.#metric = metric
    if (kernel && hasKernel && width > 0) {
      this.#codes = new Codes(width, metric)
      this.#codes.append(matrix)
    }
  }

  topK(query: Float32Array, k: number): Neighbors {
    checkSize('query', query, 1, this.width)
    return this.topKBatch(query, k)[0]!
  }

  /** @param queries  [n, width] */
  topKBatch(queries: Float32Array, k: number): Neighbors[] {
    const n = this.#check(queries, k)
    const candidates = this.#codes?.candidates(queries, k)
    return Array.from({ length: n }, (_, i) => this.#best(queries, i, candidates?.[i], k))
  }

  /** `topKBatch` by several threads. */
  async topKByThreads(queries: Float32Array, k: number, threads: number): Promise<Neighbors[]> {
    const n = this.#check(queries, k)
    const candidates = await this.#codes?.candidatesByThreads(queries, k, threads)
    return Array.from({ length: n }, (_, i) => this.#best(queries, i, candidates?.[i], k))
  }

  #check(queries: Float32Array, k: number): number {
    const n = this.width === 0 ? 1 : queries.length / this.width
    checkSize('queries', queries, Math.floor(n), this.width)
    checkWhole(k, 0, 'k')
    return n
  }

  #best(queries: Float32Array, query: number, candidates: Int32Array | undefined, k: number): Neighbors {
    const rows = candidates ?? Int32Array.from({ length: this.rows }, (_, row) => row)
    const scoreOf = this.#metric === 'dot' ? dot : minusDistance
    const { width } = this
    const score = (row: number) => {
      const value = scoreOf(queries, query * width, this.#matrix, row * width, width)
      if (!Number.isFinite(value)) this.#refuse(queries, query, row) // finite floats have finite sums
      return value
    }
    return nearest(rows, score, k)
  }

  /** One of the two vectors is at fault. */
  #refuse(queries: Float32Array, query: number, row: number): void {
    const vector = (of: Float32Array, i: number) => of.subarray(i * this.width, (i + 1) * this.width)
    const finite = vector(queries, query).every(Number.isFinite)
    throw finite ? notFinite(vector(this.#matrix, row), `row ${row}`) : notFinite(vector(queries, query), `query ${query}`)
  }

  [Symbol.dispose](): void {
    this.#codes?.[Symbol.dispose]()
  }
}

/** The k rows of the largest scores; of equal ones the lower row first. */
export function nearest(rows: Int32Array, scoreOf: (row: number) => number, k: number): Neighbors {
  const scores = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) scores[i] = scoreOf(rows[i])
  const few = rows.length > 4 * k + BLOCK ? largest(scores, k) : scores.keys()
  const best = Array.from(few)
    .sort((a, b) => scores[b] - scores[a] || rows[a] - rows[b])
    .slice(0, k)
  const found = { ids: new Int32Array(best.length), scores: new Float32Array(best.length) }
  for (let i = 0; i < best.length; i++) {
    found.ids[i] = rows[best[i]]
    found.scores[i] = scores[best[i]]
  }
  return found
}

/** Where the k largest scores are, and those that equal the least of them. */
function largest(scores: Float64Array, k: number): Int32Array {
  const list = new Shortlist(k)
  for (let i = 0; i < scores.length; i++) if (scores[i] >= list.threshold) list.add(i, scores[i], scores[i])
  return list.candidates().rows
}

/** Σ aᵢbᵢ in 64 bits: four sums, so that additions need not wait for one another. */
export function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = width - (width % 4)
  for (let i = 0; i < whole; i += 4) {
    s0 += a[atA + i] * b[atB + i]
    s1 += a[atA + i + 1] * b[atB + i + 1]
    s2 += a[atA + i + 2] * b[atB + i + 2]
    s3 += a[atA + i + 3] * b[atB + i + 3]
  }
  for (let i = whole; i < width; i++) s0 += a[atA + i] * b[atB + i]
  return s0 + s1 + (s2 + s3)
}

/** −√Σ(aᵢ − bᵢ)² in 64 bits. */
export function minusDistance(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let sum = 0
  for (let i = 0; i < width; i++) sum += (a[atA + i] - b[atB + i]) ** 2
  return -Math.sqrt(sum)
}

/** Rows scaled to length 1, so that inner products are cosines; a row of zeros stays. DataError where a number is not finite. */
export function unitRows(matrix: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(matrix.length)
  for (let start = 0; start < matrix.length; start += width) {
    const norm = Math.sqrt(dot(matrix, start, matrix, start, width))
    if (!Number.isFinite(norm)) throw notFinite(matrix.subarray(start, start + width), `row ${start / width}`)
    if (norm > 0) for (let i = start; i < start + width; i++) unit[i] = matrix[i] / norm
  }
  return unit
}

function checkSize(place: string, data: Float32Array, rows: number, width: number): void {
  if (data.length === rows * width) return
  throw new ShapeError({
    place: `search: ${place}`,
    rule: 'holds rows × width numbers',
    got: `${data.length} numbers for ${rows} × ${width}`,
    hint: 'a query has the width of the vectors it is searched among',
  })
}
