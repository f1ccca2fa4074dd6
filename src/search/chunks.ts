/** Chunks of about so many numbers: a set grows without being copied. */
const CHUNK_SIZE = 2 ** 21

/** Rows of floats that grow. */
export class Chunks {
  readonly width: number
  readonly #chunkRows: number
  readonly #chunks: Float32Array[] = []
  #rows = 0

  constructor(width: number) {
    this.width = width
    this.#chunkRows = Math.max(1, Math.floor(CHUNK_SIZE / width))
  }

  get rows(): number {
    return this.#rows
  }

  push(vector: Float32Array): void {
    if (this.#rows % this.#chunkRows === 0) this.#chunks.push(new Float32Array(this.#chunkRows * this.width))
    this.chunk(this.#rows).set(vector, this.at(this.#rows))
    this.#rows++
  }

  /** The chunk that holds a row, and where the row begins in it. */
  chunk(row: number): Float32Array {
    return this.#chunks[Math.floor(row / this.#chunkRows)]
  }

  at(row: number): number {
    return (row % this.#chunkRows) * this.width
  }

  /** A view. */
  row(row: number): Float32Array {
    return this.chunk(row).subarray(this.at(row), this.at(row) + this.width)
  }

  /** A copy of all: [rows, width]. */
  all(): Float32Array {
    const all = new Float32Array(this.#rows * this.width)
    for (let row = 0; row < this.#rows; row += this.#chunkRows) {
      const start = row * this.width
      all.set(this.chunk(row).subarray(0, Math.min(this.#chunkRows * this.width, all.length - start)), start)
    }
    return all
  }
}
