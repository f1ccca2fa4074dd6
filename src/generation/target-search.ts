/** What decoding asks of a search: which tokens come next, after which hypotheses. */
import { EngineError } from '../errors.ts'
import type { FinishReason } from './finish-reason.ts'

/** A target that was found. */
export type Hypothesis = {
  /** Without the start, a prefix and the end. */
  ids: Int32Array
  /** Sum of the log-probabilities of all generated tokens, the end included, over their number to the power of the length penalty. */
  score: number
  finishReason: Extract<FinishReason, 'stop' | 'length'>
}

/** The search for the targets of one source. It begins in one row and goes on in `width` rows. */
export interface TargetSearch {
  readonly done: boolean
  /** For each row the token to read next, and the row of the step before that it goes on from. */
  readonly ids: Int32Array
  readonly origins: Int32Array
  /**
   * Takes a step.
   *
   * @param logprobs  rows [V] one after another: one in the first step, then `width`. Written over.
   * @throws EngineError where no token is possible
   */
  advance(logprobs: Float32Array): void
  /** Tokens that every target which may still win begins with. */
  agreed(): number[]
  /** The best first, or in the order in which they were drawn. */
  hypotheses(): Hypothesis[]
}

/** Generated tokens, each with those before it: hypotheses share their beginnings. */
export type Token = { readonly id: number; readonly before: Token | undefined; readonly length: number }

export const after = (before: Token | undefined, id: number): Token => ({ id, before, length: (before?.length ?? 0) + 1 })

export function idsOf(last: Token | undefined): number[] {
  const ids = new Array<number>(last?.length ?? 0)
  for (let token = last; token; token = token.before) ids[token.length - 1] = token.id
  return ids
}

/** A target whose last token ends it, or not. */
export function hypothesis(last: Token, score: number, ends: readonly number[]): Hypothesis {
  const stopped = ends.includes(last.id)
  return { ids: Int32Array.from(idsOf(stopped ? last.before : last)), score, finishReason: stopped ? 'stop' : 'length' }
}

/** What scores are divided by; in float32, as transformers compute. */
export const lengthNorm = (length: number, lengthPenalty: number): number => Math.fround(length ** lengthPenalty)

export function nothingPossible(length: number, row: Float32Array): EngineError {
  const at = row.findIndex(Number.isNaN)
  return new EngineError({
    place: `generation: token ${length + 1}`,
    rule: 'log-probabilities must be numbers, and one of them above −∞',
    got: at < 0 ? 'nothing but −∞' : `NaN for token id ${at}`,
    hint: at < 0 ? 'what is suppressed or may not come twice leaves no token possible' : 'the weights may be damaged',
  })
}
