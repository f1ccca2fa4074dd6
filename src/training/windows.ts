import { DataError } from '../errors.ts'
import { Random } from '../tensor/random.ts'
import type { Batches, LoaderState } from './loader.ts'

/**
 * Endless batches of windows of a long sequence, as the places where they begin: drawn anew for every batch, so that no cut is
 * learnt. A batch is a function of the seed and its number.
 */
export class Windows implements Batches {
  readonly #starts: number
  readonly #batch: number
  readonly #seed: number
  #position: number

  /**
   * @param length  tokens of the sequence
   * @param size  tokens of a window, of which each also needs the one after it
   * @throws DataError where the sequence is shorter
   */
  constructor(length: number, { size, batch, seed }: { size: number; batch: number; seed: number }, state?: LoaderState) {
    if (length <= size) {
      throw new DataError({
        place: 'training text',
        rule: `must be longer than the context of ${size} tokens`,
        got: `${length} tokens`,
        hint: 'give more text, or train with a shorter context',
      })
    }
    this.#starts = length - size
    this.#batch = batch
    this.#seed = seed
    this.#position = state?.position ?? 0
  }

  get state(): LoaderState {
    return { epoch: 0, position: this.#position }
  }

  next(): Int32Array {
    const random = new Random(this.#seed, `windows ${this.#position++}`)
    return Int32Array.from({ length: this.#batch }, () => Math.floor(random.uniform() * this.#starts))
  }
}
