import { availableParallelism } from 'node:os'
import { isNdArray } from '../../tensor/compile.ts'
import {
  compile,
  constant,
  inputSpec,
  type NdArray,
  onnxruntime,
  type ParamArrays,
  type Program,
  sideBySide,
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
  readonly #spend: { runs: number; threadsEach: number }
  #program: Promise<TextProgram> | undefined

  constructor(config: EncoderConfig, params: EncoderArrays, tokenizer: WordTokenizer, options: EncoderOptions = {}) {
    this.config = config
    this.params = params
    this.tokenizer = tokenizer
    this.#spend = sideBySide(onnxruntime, options.threads ?? availableParallelism())
  }

  get labels(): readonly string[] {
    return this.config.labels
  }

  /** One answer for each text, in order. Tokens past the model's positions are left out, and the answer says so. */
  async classify(texts: readonly string[]): Promise<Classification[]> {
    const read = this.config.maxPositions
    const encoded = texts.map((text) => this.tokenizer.encode(text))
    const rows = await this.logits(encoded.map((ids) => ids.subarray(0, read)))
    return rows.map((row, i) => ({
      ...classification(this.labels, softmax(row)),
      ...(encoded[i].length > read && { cut: { tokens: encoded[i].length, read } }),
    }))
  }

  /** Class logits of texts that are token ids already. Runs side by side take batches in turn. */
  async logits(texts: readonly Int32Array[]): Promise<Float32Array[]> {
    this.#program ??= this.#compile()
    const program = await this.#program
    const { runs } = this.#spend
    const order = [...texts.keys()].sort((a, b) => texts[a].length - texts[b].length) // so that little is padding
    const size = Math.max(1, Math.min(BATCH, Math.ceil(texts.length / runs)))
    const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size))
    const rows = new Array<Float32Array>(texts.length)
    const queue = batches.values()
    const work = async () => {
      for (const indices of queue) {
        const logits = await this.#run(
          program,
          indices.map((i) => texts[i]),
        )
        for (const [row, i] of indices.entries()) rows[i] = logits[row]
      }
    }
    await Promise.all(Array.from({ length: runs }, work))
    return rows
  }

  async #run(program: TextProgram, texts: readonly Int32Array[]): Promise<Float32Array[]> {
    const { ids, mask } = padded(texts, this.tokenizer.padId)
    const { data }: NdArray = await program.run(ids, mask)
    const L = this.labels.length
    return texts.map((_, row) => (data as Float32Array).slice(row * L, (row + 1) * L))
  }

  /** The weights become constants, laid out for speed. */
  #compile(): Promise<TextProgram> {
    const params = mapTree(this.params, isNdArray, constant) as Encoder
    const f = (ids: Tensor, mask: Tensor) => encoder(params, ids, mask, this.config)
    return compile(f, textSpecs, { threads: this.#spend.threadsEach })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = await this.#program
    this.#program = undefined
    program?.[Symbol.dispose]()
  }
}

function softmax(logits: Float32Array): number[] {
  const top = Math.max(...logits)
  const powers = Array.from(logits, (x) => Math.exp(x - top))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((x) => x / sum)
}
