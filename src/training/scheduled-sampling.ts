/** Scheduled sampling (Bengio et al. 2015): how often a decoder in training is given the right token and not its own last choice. */
export type ScheduledSampling = {
  /** Along a line, or an inverse sigmoid, which stays near 1 at first and falls fastest in the middle. */
  decay: 'linear' | 'inverse-sigmoid'
  /** The probability in the end. */
  final: number
}

/** How steep the inverse sigmoid is: it begins at, and ends in, 1 / (1 + e^±STEEPNESS) of its way. */
const STEEPNESS = 6

/** Probability of the right token at a step, counted from 0. */
export function teacherForcing({ decay, final }: ScheduledSampling, step: number, steps: number): number {
  const share = step / Math.max(1, steps - 1)
  const kept = decay === 'linear' ? 1 - share : 1 / (1 + Math.exp(2 * STEEPNESS * (share - 0.5)))
  return final + (1 - final) * kept
}
