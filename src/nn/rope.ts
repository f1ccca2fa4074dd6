import { constant, iota, ndarray, type Tensor } from '../tensor/index.ts'

/** Angular frequency of each pair of coordinates: θ^(−2i/D). Su et al. 2021, §3.2.2. */
export const ropeFrequencies = (headSize: number, theta: number): number[] =>
  Array.from({ length: headSize / 2 }, (_, i) => theta ** ((-2 * i) / headSize))

/**
 * Cosines and sines of position × frequency, as `rotary` takes them.
 *
 * @param start  the first position
 * @returns  [T, D/2] each
 */
export function rotaryTable(
  frequencies: readonly number[],
  T: Tensor['shape'][number],
  start: Tensor['shape'][number],
): { cos: Tensor; sin: Tensor } {
  const positions = iota(T, start).cast('f32').unsqueeze(1)
  const angles = positions.mul(constant(ndarray([...frequencies], [1, frequencies.length])))
  return { cos: angles.cos(), sin: angles.sin() }
}
