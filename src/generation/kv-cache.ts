import type { CacheShape } from '../models/causal-lm.ts'
import type { NdArray } from '../tensor/index.ts'
import type { Memory } from './reader.ts'

/** Tokens for which a new cache has room. It doubles as it fills. */
const FIRST_CAPACITY = 64

/**
 * Keys and values of the tokens that a model has read, for every layer: [tokens, B, K, D]. Tokens come first, so that new rows are
 * written behind the old ones by the engine itself.
 */
export class KvCache implements Memory<KvCache> {
  readonly batch: number
  readonly #heads: number
  readonly #headSize: number
  /** Keys and values of each layer, one after another. */
  #buffers: Float32Array[]
  #capacity = 0
  #length = 0

  constructor({ layers, heads, headSize }: CacheShape, batch: number) {
    this.batch = batch
    this.#heads = heads
    this.#headSize = headSize
    this.#buffers = Array.from({ length: 2 * layers }, () => new Float32Array(0))
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#length
  }

  /** What is in the cache, as the model takes it. */
  get past(): { k: NdArray; v: NdArray }[] {
    return this.#views(0, this.#length)
  }

  /** Room behind it for the rows of `tokens` more, which `reserve` has made. */
  rows(tokens: number): { k: NdArray; v: NdArray }[] {
    return this.#views(this.#length, tokens)
  }

  /** Counts rows in that have been written. */
  commit(tokens: number): void {
    this.#length += tokens
  }

  /** Forgets all but the first tokens. */
  truncate(tokens: number): void {
    this.#length = Math.min(this.#length, tokens)
  }

  /** Makes room for so many tokens in all; never more than `most`. */
  reserve(tokens: number, most: number): void {
    if (tokens <= this.#capacity) return
    this.#capacity = Math.min(most, Math.max(tokens, 2 * this.#capacity, FIRST_CAPACITY))
    this.#buffers = this.#buffers.map((old) => {
      const buffer = new Float32Array(this.#capacity * this.#rowSize)
      buffer.set(old.subarray(0, this.#length * this.#rowSize))
      return buffer
    })
  }

  /** The one sequence of this cache, as the beginning of `batch` sequences. */
  repeat(batch: number): KvCache {
    return this.gather(new Int32Array(batch))
  }

  /** A cache whose sequences are copies of these, in the order of their indices. */
  gather(sequences: Int32Array): KvCache {
    const { batch } = this
    const size = this.#heads * this.#headSize
    const copy = new KvCache({ layers: this.#buffers.length / 2, heads: this.#heads, headSize: this.#headSize }, sequences.length)
    copy.reserve(this.#length, Number.POSITIVE_INFINITY)
    for (const [i, buffer] of this.#buffers.entries()) {
      let to = 0
      for (let token = 0; token < this.#length; token++) {
        for (const sequence of sequences) {
          const from = (token * batch + sequence) * size
          copy.#buffers[i].set(buffer.subarray(from, from + size), to)
          to += size
        }
      }
    }
    copy.#length = this.#length
    return copy
  }

  /** Writes sequences over others, in place: pairs of where to and where from, none of which is written over before it is read. */
  move(pairs: readonly (readonly [to: number, from: number])[]): void {
    const { batch } = this
    const size = this.#heads * this.#headSize
    for (const buffer of this.#buffers) {
      for (let at = 0; at < this.#length * batch; at += batch) {
        for (const [to, from] of pairs) buffer.copyWithin((at + to) * size, (at + from) * size, (at + from + 1) * size)
      }
    }
  }

  get #rowSize(): number {
    return this.batch * this.#heads * this.#headSize
  }

  #views(start: number, tokens: number): { k: NdArray; v: NdArray }[] {
    const size = this.#rowSize
    const view = (buffer: Float32Array): NdArray => ({
      dtype: 'f32',
      shape: [tokens, this.batch, this.#heads, this.#headSize],
      data: buffer.subarray(start * size, (start + tokens) * size),
    })
    return Array.from({ length: this.#buffers.length / 2 }, (_, layer) => ({
      k: view(this.#buffers[2 * layer]),
      v: view(this.#buffers[2 * layer + 1]),
    }))
  }
}
