import type { SearchPlan } from './seq2seq-options.ts'

const NEVER = Number.NEGATIVE_INFINITY

/** What may not, or must, come next whatever the model thinks: rules in the order of Hugging Face transformers' processors. */
export class TokenRules {
  readonly #plan: SearchPlan

  constructor(plan: SearchPlan) {
    this.#plan = plan
  }

  /** Whether the tokens before matter, so that they have to be told. */
  get looksBack(): boolean {
    return this.#plan.noRepeatNgram > 0
  }

  /**
   * Forbids tokens, in place. What is forced wins over what is forbidden.
   *
   * @param row  log-probabilities [V]
   * @param length  how many tokens were generated before
   * @param before  all tokens before, head included; empty where no rule looks back
   */
  apply(row: Float32Array, length: number, before: readonly number[]): void {
    const { noRepeatNgram, minTokens, maxTokens, renormalize, head, tokens } = this.#plan
    if (noRepeatNgram > 0) forbidRepeats(row, before, noRepeatNgram)
    for (const id of tokens.suppressed) row[id] = NEVER
    if (length < minTokens) for (const id of tokens.end) row[id] = NEVER
    if (tokens.forcedBos !== undefined && length === 0 && head.length === 1) force(row, tokens.forcedBos)
    if (tokens.forcedEos !== undefined && length === maxTokens - 1) force(row, tokens.forcedEos)
    if (renormalize) shareOut(row)
  }
}

function force(row: Float32Array, id: number): void {
  row.fill(NEVER)
  row[id] = 0
}

/** Log-probabilities whose exponentials add up to 1. */
function shareOut(row: Float32Array): void {
  let top = NEVER
  for (const logprob of row) if (logprob > top) top = logprob
  if (top === NEVER) return
  let sum = 0
  for (const logprob of row) sum += Math.exp(logprob - top)
  const total = top + Math.log(sum)
  for (let id = 0; id < row.length; id++) row[id] -= total
}

/** Forbids what would end an n-gram that was there before: Paulus et al. 2017, §2.5. */
function forbidRepeats(row: Float32Array, before: readonly number[], n: number): void {
  const last = before.length - n + 1 // where the beginning of the next n-gram stands
  for (let at = 0; at < last; at++) {
    let same = true
    for (let i = 0; same && i < n - 1; i++) same = before[at + i] === before[last + i]
    if (same) row[before[at + n - 1]] = NEVER
  }
}
