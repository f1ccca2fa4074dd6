/** Learning-rate schedules: from a step, counted from 0, to a factor of the peak rate. */
export type Schedule = (step: number) => number

export const constantRate: Schedule = () => 1

type ScheduleOptions = {
  /** Steps in all. */
  steps: number
  /** Steps over which the rate rises linearly to its peak. */
  warmup?: number
  /** Factor that the rate falls to at the end. */
  final?: number
}

/** Rises linearly, then falls along half a cosine (Loshchilov & Hutter 2016). */
export const warmupCosine = (options: ScheduleOptions): Schedule =>
  warmupThen(options, (share) => (1 + Math.cos(Math.PI * share)) / 2)

/** Rises linearly, then falls linearly. */
export const warmupLinear = (options: ScheduleOptions): Schedule => warmupThen(options, (share) => 1 - share)

/** Rises linearly, then falls with the inverse square root of the step: eq. 3 of Vaswani et al. 2017 (Noam), as a factor of its peak. */
export const inverseSquareRoot =
  ({ warmup }: { warmup: number }): Schedule =>
  (step) =>
    Math.min((step + 1) / warmup, Math.sqrt(warmup / (step + 1)))

function warmupThen({ steps, warmup = 0, final = 0 }: ScheduleOptions, fall: (share: number) => number): Schedule {
  return (step) => {
    if (step < warmup) return (step + 1) / warmup
    const share = Math.min(1, (step - warmup) / Math.max(1, steps - warmup))
    return final + (1 - final) * fall(share)
  }
}
