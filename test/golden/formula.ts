/**
 * Data that PyTorch and TypeScript compute alike, so that a golden file can name an array instead of storing it.
 *
 * The twin of `value`, `values`, `integers` and `checksum` in golden.py; README.md says how the files use them.
 */

/** Uniform in [-0.5, 0.5), exact in float32: the 32-bit hash `lowbias32` (Wellons, 2018) of an index and a salt. */
export function value(index: number, salt: number): number {
  let x = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77)
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return ((x ^ (x >>> 16)) >>> 8) / 2 ** 24 - 0.5
}

/** `offset + scale * value(i, salt)` for each position of `shape` in row-major order, rounded once to float32. */
export function values(shape: readonly number[], salt: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => offset + scale * value(i, salt))
}

/** Integers uniform over 0 … below - 1. */
export function integers(shape: readonly number[], salt: number, below: number): Int32Array {
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor((value(i, salt) + 0.5) * below))
}

/** What stands in a golden file for an array too large to store. */
export type Checksum = { sum: number; sumOfSquares: number; samples: [index: number, value: number][] }

/**
 * How far `data` lies from the array behind `want`, to be compared with the case's tolerance.
 *
 * @returns the largest of: a sample's error over max(1, |sample|); the error of the sum over √Σx², as rounding errors walk
 *   at random while a lost update does not; the relative error of Σx². NaN when `data` holds one.
 */
export function distance(data: ArrayLike<number>, want: Checksum): number {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    sum += data[i]!
    squares += data[i]! ** 2
  }
  return Math.max(
    ...want.samples.map(([i, sample]) => Math.abs(data[i]! - sample) / Math.max(1, Math.abs(sample))),
    Math.abs(sum - want.sum) / (Math.sqrt(want.sumOfSquares) || 1),
    Math.abs(squares - want.sumOfSquares) / (want.sumOfSquares || 1),
  )
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1)
}
