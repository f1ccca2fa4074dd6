import { DataError } from '../errors.ts'

/**
 * Pearson's correlation of two samples: how nearly one is a linear function of the other.
 *
 * @returns a number in [-1, 1]; NaN where one of them is constant
 * @throws DataError where the samples do not pair, or are fewer than two
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length < 2) {
    const got = `${a.length} and ${b.length}`
    throw new DataError({ place: 'correlation', rule: 'needs two samples of the same length, at least two values', got })
  }
  const meanA = mean(a)
  const meanB = mean(b)
  let together = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] - meanA
    const y = b[i] - meanB
    together += x * y
    squaresA += x * x
    squaresB += y * y
  }
  const correlation = together / (Math.sqrt(squaresA) * Math.sqrt(squaresB))
  return Math.max(-1, Math.min(1, correlation))
}

/** Spearman's correlation: Pearson's of the ranks, so that only the order counts. Equal values share the mean of their ranks. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b))
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b])
  const ranks = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]] === values[order[start]]) end++
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2
    start = end
  }
  return ranks
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}
