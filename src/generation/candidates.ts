import type { Thresholds } from './thresholds.ts'

/**
 * The tokens that may still be chosen, in the order of their ids, with weights in proportion to their probabilities, the largest 1.
 * Each cut sees what the one before left. A weight too small for f32, below 1e-45, counts as none. The arrays are used again for every
 * row.
 */
export class Candidates {
  readonly #ids: Int32Array
  readonly #weights: Float32Array
  readonly #thresholds: Thresholds
  #size = 0

  constructor(vocabSize: number, thresholds: Thresholds) {
    this.#ids = new Int32Array(vocabSize)
    this.#weights = new Float32Array(vocabSize)
    this.#thresholds = thresholds
  }

  /**
   * Begins anew: with all tokens, or with the `topK` most probable ones and those equal to the last of them (0: all).
   *
   * @param scores  [V], no NaN
   * @param top  the largest score, above −∞; where it is +∞, only such tokens count, as in the limit
   * @returns  the sum of the weights, before they were rounded to f32
   */
  fill(scores: Float32Array, top: number, { temperature, topK }: { temperature: number; topK: number }): number {
    const floor = topK > 0 && topK < scores.length ? this.#thresholds.kthLargest(scores, topK) : Number.NEGATIVE_INFINITY
    const ids = this.#ids
    const weights = this.#weights
    let total = 0
    let size = 0
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id]
      if (score < floor) continue
      const weight = score === top ? 1 : Math.exp((score - top) / temperature)
      total += weight
      ids[size] = id
      weights[size] = weight
      if (weights[size] > 0) size++ // one that rounds to 0 is written over
    }
    this.#size = size
    return total
  }

  /**
   * Nucleus: the most probable tokens up to the one with which they reach the share `topP`. Of equal ones at its end the first stay, as
   * the first of equal ones is the most probable at temperature 0; in transformers that is up to the sort.
   */
  keepNucleus(topP: number): void {
    const goal = topP * this.#total()
    const { value, above } = this.#thresholds.reaching(this.#weights.subarray(0, this.#size), goal)
    this.#keep(value, Math.ceil((goal - above) / value))
  }

  /** Those at least `minP` times as probable as the most probable one. */
  keepAtLeast(minP: number): void {
    this.#keep(minP, Number.POSITIVE_INFINITY)
  }

  /** The token at which the running sum of probabilities, by id, exceeds `uniform`, which lies in [0, 1). */
  draw(uniform: number): number {
    let rest = uniform * this.#total()
    const last = this.#size - 1
    for (let i = 0; i < last; i++) {
      rest -= this.#weights[i]
      if (rest < 0) return this.#ids[i]
    }
    return this.#ids[last]
  }

  /** Ids and probabilities, copied. */
  distribution(): { ids: Int32Array; probabilities: Float64Array } {
    const total = this.#total()
    const weights = this.#weights.subarray(0, this.#size)
    return { ids: this.#ids.slice(0, this.#size), probabilities: Float64Array.from(weights, (weight) => weight / total) }
  }

  /** Those heavier than `floor`, and the first `equal` of those that weigh as much. */
  #keep(floor: number, equal: number): void {
    const ids = this.#ids
    const weights = this.#weights
    const before = this.#size
    let left = equal
    let size = 0
    for (let i = 0; i < before; i++) {
      const weight = weights[i]
      if (weight < floor || (weight === floor && left-- <= 0)) continue
      ids[size] = ids[i]
      weights[size++] = weight
    }
    this.#size = size
  }

  #total(): number {
    let total = 0
    for (let i = 0; i < this.#size; i++) total += this.#weights[i]
    return total
  }
}
