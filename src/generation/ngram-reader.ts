import type { NgramModel } from '../models/ngram/model.ts'
import type { NdArray } from '../tensor/index.ts'
import type { Memory, Reader } from './reader.ts'

/** The last tokens of each sequence. */
class Histories implements Memory<Histories> {
  readonly sequences: number[][]

  constructor(sequences: number[][]) {
    this.sequences = sequences
  }

  repeat(batch: number): Histories {
    return new Histories(Array.from({ length: batch }, () => [...this.sequences[0]]))
  }
}

/** An n-gram model as a reader: its logits are log-probabilities. */
export class NgramReader implements Reader<Histories> {
  readonly contextLength = Number.POSITIVE_INFINITY
  readonly #model: NgramModel

  constructor(model: NgramModel) {
    this.#model = model
  }

  get vocabSize(): number {
    return this.#model.config.vocabSize
  }

  memory(): Histories {
    return new Histories([[]])
  }

  async read({ sequences }: Histories, { data, shape: [B, T] }: NdArray): Promise<Float32Array> {
    const kept = this.#model.config.order - 1
    const logits = new Float32Array(B * this.vocabSize)
    for (let b = 0; b < B; b++) {
      const history = [...sequences[b], ...data.subarray(b * T, (b + 1) * T)]
      sequences[b] = kept > 0 ? history.slice(-kept) : []
      logits.set(this.#model.logProbs(Int32Array.from(sequences[b])), b * this.vocabSize)
    }
    return logits
  }

  [Symbol.dispose](): void {}
}
