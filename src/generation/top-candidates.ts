/** The best of many scored tokens of several rows, the best first; of equal ones the first that came. */
export class TopCandidates {
  readonly scores: Float32Array
  /** Row and token of each. */
  readonly rows: Int32Array
  readonly ids: Int32Array
  size = 0

  constructor(most: number) {
    this.scores = new Float32Array(most)
    this.rows = new Int32Array(most)
    this.ids = new Int32Array(most)
  }

  clear(): void {
    this.size = 0
  }

  /**
   * Looks through a row. What is −∞ or no number is no candidate.
   *
   * @param logprobs  [V]
   * @param base  added to each, in float32 as transformers add it
   */
  scan(logprobs: Float32Array, base: number, row: number): void {
    const most = this.scores.length
    let cut = this.#cut(base)
    for (let id = 0; id < logprobs.length; id++) {
      const logprob = logprobs[id]
      if (!(logprob > cut)) continue
      const score = Math.fround(logprob + base)
      if (this.size === most && score <= this.scores[most - 1]) continue
      this.#insert(score, row, id)
      cut = this.#cut(base)
    }
  }

  /** A bound below which nothing enters; a little low, so that rounding shuts nothing out. */
  #cut(base: number): number {
    if (this.size < this.scores.length) return Number.NEGATIVE_INFINITY
    const worst = this.scores[this.size - 1]
    return worst - base - (Math.abs(worst) + Math.abs(base)) * 2 ** -22
  }

  #insert(score: number, row: number, id: number): void {
    const { scores, rows, ids } = this
    let at = this.size < scores.length ? this.size++ : this.size - 1
    for (; at > 0 && scores[at - 1] < score; at--) {
      scores[at] = scores[at - 1]
      rows[at] = rows[at - 1]
      ids[at] = ids[at - 1]
    }
    scores[at] = score
    rows[at] = row
    ids[at] = id
  }
}
