/**
 * The tokenizer of a tokenizer.json, as Hugging Face tokenizers runs it: added tokens are taken out, what lies between is normalized and
 * cut into words, a model makes tokens of the words, a post-processor puts tokens around them; a decoder leads back to text.
 *
 * Half a character of UTF-16, which UTF-8 cannot spell, counts as U+FFFD.
 */
import { DataError } from '../errors.ts'
import { type AddedToken, TokenFinder } from './added-tokens.ts'
import { AlignedText } from './aligned.ts'
import { wellFormed } from './characters.ts'
import { cleanUpText } from './decoders/clean-up.ts'
import { addedTokens, type Encoding, merged } from './encoding.ts'
import { IdBuffer } from './id-buffer.ts'
import type { Normalizer } from './normalizers/normalizer.ts'
import { type Padding, padded } from './padding.ts'
import { type PipelineParts, pipelineFromJSON } from './pipeline-json.ts'
import { alignedWordsOf, wordsOf } from './pre-tokenizers/step.ts'
import type { StreamingDecoder, Tokenizer } from './tokenizer.ts'
import { type Truncation, truncated } from './truncation.ts'
import { markRoute, type Route, spaceRoute, wordRoute } from './words/routes.ts'

export type EncodingOptions = {
  /** A second text that goes with the first. */
  pair?: string
  /** Whether the post-processor puts its tokens around the texts. Default true. */
  addSpecialTokens?: boolean
  /** Cuts off what is too long; `true`: as the file says. Default: nothing is cut off. */
  truncation?: Truncation | boolean
  /** Fills up what is too short; `true`: as the file says. Default: nothing is filled up. */
  padding?: Padding | boolean
}

export type DecodingOptions = {
  /** Whether special tokens such as [SEP] are left out. Default true. */
  skipSpecialTokens?: boolean
  /** Whether spaces before signs and within contractions are taken out. Default false. */
  cleanUpTokenizationSpaces?: boolean
}

/** A text, or two that go together. */
export type TextInput = string | readonly [text: string, pair: string]

export class PipelineTokenizer implements Tokenizer {
  readonly vocabSize: number
  readonly addedTokens: readonly AddedToken[]
  readonly #json: unknown
  readonly #parts: PipelineParts
  readonly #added: ReadonlyMap<number, AddedToken>
  readonly #addedIds: ReadonlyMap<string, number>
  /** Added tokens that are looked for in the text as it is, and those in the normalized text. */
  readonly #inText: TokenFinder
  readonly #inNormalized: TokenFinder
  /** Whether a step asks for the beginning of a text whose beginning may be lost. */
  readonly #asksFirst: boolean

  /** From a piece of text between added tokens to ids. */
  readonly #route: Route

  private constructor(json: unknown, parts: PipelineParts) {
    this.#json = json
    this.#parts = parts
    this.addedTokens = parts.addedTokens
    this.#added = new Map(parts.addedTokens.map((token) => [token.id, token]))
    this.#addedIds = new Map(parts.addedTokens.map(({ content, id }) => [content, id]))
    this.vocabSize = 1 + parts.addedTokens.reduce((most, { id }) => Math.max(most, id), parts.model.vocabulary.lastId)
    const bySpecial = [...parts.addedTokens].sort((a, b) => Number(b.special) - Number(a.special))
    const found = (normalized: boolean) => bySpecial.filter((token) => token.normalized === normalized)
    this.#inText = new TokenFinder(found(false).map((token) => [token.content, token]))
    this.#inNormalized = new TokenFinder(found(true).map((token) => [this.normalize(token.content), token]))
    const { normalizer } = parts
    const shortcut = this.#inNormalized.size > 0 && normalizer ? undefined : (spaceRoute(json, parts) ?? markRoute(json, parts))
    this.#route = withAdded(this.#inNormalized, normalizer, shortcut, wordRoute(parts))
    const asking = parts.preTokenizer.findIndex((step) => step.kind === 'change' && step.asksFirst)
    this.#asksFirst =
      asking >= 0 && (parts.normalizer !== undefined || parts.preTokenizer.slice(0, asking).some(({ kind }) => kind === 'cut'))
  }

  /** @throws FormatError naming the path in the file of what is missing, unknown or contradictory */
  static fromJSON(json: unknown, place: string): PipelineTokenizer {
    return new PipelineTokenizer(json, pipelineFromJSON(json, place))
  }

  /** The text as the normalizer makes it, without regard to added tokens. */
  normalize(text: string): string {
    return this.#parts.normalizer?.plain(wellFormed(text)) ?? wellFormed(text)
  }

  /** The words of a text that is normalized already, as the model sees them, without regard to added tokens. */
  preTokenize(text: string): string[] {
    return wordsOf(this.#parts.preTokenizer, wellFormed(text), true)
  }

  /**
   * The ids of a text, whole, without the tokens of the post-processor unless they are asked for. Tokens such as <s> that stand in the text
   * become their ids. Many times faster than `encoding`, which also knows where each token comes from.
   *
   * @throws DataError for a text that the vocabulary cannot express
   */
  encode(text: string, { pair, addSpecialTokens = false }: { pair?: string; addSpecialTokens?: boolean } = {}): Int32Array {
    if (pair === undefined && !addSpecialTokens) return this.#idsOf(text)
    const texts = pair === undefined ? [text] : [text, pair]
    const bare = texts.map((text): Encoding => ({ ...addedTokens([], [], 0), ids: Array.from(this.#idsOf(text)) }))
    return Int32Array.from(merged(this.#parts.postProcessor?.process(bare, addSpecialTokens, texts) ?? bare).ids)
  }

  #idsOf(text: string): Int32Array {
    if (this.#asksFirst) return Int32Array.from(this.#encoded(text, 0).ids)
    const whole = wellFormed(text)
    const ids = new IdBuffer()
    for (const { start, end, token } of this.#inText.segments(whole)) {
      if (token) ids.push(token.id)
      else this.#route(whole.slice(start, end), start === 0, ids)
    }
    return ids.done()
  }

  /**
   * A text, or two, with all that is known about its tokens.
   *
   * @throws ConfigError for an option that cannot be followed; DataError for a text that the vocabulary cannot express
   */
  encoding(text: string, options: EncodingOptions = {}): Encoding {
    const { pair, ...rest } = options
    return this.encodings([pair === undefined ? text : [text, pair]], rest)[0]
  }

  /** Many texts, or pairs, at once: padding makes them equally long. @throws what `encoding` throws */
  encodings(inputs: readonly TextInput[], options: Omit<EncodingOptions, 'pair'> = {}): Encoding[] {
    const { addSpecialTokens = true, truncation = false, padding = false } = options
    const cut = truncation === true ? this.#parts.truncation : truncation || undefined
    const fill = padding === true ? this.#parts.padding : padding || undefined
    const encodings = inputs.map((input) => this.#processed(typeof input === 'string' ? [input] : input, addSpecialTokens, cut))
    return fill ? padded(encodings, fill) : encodings
  }

  #processed(texts: readonly string[], addSpecialTokens: boolean, truncation: Truncation | undefined): Encoding {
    const { postProcessor } = this.#parts
    const encoded = texts.map((text, i) => this.#encoded(text, i))
    const added = addSpecialTokens ? (postProcessor?.added(texts.length > 1) ?? 0) : 0
    const cut = truncation ? truncated(encoded, truncation, added) : encoded
    return merged(postProcessor?.process(cut, addSpecialTokens, texts) ?? cut)
  }

  /** One text with its offsets, nothing added. */
  #encoded(text: string, typeId: number): Encoding {
    const encoding = addedTokens([], [], 0)
    let word = 0
    const put = (id: number, token: string, offsets: [number, number]) => {
      encoding.ids.push(id)
      encoding.tokens.push(token)
      encoding.offsets.push(offsets)
      encoding.typeIds.push(typeId)
      encoding.attentionMask.push(1)
      encoding.specialTokensMask.push(0)
      encoding.wordIds.push(word)
    }
    for (const piece of this.#pieces(text)) {
      const { text: units } = piece.text
      if (piece.token) put(piece.token.id, units, piece.text.original(0, units.length))
      else {
        for (const { id, start, end, text } of this.#parts.model.tokens(units)) {
          put(id, text ?? this.tokenOf(id), piece.text.original(start, end))
        }
      }
      word++
    }
    return encoding
  }

  /** Words and added tokens, with where they come from. */
  *#pieces(text: string): Generator<{ text: AlignedText; token: AddedToken | undefined }> {
    const { normalizer, preTokenizer } = this.#parts
    const whole = AlignedText.of(wellFormed(text))
    for (const outer of this.#inText.segments(whole.text)) {
      const part = whole.slice(outer.start, outer.end)
      if (outer.token) {
        yield { text: part, token: outer.token }
        continue
      }
      const normalized = normalizer?.aligned(part) ?? part
      for (const { start, end, token } of this.#inNormalized.segments(normalized.text)) {
        const piece = normalized.slice(start, end)
        if (token) yield { text: piece, token }
        else for (const word of alignedWordsOf(preTokenizer, piece)) yield { text: word, token: undefined }
      }
    }
  }

  /** @throws DataError for an id without a token */
  decode(ids: ArrayLike<number>, options: DecodingOptions = {}): string {
    const decoder = this.decoder(options)
    let text = ''
    for (let i = 0; i < ids.length; i++) text += decoder.push(ids[i])
    text += decoder.finish()
    return options.cleanUpTokenizationSpaces ? cleanUpText(text) : text
  }

  /** Decodes ids that come one by one; no piece ends within a code point. */
  decoder({ skipSpecialTokens = true }: Pick<DecodingOptions, 'skipSpecialTokens'> = {}): StreamingDecoder {
    let text = ''
    let isFirst = true
    const sink = (this.#parts.decoder ?? SPACED).open({
      push: (piece) => {
        text += piece
      },
      end() {},
    })
    const taken = () => {
      const taken = text
      text = ''
      return taken
    }
    return {
      push: (id) => {
        const token = this.tokenOf(id)
        const added = this.#added.get(id)
        if (!(skipSpecialTokens && added?.special)) sink.push(added?.normalized ? this.normalize(token) : token, true)
        return taken()
      },
      finish: () => {
        if (isFirst) sink.end()
        isFirst = false
        return taken()
      },
    }
  }

  tokenOf(id: number): string {
    const token = this.#added.get(id)?.content ?? this.#parts.model.vocabulary.tokenOf(id)
    if (token !== undefined) return token
    throw new DataError({
      place: 'tokenizer',
      rule: `ids must be whole numbers from 0 to ${this.vocabSize - 1}, and have a token`,
      got: `${id}`,
      hint: 'decode with the tokenizer that belongs to the model',
    })
  }

  /** The id of a token as tokenizer.json spells it. */
  idOf(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.#parts.model.vocabulary.idOf(token)
  }

  toJSON(): unknown {
    return this.#json
  }
}

/** A shorter way where there is one; else each piece is normalized, and the added tokens of normalized text are taken out of it. */
function withAdded(added: TokenFinder, normalizer: Normalizer | undefined, shortcut: Route | undefined, words: Route): Route {
  const route = shortcut ?? words
  if (shortcut && added.size === 0) return shortcut
  return (text, isFirst, ids) => {
    const normalized = shortcut ? text : (normalizer?.plain(text) ?? text)
    for (const { start, end, token } of added.segments(normalized)) {
      if (token) ids.push(token.id)
      else route(normalized.slice(start, end), isFirst && start === 0, ids)
    }
  }
}

/** Without a decoder, spaces stand between tokens. */
const SPACED = {
  open(next: { push(piece: string, begins: boolean): void; end(): void }) {
    let isFirst = true
    return {
      push(token: string) {
        next.push(isFirst ? token : ` ${token}`, true)
        isFirst = false
      },
      end: () => next.end(),
    }
  },
}
