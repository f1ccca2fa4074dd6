/** What attention looked at, as data: one map a head, or the mean of several. */
import { ConfigError } from '../errors.ts'

/** Kinds of attention, and the name of the tap in each: encoder–decoders have the first three, other models one of their own. */
export const TAPS = {
  cross: 'crossAttention',
  encoder: 'encoderAttention',
  decoder: 'decoderAttention',
  self: 'attention',
} as const

/** `cross` is what a decoder sees of the source; the others look at their own tokens. */
export type AttentionKind = keyof typeof TAPS

/** Layers and heads count from 1. */
export type AttentionMap = {
  kind: AttentionKind
  layer: number | 'mean'
  head: number | 'mean'
  /** The tokens that look, as pieces of the text. */
  rows: readonly string[]
  /** The tokens that are looked at. */
  columns: readonly string[]
  /** [rows][columns]; a row sums to 1, and what a token may not see has exactly 0 */
  weights: number[][]
}

/** One of them, all of them one by one, or their mean. */
export type Choice = number | 'all' | 'mean'

/** @throws ConfigError for a layer or head that is not there; says how many there are */
export function checkChoice(choice: Choice, count: number, what: 'layer' | 'head', place: string): void {
  if (typeof choice === 'string' || (Number.isInteger(choice) && choice >= 1 && choice <= count)) return
  throw new ConfigError({
    place,
    rule: `${what} must be one of 1 … ${count}, or 'all', or 'mean'`,
    got: String(choice),
    hint: count === 1 ? `the only ${what} is 1` : `there are ${count} ${what}s`,
  })
}

/** The mean of several maps of the same tokens. */
export function meanMap(maps: readonly AttentionMap[], names: Partial<Pick<AttentionMap, 'layer' | 'head'>>): AttentionMap {
  const [first] = maps
  const weights = first!.weights.map((row, r) =>
    row.map((_, c) => maps.reduce((sum, m) => sum + m.weights[r]![c]!, 0) / maps.length),
  )
  return { ...first!, ...names, weights }
}
