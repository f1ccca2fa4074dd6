import { isNdArray } from '../../tensor/compile.ts'
import { compile, constant, inputSpec, type NdArray, type ParamArrays, type Program, type Tensor } from '../../tensor/index.ts'
import { mapTree } from '../../tensor/tree.ts'
import type { WordTokenizer } from '../../tokenizers/word.ts'
import { type Classification, type Classifier, classification } from '../classifier.ts'
import { padded } from './batch.ts'
import type { EncoderConfig } from './config.ts'
import { type Encoder, encoder, type encoderSpec } from './model.ts'

export type EncoderArrays = ParamArrays<ReturnType<typeof encoderSpec>>

type TextSpecs = readonly [ReturnType<typeof inputSpec>, ReturnType<typeof inputSpec>]
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
  #program: Promise<Program<TextSpecs, Tensor>> | undefined

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

  /** Class logits of texts that are token ids already. */
  async logits(texts: readonly Int32Array[]): Promise<Float32Array[]> {
    this.#program ??= this.#compile()
    const program = await this.#program
    const order = [...texts.keys()].sort((a, b) => texts[a].length - texts[b].length) // so that little is padding
    const L = this.labels.length
    const rows = new Array<Float32Array>(texts.length)
    for (let start = 0; start < order.length; start += BATCH) {
      const indices = order.slice(start, start + BATCH)
      const { ids, mask } = padded(
        indices.map((i) => texts[i]),
        this.tokenizer.padId,
      )
      const { data }: NdArray = await program.run(ids, mask)
      for (const [row, i] of indices.entries()) rows[i] = (data as Float32Array).slice(row * L, (row + 1) * L)
    }
    return rows
  }

  /** The weights become constants, which the engine lays out for speed. */
  #compile(): Promise<Program<TextSpecs, Tensor>> {
    const params = mapTree(this.params, isNdArray, constant) as Encoder
    return compile((ids: Tensor, mask: Tensor) => encoder(params, ids, mask, this.config), textSpecs, this.#options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = await this.#program
    program?.[Symbol.dispose]()
    this.#program = undefined
  }
}

function softmax(logits: Float32Array): number[] {
  const top = Math.max(...logits)
  const powers = Array.from(logits, (x) => Math.exp(x - top))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((x) => x / sum)
}
