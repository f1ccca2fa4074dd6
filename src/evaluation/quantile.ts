import { ConfigError, DataError } from '../errors.ts'

/**
 * The value below which the share `q` of the values lies, interpolated linearly between neighbours as in `numpy.quantile`.
 *
 * @param q  in [0, 1]; 0.5 is the median
 * @throws DataError when there are no values, ConfigError when q is outside [0, 1]
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), q)
}

/** `quantile` of values that are sorted already. */
export function quantileOfSorted(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) throw new DataError({ place: 'quantile', rule: 'needs at least one value', got: 'none' })
  if (!(q >= 0 && q <= 1)) throw new ConfigError({ place: 'quantile', rule: 'q must be between 0 and 1', got: String(q) })
  const position = q * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}
