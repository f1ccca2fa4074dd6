import { hasKernel } from '../../search/scan.js'
import { MatrixSearch, unitRows } from '../../search/top-k.ts'
import { highest } from './highest.ts'
import { dotRow, norm } from './vector-math.ts'

/** The kernel wants unit rows and codes of its own, one and a half times the matrix, which pay from this search over the same rows on. */
const WORTH_A_KERNEL = 4
/** Numbers beyond which the memory for them is not taken. */
const MAX_KERNEL_NUMBERS = 2 ** 28
/** The kernel sees rows rounded to length 1: so many more are compared exactly. */
const MARGIN = 8

/**
 * Cosines with the rows of a matrix, in double precision, and the highest of them. Of equal ones the lower row comes first; a zero row has 0.
 * The matrix may not change.
 */
export class CosineSearch {
  readonly #matrix: Float32Array
  readonly #width: number
  readonly #norms: Float64Array
  #kernel: MatrixSearch | undefined
  /** Rows of the last search, and how many searches in a row were over just these. */
  #last = { rows: 0, searches: 0 }

  /** @param matrix  [rows, width] */
  constructor(matrix: Float32Array, width: number) {
    this.#matrix = matrix
    this.#width = width
    this.#norms = Float64Array.from({ length: matrix.length / width }, (_, i) =>
      norm(matrix.subarray(i * width, (i + 1) * width)),
    )
  }

  norm(row: number): number {
    return this.#norms[row]
  }

  /** Products with the first rows, over their lengths: cosines where the query has length 1. */
  scores(query: Float64Array, rows: number): Float64Array {
    const scores = new Float64Array(rows)
    for (let row = 0; row < rows; row++) scores[row] = this.#score(query, row)
    return scores
  }

  /**
   * The k highest of the first rows.
   *
   * @param query  of length 1
   */
  best(query: Float64Array, rows: number, k: number): { row: number; score: number }[] {
    const searches = this.#last.rows === rows ? this.#last.searches + 1 : 1
    if (searches === 1) this.#kernel = undefined
    this.#last = { rows, searches }
    const numbers = rows * this.#width
    if (searches === WORTH_A_KERNEL && hasKernel && numbers <= MAX_KERNEL_NUMBERS) {
      this.#kernel = new MatrixSearch(unitRows(this.#matrix.subarray(0, numbers), this.#width), rows, this.#width)
    }
    if (this.#kernel === undefined) {
      const scores = this.scores(query, rows)
      return highest(scores, k).map((row) => ({ row, score: scores[row] }))
    }
    const { ids } = this.#kernel.topK(Float32Array.from(query), k + MARGIN)
    const found = Array.from(ids, (row) => ({ row, score: this.#score(query, row) }))
    return found.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k)
  }

  #score(query: Float64Array, row: number): number {
    const length = this.#norms[row]
    return length > 0 ? dotRow(this.#matrix, row * this.#width, query) / length : 0
  }
}
