/**
 * Words as tokens, in the pipeline and the file format of Hugging Face tokenizers: BertNormalizer, BertPreTokenizer,
 * a WordLevel model.
 */

import { ConfigError, FormatError } from '../errors.ts'
import type { Tokenizer } from './tokenizer.ts'
import { addedToken } from './tokenizer-json.ts'

const PAD = '[PAD]'
const UNKNOWN = '[UNK]'

/** Characters that stand alone: ASCII symbols and Unicode punctuation. */
const WORD_OR_SIGN = /[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+/gu

/** Ideographs, of which each is a word of its own. */
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu

const CONTROL = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\ufffd]/gu
const ACCENT = /\p{Mn}/gu

/** Words of a text: lower case, no accents, signs on their own. */
export function wordsOf(text: string): string[] {
  const clean = text.replace(CONTROL, '').replace(IDEOGRAPH, ' $& ').normalize('NFD').replace(ACCENT, '')
  return lowerCase(clean).match(WORD_OR_SIGN) ?? []
}

/** Letter by letter: a capital sigma that ends a word would become another letter than elsewhere. */
const lowerCase = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase()

/** Nothing decodes words: the text between them is not kept. */
export class WordTokenizer implements Pick<Tokenizer, 'vocabSize' | 'encode' | 'toJSON'> {
  readonly #ids: ReadonlyMap<string, number>

  /** @param words  in the order of their ids; the first two pad and stand for what is not known */
  constructor(words: readonly string[]) {
    this.#ids = new Map(words.map((word, id) => [word, id]))
    if (words[0] !== PAD || words[1] !== UNKNOWN || this.#ids.size !== words.length) {
      throw new FormatError({
        place: 'tokenizer',
        rule: `words must differ and begin with ${PAD}, ${UNKNOWN}`,
        got: words.slice(0, 2).join(', '),
      })
    }
  }

  /** The most frequent words of some texts. */
  static train(texts: Iterable<string>, { vocabSize, minCount = 1 }: { vocabSize: number; minCount?: number }): WordTokenizer {
    if (!(vocabSize > 2)) throw new ConfigError({ place: 'tokenizer', rule: 'vocabSize must be above 2', got: `${vocabSize}` })
    const counts = new Map<string, number>()
    for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
    const frequent = [...counts].filter(([, n]) => n >= minCount).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    return new WordTokenizer([PAD, UNKNOWN, ...frequent.slice(0, vocabSize - 2).map(([word]) => word)])
  }

  get vocabSize(): number {
    return this.#ids.size
  }

  get padId(): number {
    return 0
  }

  encode(text: string): Int32Array {
    return Int32Array.from(wordsOf(text), (word) => this.#ids.get(word) ?? 1)
  }

  /** The content of a tokenizer.json. */
  toJSON(): unknown {
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [addedToken(0, PAD), addedToken(1, UNKNOWN)],
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab: Object.fromEntries(this.#ids), unk_token: UNKNOWN },
    }
  }

  /** @throws FormatError where the file describes another kind of tokenizer */
  static fromJSON(json: unknown, place: string): WordTokenizer {
    const { model, pre_tokenizer } = (json ?? {}) as {
      model?: { type?: string; vocab?: unknown }
      pre_tokenizer?: { type?: string }
    }
    const isWords = model?.type === 'WordLevel' && pre_tokenizer?.type === 'BertPreTokenizer' && isVocab(model.vocab)
    if (!isWords) {
      throw new FormatError({
        place,
        rule: 'must describe a WordLevel model behind a BertPreTokenizer',
        got: `${model?.type ?? 'no model'}`,
      })
    }
    const entries = Object.entries(model.vocab as Record<string, number>)
    const words = new Array<string>(entries.length)
    for (const [word, id] of entries) words[id] = word
    return new WordTokenizer(words)
  }
}

/** Ids from 0 without a gap. */
function isVocab(vocab: unknown): boolean {
  if (typeof vocab !== 'object' || vocab === null) return false
  const ids = Object.values(vocab)
  return ids.every((id) => Number.isInteger(id) && id >= 0 && id < ids.length) && new Set(ids).size === ids.length
}
