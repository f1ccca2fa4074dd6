/** Text in, text out: a tokenizer, a decoder and samplers at work together. */
import { ConfigError, DataError } from '../errors.ts'
import type { NdArray } from '../tensor/index.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { contextExceeded } from './decoder.ts'
import type { FinishReason } from './finish-reason.ts'
import { History } from './history.ts'
import type { Reader } from './reader.ts'
import { type Choice, Sampler } from './sampling.ts'
import { type SamplingOptions, samplingOf } from './sampling-options.ts'
import { StopStrings } from './stop.ts'

export type GenerateOptions = SamplingOptions & {
  /** Tokens to generate at most. Default: 256, or what the context has room for where that is less. */
  maxTokens?: number
  /** The text ends before the first of these. */
  stop?: readonly string[]
  /** What to do where the prompt and `maxTokens` exceed the context: refuse, or drop the beginning of the prompt, and say so. */
  overflow?: 'error' | 'drop-start'
  signal?: AbortSignal
}

/** A token that was generated: its id, its log-probability under the model, the most probable ones where asked for. */
export type GeneratedToken = Choice & { token: string }

/** A part of the text, as soon as it is certain. `index` tells which of several texts it belongs to. */
export type TextPiece = { index: number; text: string; tokens: GeneratedToken[] }

export type Generation = {
  text: string
  tokens: GeneratedToken[]
  finishReason: FinishReason
  usage: { promptTokens: number; completionTokens: number }
  /** Tokens at the beginning of the prompt that the model did not read, under the policy `drop-start`. */
  droppedTokens?: number
}

const DEFAULT_TOKENS = 256

/** Ids with a meaning of their own. */
export type SpecialIds = {
  /** Read before every prompt. */
  bos?: number
  /** Any of these ends the text. */
  eos?: readonly number[]
}

/** Generates texts with one model. Holds native memory: bind it with `using`, or dispose of it. */
export class TextGenerator implements Disposable {
  readonly reader: Reader
  readonly tokenizer: Tokenizer
  readonly #special: SpecialIds

  constructor(reader: Reader, tokenizer: Tokenizer, special: SpecialIds = {}) {
    this.reader = reader
    this.tokenizer = tokenizer
    this.#special = special
  }

  /** One continuation of a prompt. @throws what `stream` throws */
  async generate(prompt: string, options: GenerateOptions = {}): Promise<Generation> {
    const [generation] = await this.generateMany(prompt, 1, options)
    return generation
  }

  /** Several continuations of a prompt, side by side. The i-th draws from the seed + i. */
  async generateMany(prompt: string, n: number, options: GenerateOptions = {}): Promise<Generation[]> {
    const stream = this.stream(prompt, options, n)
    for (;;) {
      const { done, value } = await stream.next()
      if (done) return value
    }
  }

  /**
   * Continues a prompt `n` times; gives parts of the texts as they become certain, and returns them whole.
   *
   * @throws ConfigError for an option that cannot be; DataError for an empty prompt where the model has no token to begin with, and for
   *   a prompt beyond the context; EngineError for logits that are no numbers; the reason of an abort
   */
  async *stream(prompt: string, options: GenerateOptions = {}, n = 1): AsyncGenerator<TextPiece, Generation[], undefined> {
    if (!(Number.isInteger(n) && n > 0))
      throw new ConfigError({ place: 'n', rule: 'must be a whole number above 0', got: `${n}` })
    const { signal } = options
    const plan = this.#plan(prompt, options)
    const { seed } = samplingOf(options, this.reader.vocabSize)
    const rows = Array.from({ length: n }, (_, i) => {
      return new Row(i, this.tokenizer, new Sampler({ ...options, seed: seed + i }, this.reader.vocabSize), plan.ids, options)
    })
    let memory = this.reader.memory()
    let logits = repeated(await this.reader.read(memory, column([...plan.ids], 1), signal), n)
    if (n > 1) memory = memory.repeat(n)
    for (let step = 1; ; step++) {
      const ids = rows.map((row, i) => row.next(logitsOf(logits, i, n), this.#special.eos ?? [], step === plan.maxTokens))
      for (const row of rows) yield* row.pieces()
      if (rows.every(({ finished }) => finished)) break
      signal?.throwIfAborted()
      logits = await this.reader.read(memory, column(ids, n))
    }
    return rows.map((row) => row.generation(plan.ids.length, plan.dropped))
  }

  /** What the model reads, and how many tokens it may add. */
  #plan(
    prompt: string,
    { maxTokens, overflow = 'error' }: GenerateOptions,
  ): { ids: Int32Array; maxTokens: number; dropped: number } {
    if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens > 0)) {
      throw new ConfigError({ place: 'maxTokens', rule: 'must be a whole number above 0', got: `${maxTokens}` })
    }
    const { contextLength } = this.reader
    const { bos } = this.#special
    const text = this.tokenizer.encode(prompt)
    if (text.length === 0 && bos === undefined) {
      const rule = 'must not be empty: the model has no token that begins a text'
      throw new DataError({ place: 'prompt', rule, hint: 'give it at least a character to go on from' })
    }
    const head = bos === undefined ? [] : [bos]
    const length = head.length + text.length
    const wanted = maxTokens ?? Math.max(1, Math.min(DEFAULT_TOKENS, contextLength - length))
    // The last token that is generated is never read.
    const excess = length + wanted - 1 - contextLength
    if (excess <= 0) return { ids: Int32Array.of(...head, ...text), maxTokens: wanted, dropped: 0 }
    if (overflow === 'error' || excess >= text.length) throw contextExceeded(length, wanted, contextLength)
    return { ids: Int32Array.of(...head, ...text.subarray(excess)), maxTokens: wanted, dropped: excess }
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]()
  }
}

/** One of the texts that are generated side by side. */
class Row {
  readonly #index: number
  readonly #tokenizer: Tokenizer
  readonly #sampler: Sampler
  readonly #history: History
  readonly #decoder
  readonly #stops: StopStrings
  readonly #tokens: GeneratedToken[] = []
  #pending: GeneratedToken[] = []
  #text = ''
  #fresh = ''
  #reason: FinishReason | undefined

  /** @param prompt  what the text continues: how a token reads may depend on those before it */
  constructor(index: number, tokenizer: Tokenizer, sampler: Sampler, prompt: Int32Array, { stop = [] }: GenerateOptions) {
    this.#index = index
    this.#tokenizer = tokenizer
    this.#sampler = sampler
    this.#history = new History(prompt)
    this.#decoder = tokenizer.decoder()
    for (const id of prompt) this.#decoder.push(id)
    this.#stops = new StopStrings(stop)
  }

  get finished(): boolean {
    return this.#reason !== undefined
  }

  /** Takes the next token. A text that has ended goes on with a token that means nothing, beside those that have not. */
  next(logits: Float32Array, eos: readonly number[], isLast: boolean): number {
    if (this.finished) return 0
    const choice = this.#sampler.next(logits, this.#history)
    this.#history.push(choice.id)
    if (eos.includes(choice.id)) {
      this.#end('stop')
      return choice.id
    }
    const token = { ...choice, token: this.#tokenizer.tokenOf(choice.id) }
    this.#tokens.push(token)
    this.#pending.push(token)
    this.#fresh += this.#stops.push(this.#decoder.push(choice.id))
    if (this.#stops.stopped) this.#reason = 'stop'
    else if (isLast) this.#end('length')
    return choice.id
  }

  #end(reason: FinishReason): void {
    this.#fresh += this.#stops.push(this.#decoder.finish()) + this.#stops.finish()
    this.#reason = this.#stops.stopped ? 'stop' : reason
  }

  *pieces(): Generator<TextPiece> {
    if (this.#fresh === '') return
    yield { index: this.#index, text: this.#fresh, tokens: this.#pending }
    this.#text += this.#fresh
    this.#fresh = ''
    this.#pending = []
  }

  generation(promptTokens: number, droppedTokens: number): Generation {
    return {
      text: this.#text,
      tokens: this.#tokens,
      finishReason: this.#reason!,
      usage: { promptTokens, completionTokens: this.#tokens.length },
      ...(droppedTokens > 0 && { droppedTokens }),
    }
  }
}

/** Ids of `B` sequences as the decoder reads them. */
const column = (ids: readonly number[], B: number): NdArray => ({
  dtype: 'i32',
  shape: [B, ids.length / B],
  data: Int32Array.from(ids),
})

function repeated(logits: Float32Array, n: number): Float32Array {
  const all = new Float32Array(n * logits.length)
  for (let i = 0; i < n; i++) all.set(logits, i * logits.length)
  return all
}

const logitsOf = (logits: Float32Array, i: number, n: number): Float32Array =>
  logits.subarray((i * logits.length) / n, ((i + 1) * logits.length) / n)
