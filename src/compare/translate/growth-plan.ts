/** What is measured of how speed grows. */

export type GrowthPlan = {
  /** Tokens of both sides. */
  lengths: readonly number[]
  /** Pairs side by side. */
  batches: readonly number[]
  /** Time for each measurement, once it is warm. */
  seconds: number
}

/** A minute or two for a contestant of the default size. */
export const shortGrowth: GrowthPlan = { lengths: [16, 64, 256], batches: [1, 32], seconds: 2 }

/** A target's start and its end. */
const ROOM = 2

/** A config with room for the longest sentence: sinusoidal positions cost no parameters. */
export const roomy = <Config extends object>(config: Config, { lengths }: GrowthPlan): Config => {
  if (!('maxPositionEmbeddings' in config)) return config
  const needed = Math.max(...lengths) + ROOM
  return { ...config, maxPositionEmbeddings: Math.max(config.maxPositionEmbeddings as number, needed) }
}
