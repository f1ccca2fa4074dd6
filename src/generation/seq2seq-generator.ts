/** Sources in, targets out: an encoder–decoder and the searches of many targets at work together. */
import type { SpecialIds } from '../checkpoints/seq2seq-tokens.ts'
import { DataError } from '../errors.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { ParamArrays } from '../tensor/index.ts'
import { BeamSearch } from './beam-search.ts'
import type { Move } from './decoder-state.ts'
import { Decoding } from './decoding.ts'
import { RowSearch } from './row-search.ts'
import { samplingOf } from './sampling-options.ts'
import { type SearchOptions, type SearchPlan, searchPlan } from './seq2seq-options.ts'
import { type ProgramOptions, Seq2SeqPrograms } from './seq2seq-programs.ts'
import { sourceBatches } from './source-batches.ts'
import type { Hypothesis, TargetSearch } from './target-search.ts'

/** One of a batch that is not finished, and where its rows stand. */
type Running = { search: TargetSearch; place: number }

/** Holds native memory: bind it with `using`, or dispose of it. */
export class Seq2SeqGenerator implements Disposable {
  readonly model: Seq2Seq
  readonly #programs: Seq2SeqPrograms
  readonly #tokens: SpecialIds

  private constructor(programs: Seq2SeqPrograms, tokens: SpecialIds) {
    this.model = programs.model
    this.#programs = programs
    this.#tokens = tokens
  }

  /** @throws ConfigError for a token that the model does not have */
  static async compile<Spec>(
    model: Seq2Seq<Spec>,
    params: ParamArrays<Spec>,
    tokens: SpecialIds,
    options: ProgramOptions = {},
  ): Promise<Seq2SeqGenerator> {
    searchPlan({}, tokens, model)
    return new Seq2SeqGenerator(await Seq2SeqPrograms.compile(model, params, options), tokens)
  }

  /**
   * Targets for many sources, read and written in batches of about equal length. A target is the same alone and among others, up to
   * rounding.
   *
   * @param sources  ids, as the model reads them: with its end
   * @returns  for each source the n best, the best first; fewer where there are not so many
   * @throws ConfigError for an option that cannot be; DataError for a source that is empty, too long or has unknown tokens; EngineError
   *   where no token is possible; the reason of an abort
   */
  async generate(sources: readonly Int32Array[], options: SearchOptions = {}): Promise<Hypothesis[][]> {
    const plan = searchPlan(options, this.#tokens, this.model)
    for (const [i, source] of sources.entries()) this.#check(source, `source ${i + 1}`)
    const seed = this.#seed(plan)
    const answers = new Array<Hypothesis[]>(sources.length)
    const lengths = sources.map(({ length }) => length)
    for (const batch of sourceBatches(lengths, plan.width)) {
      const searches = batch.map(() => this.#search(plan, seed))
      const parts = batch.map((i) => sources[i])
      for await (const _ of this.#steps(parts, searches, plan, options.signal));
      for (const [i, search] of searches.entries()) answers[batch[i]] = search.hypotheses()
    }
    return answers
  }

  /**
   * Targets for one source. Gives the ids that are new of what is certain of the best one; with several beams, that is what all of them
   * agree on.
   *
   * @throws what `generate` throws
   */
  async *stream(source: Int32Array, options: SearchOptions = {}): AsyncGenerator<number[], Hypothesis[], undefined> {
    const plan = searchPlan(options, this.#tokens, this.model)
    this.#check(source, 'source')
    const search = this.#search(plan, this.#seed(plan))
    let given = 0
    for await (const _ of this.#steps([source], [search], plan, options.signal)) {
      const agreed = search.agreed()
      if (agreed.length > given) yield agreed.slice(given)
      given = Math.max(given, agreed.length)
    }
    return search.hypotheses()
  }

  /** Takes all searches to their end, and stops after each step of all. */
  async *#steps(
    sources: readonly Int32Array[],
    searches: readonly TargetSearch[],
    { head, width, maxTokens }: SearchPlan,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<void> {
    signal?.throwIfAborted()
    const limits = { pad: this.#tokens.pad, most: head.length + maxTokens }
    let { decoding, logprobs } = await Decoding.begin(this.#programs, sources, head, limits)
    let running: Running[] = searches.map((search, place) => ({ search, place }))
    let rows = 1
    for (;;) {
      const V = this.model.vocabSize
      for (const { search, place } of running) search.advance(logprobs.subarray(place * rows * V, (place + 1) * rows * V))
      yield
      const before = running.length
      running = running.filter(({ search }) => !search.done)
      if (running.length === 0) return
      signal?.throwIfAborted()
      if (rows < width || worthCompacting(running.length, decoding.sources, before)) {
        const { kept, from } = rearranged(running, rows)
        decoding = decoding.gather(kept, from)
        running = running.map(({ search }, place) => ({ search, place }))
        rows = width
      } else decoding.move(running.flatMap((each) => moves(each, rows)))
      logprobs = await decoding.step(idsToRead(running, decoding.sources * rows, rows))
    }
  }

  #search(plan: SearchPlan, seed: number): TargetSearch {
    return plan.width > 1 && !plan.sampling ? new BeamSearch(plan) : new RowSearch(plan, seed, this.model.vocabSize)
  }

  /** One seed for every source: a target does not depend on those beside it. */
  #seed({ sampling }: SearchPlan): number {
    return samplingOf(sampling ?? {}, this.model.vocabSize).seed
  }

  #check(source: Int32Array, place: string): void {
    const { maxSourceLength, sourceVocabSize } = this.model
    if (source.length === 0) throw new DataError({ place, rule: 'must have at least one token', got: 'none' })
    if (source.length > maxSourceLength) {
      const got = `${source.length}`
      throw new DataError({ place, rule: `this model reads ${maxSourceLength} tokens at most`, got, hint: 'cut it, or split it' })
    }
    const odd = source.find((id) => id < 0 || id >= sourceVocabSize)
    if (odd !== undefined) {
      throw new DataError({ place, rule: `ids from 0 to ${sourceVocabSize - 1}, as many as the model has`, got: `${odd}` })
    }
  }

  [Symbol.dispose](): void {
    this.#programs[Symbol.dispose]()
  }
}

/** Finished sources cost time until they are taken out, and taking them out costs copies. */
const worthCompacting = (running: number, places: number, before: number): boolean => running < before && running <= 0.75 * places

function rearranged(running: readonly Running[], rows: number): { kept: Int32Array; from: Int32Array } {
  return {
    kept: Int32Array.from(running, ({ place }) => place),
    from: Int32Array.from(running.flatMap(({ search, place }) => Array.from(search.origins, (origin) => place * rows + origin))),
  }
}

function moves({ search: { origins }, place }: Running, rows: number): Move[] {
  const all: Move[] = []
  for (const [row, origin] of origins.entries()) {
    if (row !== origin) all.push([place * rows + row, place * rows + origin])
  }
  return all
}

function idsToRead(running: readonly Running[], size: number, rows: number): Int32Array {
  const ids = new Int32Array(size)
  for (const { search, place } of running) ids.set(search.ids, place * rows)
  return ids
}
