import { DataError } from '../errors.ts'
import { Random } from '../tensor/random.ts'

/** Where a loader stands; enough to go on exactly. */
export type LoaderState = { epoch: number; position: number }

/** Endless batches, each as the indices of its examples; `state` is where they stand. */
export interface Batches {
  readonly state: LoaderState
  next(): Int32Array
}

/**
 * Endless batches of example indices: every epoch in a new order, examples of like length together.
 *
 * The order of an epoch is a function of the seed and the epoch, so a position is all the state there is.
 */
export class Loader implements Batches {
  readonly #lengths: ArrayLike<number>
  readonly #batch: number
  readonly #seed: number
  #epoch: number
  #position: number
  #batches: Int32Array[]

  /**
   * @param lengths  tokens of each example
   * @throws DataError where there is no example
   */
  constructor(
    lengths: ArrayLike<number>,
    { batch, seed }: { batch: number; seed: number },
    state: LoaderState = { epoch: 0, position: 0 },
  ) {
    if (lengths.length === 0) throw new DataError({ place: 'training data', rule: 'needs at least one example', got: 'none' })
    this.#lengths = lengths
    this.#batch = batch
    this.#seed = seed
    this.#epoch = state.epoch
    this.#position = state.position
    this.#batches = this.#plan()
  }

  get state(): LoaderState {
    return { epoch: this.#epoch, position: this.#position }
  }

  get batchesPerEpoch(): number {
    return Math.ceil(this.#lengths.length / this.#batch)
  }

  next(): Int32Array {
    if (this.#position >= this.#batches.length) {
      this.#epoch++
      this.#position = 0
      this.#batches = this.#plan()
    }
    return this.#batches[this.#position++]
  }

  /** Shuffles, sorts stretches of many batches by length, cuts, and shuffles the batches. */
  #plan(): Int32Array[] {
    const random = new Random(this.#seed, `epoch ${this.#epoch}`)
    const order = random.shuffle(Int32Array.from({ length: this.#lengths.length }, (_, i) => i))
    const batches: Int32Array[] = []
    const stretch = this.#batch * BATCHES_SORTED_TOGETHER
    for (let start = 0; start < order.length; start += stretch) {
      const part = order.subarray(start, start + stretch).sort((a, b) => this.#lengths[a] - this.#lengths[b] || a - b)
      for (let i = 0; i < part.length; i += this.#batch) batches.push(part.slice(i, i + this.#batch))
    }
    return random.shuffle(batches)
  }
}

/** Wide enough that a batch is nearly free of padding, narrow enough that batches stay random. */
const BATCHES_SORTED_TOGETHER = 50
