import { availableParallelism } from 'node:os'
import { isNdArray } from '../../tensor/compile.ts'
import {
  compile,
  constant,
  inputSpec,
  type NdArray,
  onnxruntimeWorker,
  type ParamArrays,
  type Program,
  type Tensor,
} from '../../tensor/index.ts'
import { mapTree } from '../../tensor/tree.ts'
import type { WordTokenizer } from '../../tokenizers/word.ts'
import { type Classification, type Classifier, classification } from '../classifier.ts'
import { padded } from './batch.ts'
import type { EncoderConfig } from './config.ts'
import { type Encoder, encoder, type encoderSpec } from './model.ts'

export type EncoderArrays = ParamArrays<ReturnType<typeof encoderSpec>>

type TextSpecs = readonly [ReturnType<typeof inputSpec>, ReturnType<typeof inputSpec>]
type TextProgram = Program<TextSpecs, Tensor>
export type EncoderOptions = { threads?: number }

const textSpecs: TextSpecs = [inputSpec(['batch', 'tokens'], 'i32'), inputSpec(['batch', 'tokens'], 'bool')]

/** Texts that go through the encoder together: enough to fill the matrix products, few enough to stay in cache. */
const BATCH = 32

/** A trained encoder that answers: text in, label and scores out. Holds native memory once it has been asked. */
export class EncoderClassifier implements Classifier {
  readonly config: EncoderConfig
  readonly params: EncoderArrays
  readonly tokenizer: WordTokenizer
  readonly #options: EncoderOptions
  #programs: Promise<TextProgram[]> | undefined

  constructor(config: EncoderConfig, params: EncoderArrays, tokenizer: WordTokenizer, options: EncoderOptions = {}) {
    this.config = config
    this.params = params
    this.tokenizer = tokenizer
    this.#options = options
  }

  get labels(): readonly string[] {
    return this.config.labels
  }

  /** One answer for each text, in order. Tokens past the model's positions are left out. */
  async classify(texts: readonly string[]): Promise<Classification[]> {
    const rows = await this.logits(texts.map((text) => this.tokenizer.encode(text).subarray(0, this.config.maxPositions)))
    return rows.map((row) => classification(this.labels, softmax(row)))
  }

  /** Class logits of texts that are token ids already. Threads take batches in turn. */
  async logits(texts: readonly Int32Array[]): Promise<Float32Array[]> {
    this.#programs ??= this.#compile()
    const programs = await this.#programs
    const order = [...texts.keys()].sort((a, b) => texts[a].length - texts[b].length) // so that little is padding
    const size = Math.max(1, Math.min(BATCH, Math.ceil(texts.length / programs.length)))
    const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size))
    const rows = new Array<Float32Array>(texts.length)
    const queue = batches.values()
    const work = async (program: TextProgram) => {
      for (const indices of queue) {
        const logits = await this.#run(
          program,
          indices.map((i) => texts[i]),
        )
        for (const [row, i] of indices.entries()) rows[i] = logits[row]
      }
    }
    await Promise.all(programs.map(work))
    return rows
  }

  async #run(program: TextProgram, texts: readonly Int32Array[]): Promise<Float32Array[]> {
    const { ids, mask } = padded(texts, this.tokenizer.padId)
    const { data }: NdArray = await program.run(ids, mask)
    const L = this.labels.length
    return texts.map((_, row) => (data as Float32Array).slice(row * L, (row + 1) * L))
  }

  /** One program a thread, each on its own: nothing waits for anything. The weights become constants, laid out for speed. */
  #compile(): Promise<TextProgram[]> {
    const { threads = availableParallelism() } = this.#options
    const params = mapTree(this.params, isNdArray, constant) as Encoder
    const f = (ids: Tensor, mask: Tensor) => encoder(params, ids, mask, this.config)
    return Promise.all(Array.from({ length: threads }, () => compile(f, textSpecs, { engine: onnxruntimeWorker, threads: 1 })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const programs = await this.#programs
    this.#programs = undefined
    for (const program of programs ?? []) program[Symbol.dispose]()
  }
}

function softmax(logits: Float32Array): number[] {
  const top = Math.max(...logits)
  const powers = Array.from(logits, (x) => Math.exp(x - top))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((x) => x / sum)
}
