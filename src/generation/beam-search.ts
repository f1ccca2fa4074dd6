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
import { TopCandidates } from './top-candidates.ts'

type Scored = { last: Token | undefined; score: number }
/** A hypothesis that goes on, and the row in which it stands. */
type Live = Scored & { row: number }

/**
 * Beam search, step by step the one of Hugging Face transformers 5: the best candidates of all rows are looked at, enough of them that
 * every beam has one that does not end; those among the first `width` that end compete as targets.
 *
 * A row stays where it is for the first hypothesis that goes on from it; others move to rows that nobody goes on from.
 */
export class BeamSearch implements TargetSearch {
  readonly ids: Int32Array
  readonly origins: Int32Array
  readonly #plan: SearchPlan
  readonly #rules: TokenRules
  readonly #candidates: TopCandidates
  /** The best first. */
  #live: Live[] = [{ last: undefined, score: 0, row: 0 }]
  #finished: Scored[] = []
  #length = 0
  #done = false

  constructor(plan: SearchPlan) {
    this.#plan = plan
    this.#rules = new TokenRules(plan)
    this.#candidates = new TopCandidates(Math.max(2, 1 + plan.tokens.end.length) * plan.width)
    this.ids = new Int32Array(plan.width)
    this.origins = new Int32Array(plan.width)
  }

  get done(): boolean {
    return this.#done
  }

  advance(logprobs: Float32Array): void {
    const found = this.#scan(logprobs)
    this.#length++
    const { maxTokens, tokens, width } = this.#plan
    const goOn: Scored[] = []
    const rows: number[] = []
    for (let i = 0; i < found.size; i++) {
      const parent = this.#live[found.rows[i]]
      const next = { last: after(parent.last, found.ids[i]), score: found.scores[i] }
      if (this.#length === maxTokens || tokens.end.includes(found.ids[i])) {
        if (i < width) this.#finish(next)
      } else if (goOn.length < width) {
        goOn.push(next)
        rows.push(parent.row)
      }
    }
    this.#live = this.#placed(goOn, rows)
    this.#done = this.#live.length === 0 || !this.#mayImprove()
  }

  agreed(): number[] {
    const [first, ...others] = (this.#done ? this.#finished.slice(0, 1) : [...this.#live, ...this.#finished]).map(({ last }) =>
      idsOf(last),
    )
    let size = first.length
    for (const ids of others) {
      let same = 0
      while (same < size && ids[same] === first[same]) same++
      size = same
    }
    return first.slice(0, size).filter((id) => !this.#plan.tokens.end.includes(id))
  }

  hypotheses(): Hypothesis[] {
    const { nBest, tokens } = this.#plan
    return this.#finished.slice(0, nBest).map(({ last, score }) => hypothesis(last!, score, tokens.end))
  }

  #scan(all: Float32Array): TopCandidates {
    const V = all.length / (this.#length === 0 ? 1 : this.#plan.width)
    const rowOf = (row: number) => all.subarray(row * V, (row + 1) * V)
    this.#candidates.clear()
    for (const [i, { last, score, row }] of this.#live.entries()) {
      const before = this.#rules.looksBack ? [...this.#plan.head, ...idsOf(last)] : []
      const logprobs = rowOf(row)
      if (Number.isNaN(logprobs[0])) throw nothingPossible(this.#length, logprobs) // where one is NaN, all are
      this.#rules.apply(logprobs, this.#length, before)
      this.#candidates.scan(logprobs, score, i)
    }
    if (this.#candidates.size === 0 && this.#finished.length === 0) throw nothingPossible(this.#length, rowOf(this.#live[0].row))
    return this.#candidates
  }

  #finish({ last, score }: Scored): void {
    const normed = Math.fround(score / lengthNorm(this.#length, this.#plan.lengthPenalty))
    let at = this.#finished.length
    while (at > 0 && this.#finished[at - 1].score < normed) at--
    this.#finished.splice(at, 0, { last, score: normed })
    if (this.#finished.length > this.#plan.width) this.#finished.pop()
  }

  /** Gives each hypothesis a row, and says what to read there. */
  #placed(goOn: readonly Scored[], from: readonly number[]): Live[] {
    const { width } = this.#plan
    const taken = new Set<number>()
    const rows = from.map((row) => {
      if (taken.has(row)) return undefined
      taken.add(row)
      return row
    })
    let free = 0
    for (let row = 0; row < width; row++) this.origins[row] = this.#length === 1 ? 0 : row
    return goOn.map((next, i) => {
      let row = rows[i]
      if (row === undefined) {
        while (taken.has(free)) free++
        taken.add(free)
        row = free
      }
      this.origins[row] = from[i]
      this.ids[row] = next.last!.id
      return { ...next, row }
    })
  }

  /** Whether the best hypothesis may still come before the worst finished one, by the estimates of transformers. */
  #mayImprove(): boolean {
    const { width, earlyStopping, lengthPenalty, maxTokens } = this.#plan
    if (this.#finished.length < width) return true
    if (earlyStopping === true) return false
    const length = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : this.#length
    return Math.fround(this.#live[0].score / lengthNorm(length, lengthPenalty)) > this.#finished[width - 1].score
  }
}
