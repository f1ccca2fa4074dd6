/** Sums in double precision over vectors in single precision. A row of a matrix is named by where it starts: no view is made of it. */

/** Σ a[start + i] · b[i] over the length of `b`. */
export function dotRow(a: ArrayLike<number>, start: number, b: ArrayLike<number>): number {
  let even = 0
  let odd = 0
  const pairs = b.length - (b.length % 2)
  for (let i = 0; i < pairs; i += 2) {
    even += a[start + i] * b[i]
    odd += a[start + i + 1] * b[i + 1]
  }
  return pairs < b.length ? even + odd + a[start + pairs] * b[pairs] : even + odd
}

export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dotRow(a, 0, a))
}

/** The vector in length 1. The zero vector, which has no direction, stays what it is. */
export function unit(a: ArrayLike<number>): Float64Array {
  const length = norm(a)
  return Float64Array.from(a, (x) => (length > 0 ? x / length : x))
}

/** Cosine of the angle between two vectors; 0 where one of them is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengths = norm(a) * norm(b)
  return lengths > 0 ? dotRow(a, 0, b) / lengths : 0
}

/**
 * The weighted mean of vectors: Σ wᵢ vᵢ / Σ |wᵢ|.
 *
 * @param vectors  at least one, all of width `width`
 * @param weights  one a vector; every weight 1 where absent
 */
export function meanVector(vectors: readonly ArrayLike<number>[], width: number, weights?: ArrayLike<number>): Float64Array {
  const mean = new Float64Array(width)
  let total = 0
  for (const [i, vector] of vectors.entries()) {
    const weight = weights?.[i] ?? 1
    total += Math.abs(weight)
    for (let c = 0; c < width; c++) mean[c] += weight * vector[c]
  }
  return total > 0 ? mean.map((x) => x / total) : mean
}
