/** Texts in, texts out: an encoder–decoder with its tokenizers at work. */
import { loadSeq2Seq, type Seq2SeqCheckpoint } from '../checkpoints/seq2seq.ts'
import { type Languages, loadSeq2SeqTokenizers, type Seq2SeqTokenizers } from '../checkpoints/seq2seq-tokenizers.ts'
import { ConfigError, DataError } from '../errors.ts'
import { Seq2SeqLoss } from '../models/seq2seq-loss.ts'
import { Seq2SeqGenerator } from './seq2seq-generator.ts'
import type { SearchOptions } from './seq2seq-options.ts'
import { type Cut, cutSource } from './source-cut.ts'
import type { Hypothesis } from './target-search.ts'
import { withDefaults } from './translation-defaults.ts'

export type TranslateOptions = Omit<SearchOptions, 'targetPrefix' | 'forcedBos' | 'start'> &
  Languages & {
    /** Put before every source: the task, for a model that was trained on several. */
    prefix?: string
    /** What to do with a source that is longer than the model reads: read its beginning, and say so, or refuse. Default 'cut'. */
    overflow?: 'cut' | 'error'
    /** The number of the first text in messages. Default 1. */
    numberFrom?: number
  }

/** One target, and how sure the model is. */
export type Target = Pick<Hypothesis, 'score' | 'finishReason'> & {
  text: string
  /** How many were generated, without the end. */
  tokens: number
}

export type Translation = Target & {
  /** With `nBest` above 1: the targets after the first. */
  alternatives?: Target[]
  /** Where only the beginning of the source was read. */
  cut?: Cut
  /** The source was blank: the answer is '', and the model was not asked. */
  blank?: true
}

/** Cross-entropy of targets, each of whose tokens is given those before it. */
export type TargetLoss = { natsPerToken: number; perplexity: number; tokens: number }

type Source = { ids: Int32Array; cut?: Cut }

/** Holds native memory: bind it with `await using`, or dispose of it. */
export class Translator implements AsyncDisposable {
  readonly tokenizers: Seq2SeqTokenizers
  readonly #checkpoint: Seq2SeqCheckpoint
  readonly #threads: number | undefined
  #generator: Promise<Seq2SeqGenerator> | undefined

  constructor(checkpoint: Seq2SeqCheckpoint, tokenizers: Seq2SeqTokenizers, { threads }: { threads?: number } = {}) {
    this.tokenizers = tokenizers
    this.#checkpoint = checkpoint
    this.#threads = threads
  }

  /** @throws ConfigError, FormatError or DataError where a file of the folder is missing, damaged or contradicts another */
  static async open(folder: string, options: { threads?: number } = {}): Promise<Translator> {
    const checkpoint = await loadSeq2Seq(folder)
    const tokenizers = await loadSeq2SeqTokenizers(folder)
    const sides = [
      ['source', tokenizers.source.vocabSize, checkpoint.model.sourceVocabSize],
      ['target', tokenizers.target.vocabSize, checkpoint.model.vocabSize],
    ] as const
    for (const [side, tokens, size] of sides) {
      if (tokens <= size) continue
      throw new ConfigError({
        place: `${folder}: tokenizer of the ${side}`,
        rule: 'a tokenizer has no more tokens than the model',
        got: `${tokens} tokens beside a vocabulary of ${size}`,
        hint: 'the files of a model belong together: copy all of them from one folder',
      })
    }
    return new Translator(checkpoint, tokenizers, options)
  }

  /**
   * A translation of each text, in order; what the folder says of decoding holds where `options` say nothing.
   *
   * @throws ConfigError for an option that cannot be, DataError for a language that is not known or, with `overflow: 'error'`, for a text
   *   that is too long; the reason of an abort
   */
  async translate(texts: readonly string[], options: TranslateOptions = {}): Promise<Translation[]> {
    expectTexts(texts)
    const search = this.#searchOptions(options)
    const { numberFrom = 1 } = options
    const sources = texts.map((text, i) => this.#source(text, options, `text ${i + numberFrom}`))
    const read = sources.filter((source) => source !== undefined)
    const found = (
      await (
        await this.#generate()
      ).generate(
        read.map(({ ids }) => ids),
        search,
      )
    ).values()
    return sources.map((source) => (source ? this.#translation(source, found.next().value!) : { ...BLANK }))
  }

  /**
   * Translates one text, and gives parts of the best translation as soon as they are certain.
   *
   * @throws what `translate` throws
   */
  async *stream(text: string, options: TranslateOptions = {}): AsyncGenerator<string, Translation, undefined> {
    const search = this.#searchOptions(options)
    const source = this.#source(text, options, 'text')
    if (!source) return { ...BLANK }
    const decoder = this.tokenizers.target.decoder()
    const stream = (await this.#generate()).stream(source.ids, search)
    let given = ''
    for (;;) {
      const { done, value } = await stream.next()
      if (done) {
        const translation = this.#translation(source, value)
        if (translation.text.length > given.length) yield translation.text.slice(given.length)
        return translation
      }
      let piece = ''
      for (const id of value) piece += decoder.push(id)
      if (piece !== '') yield piece
      given += piece
    }
  }

  /**
   * How well the model predicts given targets, their ends included.
   *
   * @throws DataError where there are not as many targets as sources, none, or one that is longer than the model reads or writes
   */
  async loss(
    sources: readonly string[],
    targets: readonly string[],
    options: Languages & Pick<TranslateOptions, 'prefix'> = {},
  ): Promise<TargetLoss> {
    if (sources.length !== targets.length || sources.length === 0) {
      const rule = 'a target belongs to each source, and there is at least one'
      throw new DataError({ place: 'loss', rule, got: `${sources.length} sources, ${targets.length} targets` })
    }
    const { model, params, special } = this.#checkpoint
    const pairs = {
      sources: sources.map((text, i) => this.#encoded(text, { ...options, overflow: 'error' }, `source ${i + 1}`).ids),
      targets: targets.map((text, i) => this.#target(text, options, `target ${i + 1}`)),
    }
    const marks = { pad: special.pad, start: this.tokenizers.start(options) ?? special.start, end: special.end[0] }
    using measure = await Seq2SeqLoss.compile(model, this.#threads)
    const { loss, tokens } = await measure.of(params, pairs, marks)
    return { natsPerToken: loss, perplexity: Math.exp(loss), tokens }
  }

  #generate(): Promise<Seq2SeqGenerator> {
    const { model, params, special } = this.#checkpoint
    this.#generator ??= Seq2SeqGenerator.compile(model, params, special, { threads: this.#threads })
    return this.#generator
  }

  #searchOptions({
    prefix: _,
    overflow: __,
    numberFrom: ___,
    sourceLanguage,
    targetLanguage,
    ...search
  }: TranslateOptions): SearchOptions {
    const languages = { sourceLanguage, targetLanguage }
    const forcedBos = this.tokenizers.forcedBos(languages, this.#checkpoint.special.forcedBos)
    return { ...withDefaults(search, this.#checkpoint), forcedBos, start: this.tokenizers.start(languages) }
  }

  /** Undefined for a blank text. */
  #source(text: string, options: TranslateOptions, place: string): Source | undefined {
    return text.trim() === '' ? undefined : this.#encoded(text, options, place)
  }

  #encoded(text: string, { prefix = '', overflow = 'cut', ...languages }: TranslateOptions, place: string): Source {
    const { maxSourceLength } = this.#checkpoint.model
    const ids = this.tokenizers.encodeSource(prefix + text, languages)
    if (ids.length > maxSourceLength && overflow === 'error') {
      const rule = `this model reads ${maxSourceLength} tokens at most`
      throw new DataError({ place, rule, got: `${ids.length}`, hint: 'split it, or have only its beginning read: overflow cut' })
    }
    return ids.length > maxSourceLength ? cutSource(ids, this.tokenizers.encodeSource('', languages), maxSourceLength) : { ids }
  }

  /** Without its end. */
  #target(text: string, languages: Languages, place: string): Int32Array {
    const { model, special } = this.#checkpoint
    const ids = this.tokenizers.encodeTarget(text, languages)
    const target = special.end.includes(ids.at(-1)!) ? ids.subarray(0, -1) : ids
    if (target.length < model.maxTargetLength) return target
    const rule = `this model writes ${model.maxTargetLength} tokens at most, with their start`
    throw new DataError({ place, rule, got: `${target.length + 1}` })
  }

  #translation({ cut }: Source, [best, ...others]: Hypothesis[]): Translation {
    const { target } = this.tokenizers
    const textOf = ({ ids, score, finishReason }: Hypothesis): Target => ({
      text: target.decode(ids),
      score,
      tokens: ids.length,
      finishReason,
    })
    return { ...textOf(best), ...(others.length > 0 && { alternatives: others.map(textOf) }), ...(cut && { cut }) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    ;(await this.#generator)?.[Symbol.dispose]()
  }
}

/** @throws DataError for one text, and for what is none */
function expectTexts(texts: unknown): void {
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return
  const got = Array.isArray(texts) ? `an array with ${typeof texts.find((text) => typeof text !== 'string')}` : typeof texts
  const hint = typeof texts === 'string' ? 'put the text into an array: [text]' : undefined
  throw new DataError({ place: 'translate', rule: 'takes an array of strings', got, hint })
}

const BLANK: Translation = { text: '', score: 0, tokens: 0, finishReason: 'stop', blank: true }
