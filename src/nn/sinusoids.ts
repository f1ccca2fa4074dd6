import { constant, ndarray, type Tensor } from '../tensor/index.ts'

/**
 * Sines and cosines of positions, the sines in the first half of the channels.
 *
 * Vaswani et al. 2017, §3.5, who let sines and cosines take turns: to a model that learns it is the same.
 *
 * @param positions  i32 [T]
 * @param options.wholeWave  the last of the C/2 wavelengths is 10000 · 2π; otherwise the next one would be
 * @returns  [T, C]
 */
export function sinusoids(positions: Tensor<'T'>, C: number, { wholeWave = false } = {}): Tensor<'T C'> {
  const waves = C / 2
  const frequencies = Array.from({ length: waves }, (_, i) => 10_000 ** (-i / (wholeWave ? waves - 1 : waves)))
  const angles = positions
    .cast('f32')
    .unsqueeze(1)
    .mul(constant(ndarray(frequencies, [1, waves])))
  return angles.sin().concat([angles.cos()], 1)
}
