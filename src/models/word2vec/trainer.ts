/** Threads that train word vectors in one memory. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Random } from '../../tensor/random.ts'
import type { Word2VecConfig } from './config.ts'
import type { Corpus } from './corpus.ts'
import { allocate, BLOCK, type Layout, layoutOf } from './layout.ts'
import { keepChances, negativeTable } from './sampling.ts'
import { type SubwordRows, subwordRows } from './subword-rows.ts'
import type { ThreadData } from './trainer-thread.js'

export type TrainerOptions = {
  seed: number
  threads: number
  /**
   * Several threads give the same result each time: each trains a copy of its own, and after every block the copies become one again.
   * Without it they all write to the same vectors as they go (Recht et al. 2011, "Hogwild!").
   */
  reproducible?: boolean
  /** The kernel in plain JavaScript; by default only where there is no SIMD. */
  plain?: boolean
}

/** Negative log likelihood of the examples that were measured. */
export type Loss = { loss: number; examples: number }

/** Copies of many threads become one after fewer words of each: the more have changed a row, the less each of them counts. */
const SMALLEST_BLOCK = 1024

/** The learning rate falls to this share of itself. */
const LOWEST_RATE = 1e-4

export class Trainer implements AsyncDisposable {
  readonly corpus: Corpus
  readonly config: Word2VecConfig
  readonly subwords: SubwordRows | undefined
  /** Of an epoch. */
  readonly blocks: number
  /** Blocks that are trained side by side and must begin together. */
  readonly round: number
  /** Input and output vectors one after another, each row padded with zeros to `stride` numbers. */
  readonly parameters: Float32Array
  readonly stride: number
  readonly #layout: Layout
  readonly #data: Omit<ThreadData, 'thread'>
  #workers: Worker[] = []

  /** @throws ConfigError where the vectors take more memory than there can be */
  constructor(corpus: Corpus, config: Word2VecConfig, { seed, threads, reproducible = false, plain }: TrainerOptions) {
    const { words, counts } = corpus.vocabulary
    const V = words.length
    this.corpus = corpus
    this.config = config
    this.subwords = config.subwords && subwordRows(words, config.subwords)
    const rows = V + (this.subwords?.buckets.length ?? 0)
    const copies = reproducible && threads > 1
    const { negative, dimensions: width, window } = config
    const subwordCount = this.subwords?.of.length ?? 0
    this.#layout = layoutOf({ words: V, rows, width, negative, threads, copies, subwordRows: subwordCount })
    const { memory, buffer } = allocate(this.#layout)
    const block = copies ? Math.max(SMALLEST_BLOCK, Math.floor((2 * BLOCK) / threads)) : BLOCK
    this.blocks = Math.ceil(corpus.summary.ids / block)
    this.round = copies ? threads : 1
    this.stride = this.#layout.stride / 4
    this.parameters = new Float32Array(buffer, this.#layout.input, (rows + V) * this.stride)
    this.#fill(buffer, counts, config.sample)
    this.#initialise(rows, seed)
    const settings = { words: V, window, negative, cbow: config.model === 'cbow' }
    const rate = { epochs: config.epochs, rate: config.learningRate, lowest: config.learningRate * LOWEST_RATE }
    const source = { path: corpus.path, ids: corpus.summary.ids, block }
    this.#data = { memory, buffer, plain, layout: this.#layout, settings, copies, seed, ...rate, ...source }
  }

  /** [V, C] of words, [buckets, C] of n-grams, [V, C] of words as they are predicted; without padding. */
  vectors(): { own: Float32Array; ngrams: Float32Array; output: Float32Array } {
    const V = this.corpus.vocabulary.words.length
    const rows = this.#layout.parameterRows - V
    return { own: this.#rows(0, V), ngrams: this.#rows(V, rows), output: this.#rows(rows, rows + V) }
  }

  /** After so many blocks. */
  learningRate(step: number): number {
    const { rate, lowest, epochs } = this.#data
    return Math.max(lowest, rate * (1 - step / (epochs * this.blocks)))
  }

  /** Trains the blocks `from` to before `to` of an epoch. */
  async train(epoch: number, from: number, to: number): Promise<Loss> {
    if (this.#workers.length === 0) this.#start()
    const { buffer, control } = { buffer: this.#data.buffer, ...this.#layout }
    Atomics.store(new Int32Array(buffer, control, 1), 0, from)
    const answers = this.#workers.map(async (worker) => {
      worker.ref()
      worker.postMessage({ epoch, from, to })
      const [answer] = (await once(worker, 'message')) as [Loss] // an 'error' rejects
      worker.unref()
      return answer
    })
    const sum: Loss = { loss: 0, examples: 0 }
    for (const { loss, examples } of await Promise.all(answers)) {
      sum.loss += loss
      sum.examples += examples
    }
    return sum
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #start(): void {
    this.#workers = this.#layout.threads.map((_, thread) => {
      const worker = new Worker(new URL('./trainer-thread.js', import.meta.url), { workerData: { ...this.#data, thread } })
      worker.unref()
      return worker
    })
  }

  #fill(buffer: SharedArrayBuffer, counts: Float64Array, sample: number): void {
    const { share, other, keep, rowsAt, rowsOf } = this.#layout
    const table = negativeTable(counts)
    new Float32Array(buffer, share, counts.length).set(table.share)
    new Int32Array(buffer, other, counts.length).set(table.other)
    new Float32Array(buffer, keep, counts.length).set(keepChances(counts, sample))
    if (!this.subwords) return
    new Int32Array(buffer, rowsAt, this.subwords.at.length).set(this.subwords.at)
    new Int32Array(buffer, rowsOf, this.subwords.of.length).set(this.subwords.of)
  }

  /** Input vectors evenly from ±1 / 2C, with n-grams from ±1 / C, as gensim and fastText have it; output vectors 0. */
  #initialise(rows: number, seed: number): void {
    const C = this.config.dimensions
    const random = new Random(seed, 'word2vec')
    const span = (this.subwords ? 2 : 1) / C
    for (let row = 0; row < rows; row++) {
      for (let d = 0; d < C; d++) this.parameters[row * this.stride + d] = (random.uniform() - 0.5) * span
    }
  }

  #rows(from: number, to: number): Float32Array {
    const C = this.config.dimensions
    if (C === this.stride) return this.parameters.subarray(from * C, to * C)
    const packed = new Float32Array((to - from) * C)
    for (let row = from; row < to; row++) {
      packed.set(this.parameters.subarray(row * this.stride, row * this.stride + C), (row - from) * C)
    }
    return packed
  }
}
