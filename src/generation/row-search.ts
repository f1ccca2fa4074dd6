import { largest } from './largest.ts'
import { Sampler } from './sampling.ts'
import type { SearchPlan } from './seq2seq-options.ts'
import {
  after,
  type Hypothesis,
  hypothesis,
  idsOf,
  lengthNorm,
  nothingPossible,
  type TargetSearch,
  type Token,
} from './target-search.ts'
import { TokenRules } from './token-rules.ts'

/** One token after another, the most probable or a drawn one, in rows that know nothing of each other. */
export class RowSearch implements TargetSearch {
  readonly ids: Int32Array
  readonly origins: Int32Array
  readonly #plan: SearchPlan
  readonly #rules: TokenRules
  readonly #samplers: Sampler[]
  readonly #rows: { last: Token | undefined; sum: number; done: boolean }[]
  #length = 0

  /** @param seed  of the first row; the i-th draws from the seed + i */
  constructor(plan: SearchPlan, seed: number, vocabSize: number) {
    const { width, sampling } = plan
    this.#plan = plan
    this.#rules = new TokenRules(plan)
    this.#samplers = sampling
      ? Array.from({ length: width }, (_, i) => new Sampler({ ...sampling, seed: seed + i }, vocabSize))
      : []
    this.#rows = Array.from({ length: width }, () => ({ last: undefined, sum: 0, done: false }))
    this.ids = new Int32Array(width)
    this.origins = new Int32Array(width)
  }

  get done(): boolean {
    return this.#rows.every(({ done }) => done)
  }

  advance(logprobs: Float32Array): void {
    const { maxTokens, tokens, width, head } = this.#plan
    const first = this.#length === 0
    const V = logprobs.length / (first ? 1 : width)
    for (const [i, row] of this.#rows.entries()) {
      this.origins[i] = first ? 0 : i
      if (row.done) continue
      const at = first ? 0 : i
      const scores = logprobs.subarray(at * V, (at + 1) * V)
      this.#rules.apply(scores, this.#length, this.#rules.looksBack ? [...head, ...idsOf(row.last)] : [])
      const id = this.#choose(scores, i)
      row.last = after(row.last, id)
      row.sum += scores[id]
      row.done = tokens.end.includes(id) || row.last.length === maxTokens
      this.ids[i] = id
    }
    this.#length++
  }

  #choose(scores: Float32Array, row: number): number {
    const best = largest(scores)
    if (best === undefined) throw nothingPossible(this.#length, scores)
    return this.#samplers.length === 0 ? best : this.#samplers[row].next(scores).id
  }

  agreed(): number[] {
    return idsOf(this.#rows[0].last).filter((id) => !this.#plan.tokens.end.includes(id))
  }

  hypotheses(): Hypothesis[] {
    const { lengthPenalty, tokens } = this.#plan
    return this.#rows.map(({ last, sum }) => hypothesis(last!, sum / lengthNorm(last!.length, lengthPenalty), tokens.end))
  }
}
