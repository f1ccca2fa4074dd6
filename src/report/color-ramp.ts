/** From the paper's white to the darkest ink; the lightness falls evenly, so that a print without colours shows the same. */
export const RAMPS = {
  teal: ['#ffffff', '#c9e9e5', '#6cc0b7', '#15857b', '#063f3a'],
  pink: ['#ffffff', '#fbd0e2', '#f080b0', '#c2185b', '#5c0a2c'],
} as const

export type Hue = keyof typeof RAMPS

/** The colour of a share in [0, 1]. */
export function inkOf(hue: Hue, share: number): string {
  const ramp = RAMPS[hue]
  const at = Math.min(1, share) * (ramp.length - 1)
  const below = Math.min(ramp.length - 2, Math.floor(at))
  const channel = (colour: string, i: number) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16)
  const mix = [0, 1, 2].map((i) => {
    const [low, high] = [channel(ramp[below]!, i), channel(ramp[below + 1]!, i)]
    return Math.round(low + (high - low) * (at - below))
      .toString(16)
      .padStart(2, '0')
  })
  return `#${mix.join('')}`
}
