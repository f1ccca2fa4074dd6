/**
 * Byte-pair encoding: characters are merged in the order in which merges were learnt.
 *
 * Sennrich et al. 2016; with byte fallback as SentencePiece has it (Kudo & Richardson 2018).
 */
import { z } from 'zod'
import { DataError, FormatError } from '../../errors.ts'
import { unitsAt } from '../aligned.ts'
import { BYTE_LETTERS } from '../byte-letters.ts'
import { type Builder, part } from '../schema.ts'
import { Merges, Symbols } from './merges.ts'
import type { Model, Token, Vocabulary } from './model.ts'
import { vocabularyFromJSON } from './vocabulary.ts'

export type BpeOptions = {
  vocabulary: Vocabulary
  merges: Merges
  /** What stands for a character that is no token. */
  unkToken?: string
  /** What a token that does not begin a word begins with, in the vocabulary. */
  prefix: string
  /** What a token that ends a word ends with, in the vocabulary. */
  suffix: string
  /** Whether unknown neighbours become one unknown token. */
  fuseUnk: boolean
  /** Whether a character that is no token becomes the tokens <0x00> … <0xFF> of its bytes, where there are such. */
  byteFallback: boolean
  /** Whether a word that is a token is taken as it is. */
  ignoreMerges: boolean
}

const utf8 = new TextEncoder()

export class Bpe implements Model {
  readonly options: Readonly<BpeOptions>
  readonly #unkId: number | undefined
  /** Ids of the tokens of bytes. */
  readonly #bytes: readonly (number | undefined)[]
  readonly #symbols = new Symbols()

  constructor(options: BpeOptions) {
    this.options = options
    const { vocabulary, unkToken } = options
    this.#unkId = unkToken === undefined ? undefined : vocabulary.idOf(unkToken)
    this.#bytes = Array.from({ length: 256 }, (_, byte) => vocabulary.idOf(byteToken(byte)))
  }

  get vocabulary(): Vocabulary {
    return this.options.vocabulary
  }

  encode(word: string): Int32Array {
    const { ids, length } = this.#merged(word)
    return ids.slice(0, length)
  }

  tokens(word: string): Token[] {
    const { ids, starts, ends, length } = this.#merged(word)
    return Array.from({ length }, (_, i) => ({ id: ids[i], start: starts[i], end: ends[i] }))
  }

  #merged(word: string): Symbols {
    const { vocabulary, ignoreMerges, merges } = this.options
    const symbols = this.#symbols
    symbols.clear()
    const whole = ignoreMerges ? vocabulary.idOf(word) : undefined
    if (whole !== undefined) symbols.push(whole, 0, word.length)
    else {
      this.#split(word, symbols)
      merges.apply(symbols)
    }
    return symbols
  }

  /** Whether a character never becomes part of a longer token: then nothing changes where words are cut beside it. */
  isLoner(character: string): boolean {
    const { vocabulary, merges, prefix, suffix } = this.options
    const id = vocabulary.idOf(character)
    const symbols = new Symbols()
    if (id !== undefined) symbols.push(id, 0, 1)
    else if (!this.#pushBytes(character, 0, 1, symbols)) return false
    return prefix === '' && suffix === '' && !symbols.ids.subarray(0, symbols.length).some((id) => merges.takesPart(id))
  }

  /** The characters of a word as symbols. */
  #split(word: string, symbols: Symbols): void {
    const { vocabulary, prefix, suffix, fuseUnk } = this.options
    let unkSince = -1
    for (let at = 0, end = 0; at < word.length; at = end) {
      end = at + unitsAt(word, at)
      let character = word.slice(at, end)
      if (prefix !== '' && at > 0) character = prefix + character
      if (suffix !== '' && end === word.length) character += suffix
      const id = vocabulary.idOf(character)
      if (id !== undefined) symbols.push(id, at, end)
      else if (!this.#pushBytes(character, at, end, symbols)) {
        if (this.#unkId === undefined) throw unknown(word.slice(at, end))
        const isFused = fuseUnk && unkSince >= 0
        if (isFused) symbols.ends[symbols.length - 1] = end
        else symbols.push(this.#unkId, at, end)
        unkSince = at
        continue
      }
      unkSince = -1
    }
  }

  #pushBytes(character: string, start: number, end: number, symbols: Symbols): boolean {
    if (!this.options.byteFallback) return false
    const bytes = utf8.encode(character)
    if (bytes.some((byte) => this.#bytes[byte] === undefined)) return false
    for (const byte of bytes) symbols.push(this.#bytes[byte]!, start, end)
    return true
  }
}

export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

const unknown = (character: string): DataError =>
  new DataError({
    place: 'tokenizer',
    rule: 'each character must be in the vocabulary, which has no token for unknown ones',
    got: `${JSON.stringify(character)} (U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')})`,
    hint: 'leave the character out, or take a tokenizer that knows it',
  })

export const bpeFromJSON: Builder<Model> = part(
  {
    vocab: z.unknown(),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    dropout: z.number().nullish(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    fuse_unk: z.boolean().default(false),
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
  },
  (fields, place) => {
    if (fields.dropout) {
      const rule = 'must be null or 0: with dropout the same text gives other ids each time'
      throw new FormatError({ place: `${place}.dropout`, rule, got: `${fields.dropout}` })
    }
    const vocabulary = vocabularyFromJSON(fields.vocab, `${place}.vocab`)
    const unkToken = fields.unk_token ?? undefined
    // Where there is a token for every byte, nothing is unknown, and some files name a token of nowhere.
    const isComplete = BYTE_LETTERS.every((letter) => vocabulary.idOf(letter) !== undefined)
    if (unkToken !== undefined && !isComplete && vocabulary.idOf(unkToken) === undefined) {
      throw new FormatError({
        place: `${place}.unk_token`,
        rule: 'must be in the vocabulary',
        got: JSON.stringify(unkToken).slice(0, 100),
      })
    }
    const prefix = fields.continuing_subword_prefix ?? ''
    return new Bpe({
      vocabulary,
      merges: mergesOf(fields.merges, vocabulary, prefix, `${place}.merges`),
      unkToken,
      prefix,
      suffix: fields.end_of_word_suffix ?? '',
      fuseUnk: fields.fuse_unk,
      byteFallback: fields.byte_fallback,
      ignoreMerges: fields.ignore_merges,
    })
  },
)

/** Of a merge that stands there twice, the later counts. */
function mergesOf(list: readonly (string | [string, string])[], vocabulary: Vocabulary, prefix: string, place: string): Merges {
  const merges = new Merges(list.length)
  for (const [rank, merge] of list.entries()) {
    const [left, right, ...rest] = typeof merge === 'string' ? merge.split(' ') : merge
    const made = left + (right ?? '').slice(prefix.length)
    const [leftId, rightId, id] = [left, right ?? '', made].map((token) => vocabulary.idOf(token))
    if (rest.length > 0 || leftId === undefined || rightId === undefined || id === undefined) {
      throw new FormatError({
        place: `${place}.${rank}`,
        rule: 'must be two tokens of the vocabulary that together make a third one',
        got: JSON.stringify(merge).slice(0, 200),
      })
    }
    merges.set(leftId, rightId, rank, id)
  }
  return merges
}
