/** Languages of a translation model: how its family spells their tags, and where it puts them. */
import { ConfigError, DataError } from '../errors.ts'
import { nearest } from '../text/spelling.ts'

/** Tags of languages, as the model's vocabulary spells them. */
export type Languages = { sourceLanguage?: string; targetLanguage?: string }

/** Where a family whose texts carry the tags of their languages puts them. */
export type Family = {
  tag: RegExp
  /** Before the text, or behind its end. */
  place: 'prefix' | 'suffix'
  /** How a target is begun in its language: by a first token behind the start, or by a start of its own. */
  begins: 'forced' | 'start'
}

const FAIRSEQ_TAG = /^[a-z]{2,3}_[A-Z]{2}$/

const FAMILIES: Readonly<Record<string, Family>> = {
  MBart50Tokenizer: { tag: FAIRSEQ_TAG, place: 'prefix', begins: 'forced' },
  MBartTokenizer: { tag: FAIRSEQ_TAG, place: 'suffix', begins: 'start' },
  M2M100Tokenizer: { tag: /^__[a-z]{2,3}__$/, place: 'prefix', begins: 'forced' },
  NllbTokenizer: { tag: /^[a-z]{3}_[A-Z][a-z]{3}$/, place: 'prefix', begins: 'forced' },
}

/** Languages of M2M-100 in the order of their ids, which follow those of the vocabulary: its files do not name them. */
const M2M100_CODES: Readonly<Record<string, string>> = {
  m2m100: `af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig ilo is
    it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl so sq sr ss su sv sw
    ta th tl tn tr uk ur uz vi wo xh yi yo zh zu`,
  wmt21: 'en ha is ja cs ru zh de',
}

/** @param languageCodes  the setting of tokenizer_config.json @throws ConfigError where no such list is known */
export function m2m100Tags(languageCodes: string, place: string): string[] {
  if (Object.hasOwn(M2M100_CODES, languageCodes)) return M2M100_CODES[languageCodes].split(/\s+/).map((code) => `__${code}__`)
  const rule = `language_codes is one of ${Object.keys(M2M100_CODES).join(', ')}`
  throw new ConfigError({ place, rule, got: languageCodes.slice(0, 100) })
}

/** @param legacy  NLLB as its first version had it */
export function familyOf(tokenizerClass: string | undefined, legacy: boolean): Family | undefined {
  const family = tokenizerClass !== undefined && Object.hasOwn(FAMILIES, tokenizerClass) ? FAMILIES[tokenizerClass] : undefined
  return family && legacy && tokenizerClass === 'NllbTokenizer' ? { ...family, place: 'suffix' } : family
}

/** The languages of one model. */
export class LanguageTags {
  readonly tags: readonly string[]
  readonly #ids: ReadonlyMap<string, number>
  readonly #place: string

  constructor(ids: ReadonlyMap<string, number>, place: string) {
    this.#ids = ids
    this.#place = place
    this.tags = [...ids.keys()]
  }

  /**
   * The id of a tag, which may be spelt without the signs around it: `fr` for `>>fr<<` or `__fr__`.
   *
   * @throws DataError naming the nearest tag
   */
  idOf(language: string): number {
    const id = [language, `>>${language}<<`, `__${language}__`]
      .map((tag) => this.#ids.get(tag))
      .find((found) => found !== undefined)
    if (id !== undefined) return id
    throw this.#unknown(language)
  }

  #unknown(language: string): DataError {
    const got = JSON.stringify(language.slice(0, 100))
    if (this.tags.length === 0) {
      const hint = 'leave the language out: this model translates between two languages only'
      return new DataError({ place: this.#place, rule: 'the model has no tags of languages', got, hint })
    }
    const plain = new Map(this.tags.map((tag) => [tag.replace(/^(>>|__)|(<<|__)$/g, '').toLowerCase(), tag]))
    const begun = this.tags.filter((tag) => tag.replace(/^(>>|__)/, '').startsWith(language.slice(0, 2).toLowerCase()))
    const near = nearest(language.toLowerCase(), [...plain.keys()])
    const some = [...new Set([...(near === undefined ? [] : [plain.get(near)!]), ...begun, ...this.tags])].slice(0, 8)
    return new DataError({
      place: this.#place,
      rule: `a language is one of the model's ${this.tags.length} tags`,
      got,
      hint: `${some.join(', ')}${this.tags.length > some.length ? ', …' : ''}`,
    })
  }
}
