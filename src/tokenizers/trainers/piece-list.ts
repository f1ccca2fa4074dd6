/** Pieces of words, as parts of one text of symbols, each with a number: first its count, then its log probability. */
import { grown } from './int-list.ts'

export class PieceList {
  readonly text: Int32Array
  size = 0
  #starts: Int32Array = new Int32Array(1024)
  #lengths: Int32Array = new Int32Array(1024)
  #scores: Float64Array = new Float64Array(1024)

  constructor(text: Int32Array) {
    this.text = text
  }

  get starts(): Int32Array {
    return this.#starts.subarray(0, this.size)
  }

  get lengths(): Int32Array {
    return this.#lengths.subarray(0, this.size)
  }

  get scores(): Float64Array {
    return this.#scores.subarray(0, this.size)
  }

  add(start: number, length: number, score: number): void {
    if (this.size === this.#starts.length) {
      this.#starts = grown(this.#starts)
      this.#lengths = grown(this.#lengths)
      this.#scores = grown(this.#scores)
    }
    this.#starts[this.size] = start
    this.#lengths[this.size] = length
    this.#scores[this.size++] = score
  }

  /** Some of the pieces, with new numbers. */
  filter(isKept: (piece: number) => boolean, scores: Float64Array): PieceList {
    const kept = new PieceList(this.text)
    for (let i = 0; i < this.size; i++) if (isKept(i)) kept.add(this.#starts[i], this.#lengths[i], scores[i])
    return kept
  }

  /** Some of the pieces, in another order. */
  pick(chosen: readonly number[]): PieceList {
    const picked = new PieceList(this.text)
    for (const i of chosen) picked.add(this.#starts[i], this.#lengths[i], this.#scores[i])
    return picked
  }

  /** From counts to log probabilities; `log` is the logarithm, or the digamma function. */
  normalise(log: (count: number) => number): void {
    const total = log(this.scores.reduce((sum, count) => sum + count, 0))
    for (let i = 0; i < this.size; i++) this.#scores[i] = log(this.#scores[i]) - total
  }

  /** @param alphabet  the character of symbol s is alphabet[s - 1] */
  strings(alphabet: readonly string[]): [string, number][] {
    return Array.from({ length: this.size }, (_, i) => {
      const symbols = this.text.subarray(this.#starts[i], this.#starts[i] + this.#lengths[i])
      return [Array.from(symbols, (symbol) => alphabet[symbol - 1]).join(''), this.#scores[i]]
    })
  }
}

/**
 * The derivative of the logarithm of the gamma function: its asymptotic series about x - 1/2, after the recurrence has made x large.
 *
 * In place of a logarithm it acts as a sparse prior: Liang & Klein 2007, "Structured Bayesian Nonparametric Models with Variational
 * Inference".
 */
export function digamma(x: number): number {
  let result = 0
  let large = x
  for (; large < 7; large++) result -= 1 / large
  const inverse = 1 / (large - 0.5)
  const square = inverse * inverse
  const series = square * (1 / 24 - square * (7 / 960 - square * (31 / 8064 - square * (127 / 30720))))
  return result + Math.log(large - 0.5) + series
}
