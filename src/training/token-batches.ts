import { ConfigError, DataError } from '../errors.ts'
import { batchesWithin, type TokenPairs } from '../models/seq2seq-loss.ts'
import { Random } from '../tensor/random.ts'
import type { Batches, LoaderState } from './loader.ts'

/**
 * Endless batches of pairs of like length, each as many as a number of tokens holds: every epoch all pairs once, in a new order.
 *
 * The order of an epoch is a function of the seed and the epoch, so a position is all the state there is.
 */
export class TokenBatches implements Batches {
  readonly #pairs: TokenPairs
  readonly #batchTokens: number
  readonly #seed: number
  /** Pairs that are sorted by length together: enough that batches are nearly free of padding, few enough that they stay random. */
  readonly #stretch: number
  #epoch: number
  #position: number
  #batches: Int32Array[]

  /**
   * @param options.batchTokens  most tokens of a batch, padding and both sides together
   * @throws DataError where there is no pair; ConfigError where a pair is longer than a batch
   */
  constructor(
    pairs: TokenPairs,
    { batchTokens, seed }: { batchTokens: number; seed: number },
    { epoch, position }: LoaderState = { epoch: 0, position: 0 },
  ) {
    const lengths = pairs.sources.map(({ length }, i) => length + pairs.targets[i].length + 1)
    if (lengths.length === 0) throw new DataError({ place: 'training data', rule: 'needs at least one pair', got: 'none' })
    const longest = lengths.reduce((most, length) => Math.max(most, length))
    if (longest > batchTokens) {
      throw new ConfigError({
        place: 'batch tokens',
        rule: `must hold the longest pair, ${longest} tokens`,
        got: `${batchTokens}`,
      })
    }
    const mean = lengths.reduce((sum, length) => sum + length) / lengths.length
    this.#stretch = Math.ceil((BATCHES_SORTED_TOGETHER * batchTokens) / mean)
    this.#pairs = pairs
    this.#batchTokens = batchTokens
    this.#seed = seed
    this.#epoch = epoch
    this.#position = position
    this.#batches = this.#plan()
  }

  get state(): LoaderState {
    return { epoch: this.#epoch, position: this.#position }
  }

  /** Of this epoch; another may have a few more or fewer. */
  get batchesPerEpoch(): number {
    return this.#batches.length
  }

  next(): Int32Array {
    if (this.#position >= this.#batches.length) {
      this.#epoch++
      this.#position = 0
      this.#batches = this.#plan()
    }
    return this.#batches[this.#position++]
  }

  #plan(): Int32Array[] {
    const { sources, targets } = this.#pairs
    const random = new Random(this.#seed, `epoch ${this.#epoch}`)
    const order = random.shuffle(Int32Array.from({ length: sources.length }, (_, i) => i))
    const batches: Int32Array[] = []
    for (let start = 0; start < order.length; start += this.#stretch) {
      const part = order
        .subarray(start, start + this.#stretch)
        .sort((a, b) => targets[a].length - targets[b].length || sources[a].length - sources[b].length || a - b)
      for (const batch of batchesWithin(part, this.#pairs, this.#batchTokens)) batches.push(Int32Array.from(batch))
    }
    return random.shuffle(batches)
  }
}

const BATCHES_SORTED_TOGETHER = 50
