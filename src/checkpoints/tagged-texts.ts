/** Texts to sources and targets, and targets to texts: what stands around a text, and where the tags of languages go. */
import { ConfigError, DataError } from '../errors.ts'
import { PieceTokenizer } from '../tokenizers/files/piece-vocabulary.ts'
import { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type Family, type Languages, LanguageTags } from './languages.ts'

/** What texts become for an encoder–decoder, and what becomes a text. */
export interface Seq2SeqTokenizers {
  readonly source: Tokenizer
  readonly target: Tokenizer
  /** Tags of the languages that may be asked for; empty for a model of one pair. */
  readonly languages: readonly string[]
  /**
   * A text as the encoder reads it, with the tokens around it.
   *
   * @throws DataError for a language that the model does not know, or where it needs to be told one
   */
  encodeSource(text: string, languages?: Languages): Int32Array
  /** A text as the decoder should write it: its end included, the start not. @throws DataError as `encodeSource` */
  encodeTarget(text: string, languages?: Languages): Int32Array
  /**
   * The first token behind the start, where the target's language says it.
   *
   * @param otherwise  the checkpoint's own, for targets whose language is not said
   * @throws DataError as `encodeSource`
   */
  forcedBos(languages?: Languages, otherwise?: number): number | undefined
  /** The start itself, in models whose targets begin with their language instead. @throws DataError as `encodeSource` */
  start(languages?: Languages): number | undefined
}

/** One tokenizer, which itself says what stands around a text; one pair of languages. */
export class Untagged implements Seq2SeqTokenizers {
  readonly source: Tokenizer
  readonly target: Tokenizer
  readonly languages: readonly string[] = []
  readonly #tags: LanguageTags

  constructor(both: Tokenizer, folder: string) {
    this.source = both
    this.target = both
    this.#tags = new LanguageTags(new Map(), folder)
  }

  encodeSource(text: string, languages: Languages = {}): Int32Array {
    this.#refuse(languages)
    return this.source instanceof PipelineTokenizer
      ? this.source.encode(text, { addSpecialTokens: true })
      : this.source.encode(text)
  }

  encodeTarget(text: string, languages?: Languages): Int32Array {
    return this.encodeSource(text, languages)
  }

  forcedBos(languages: Languages = {}, otherwise?: number): number | undefined {
    this.#refuse(languages)
    return otherwise
  }

  start(): undefined {}

  #refuse({ sourceLanguage, targetLanguage }: Languages): void {
    const language = sourceLanguage ?? targetLanguage
    if (language !== undefined) this.#tags.idOf(language)
  }
}

/** Marian: two SentencePiece models, and in models of many languages the target's tag before the source. */
export class TargetTagged implements Seq2SeqTokenizers {
  readonly source: PieceTokenizer
  readonly target: PieceTokenizer
  readonly #tags: LanguageTags
  readonly #end: number
  readonly #folder: string

  constructor(source: PieceTokenizer, target: PieceTokenizer, eos: string, folder: string) {
    this.source = source
    this.target = target
    this.#tags = new LanguageTags(new Map([...source.vocabulary].filter(([token]) => />>[^<>\s]+<</.test(token))), folder)
    this.#end = endOf(source.vocabulary, eos, folder)
    this.#folder = folder
  }

  get languages(): readonly string[] {
    return this.#tags.tags
  }

  encodeSource(text: string, languages: Languages = {}): Int32Array {
    const asked = this.#targetOf(languages)
    const written = asked === undefined && this.languages.length > 0 ? /^>>[^<>\s]+<</.exec(text)?.[0] : undefined
    const tag = asked ?? (written === undefined ? undefined : this.#tags.idOf(written))
    if (tag === undefined && this.languages.length > 0) throw untold(this.#folder, 'target', this.languages)
    const ids = this.source.encode(written === undefined ? text : text.slice(written.length))
    return Int32Array.from([...(tag === undefined ? [] : [tag]), ...ids, this.#end])
  }

  encodeTarget(text: string, languages: Languages = {}): Int32Array {
    this.#targetOf(languages)
    return Int32Array.from([...this.target.encode(text), this.#end])
  }

  forcedBos(languages: Languages = {}, otherwise?: number): number | undefined {
    this.#targetOf(languages)
    return otherwise
  }

  start(): undefined {}

  #targetOf({ sourceLanguage, targetLanguage }: Languages): number | undefined {
    if (sourceLanguage !== undefined && this.languages.length > 0) {
      const hint = 'leave it out: only the language of the target is told to this model'
      throw new DataError({
        place: this.#folder,
        rule: 'the model has no tags for sources',
        got: sourceLanguage.slice(0, 100),
        hint,
      })
    }
    const language = sourceLanguage ?? targetLanguage
    return language === undefined ? undefined : this.#tags.idOf(language)
  }
}

/** One tokenizer of many languages; each text carries the tag of its own. */
export class BothTagged implements Seq2SeqTokenizers {
  readonly source: Tokenizer
  readonly target: Tokenizer
  readonly #tags: LanguageTags
  readonly #family: Family
  readonly #defaults: Languages
  readonly #end: number
  readonly #folder: string

  constructor(
    both: PipelineTokenizer | PieceTokenizer,
    family: Family,
    { eos, defaults, folder }: { eos: string; defaults: Languages; folder: string },
  ) {
    const added =
      both instanceof PieceTokenizer ? both.vocabulary : new Map(both.addedTokens.map(({ content, id }) => [content, id]))
    this.source = both
    this.target = both
    this.#tags = new LanguageTags(new Map([...added].filter(([token]) => family.tag.test(token))), folder)
    this.#family = family
    this.#defaults = defaults
    this.#end = endOf(added, eos, folder)
    this.#folder = folder
  }

  get languages(): readonly string[] {
    return this.#tags.tags
  }

  encodeSource(text: string, languages: Languages = {}): Int32Array {
    return this.#tagged(text, this.#idOf('source', languages))
  }

  encodeTarget(text: string, languages: Languages = {}): Int32Array {
    return this.#tagged(text, this.#idOf('target', languages))
  }

  forcedBos(languages: Languages = {}, otherwise?: number): number | undefined {
    const { targetLanguage = this.#defaults.targetLanguage } = languages
    const isForced = this.#family.begins === 'forced'
    return isForced && (targetLanguage !== undefined || otherwise === undefined) ? this.#idOf('target', languages) : otherwise
  }

  start({ targetLanguage = this.#defaults.targetLanguage }: Languages = {}): number | undefined {
    const isStart = this.#family.begins === 'start' && targetLanguage !== undefined
    return isStart ? this.#tags.idOf(targetLanguage) : undefined
  }

  #idOf(side: 'source' | 'target', languages: Languages): number {
    const language = languages[`${side}Language`] ?? this.#defaults[`${side}Language`]
    if (language === undefined) throw untold(this.#folder, side, this.languages)
    return this.#tags.idOf(language)
  }

  #tagged(text: string, tag: number): Int32Array {
    const ids = this.source.encode(text)
    return Int32Array.from(this.#family.place === 'prefix' ? [tag, ...ids, this.#end] : [...ids, this.#end, tag])
  }
}

function endOf(ids: ReadonlyMap<string, number>, eos: string, place: string): number {
  const id = ids.get(eos)
  if (id !== undefined) return id
  throw new ConfigError({
    place,
    rule: 'the vocabulary has the token that ends a text',
    got: `no ${JSON.stringify(eos.slice(0, 50))}`,
  })
}

const untold = (place: string, side: 'source' | 'target', tags: readonly string[]) =>
  new DataError({
    place,
    rule: `the model has ${tags.length} languages, and must be told that of the ${side}`,
    got: 'none',
    hint: `${side}Language: ${tags.slice(0, 5).join(', ')}${tags.length > 5 ? ', …' : ''}`,
  })
