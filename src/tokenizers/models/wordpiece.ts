/** WordPiece: the longest token that begins a word, then the longest that begins the rest. Schuster & Nakajima 2012; Devlin et al. 2019. */
import { z } from 'zod'
import { FormatError } from '../../errors.ts'
import { unitsAt } from '../aligned.ts'
import { type Builder, part } from '../schema.ts'
import type { Model, Token, Vocabulary } from './model.ts'
import { vocabularyFromJSON } from './vocabulary.ts'

export type WordPieceOptions = {
  vocabulary: Vocabulary
  unkId: number
  /** What tokens within a word begin with, in the vocabulary. */
  prefix: string
  /** Words of more characters are unknown as a whole. */
  maxInputCharsPerWord: number
}

export class WordPiece implements Model {
  readonly vocabulary: Vocabulary
  readonly #options: WordPieceOptions

  constructor(options: WordPieceOptions) {
    this.vocabulary = options.vocabulary
    this.#options = options
  }

  encode(word: string): number[] {
    return this.tokens(word).map(({ id }) => id)
  }

  tokens(word: string): Token[] {
    const { unkId, maxInputCharsPerWord } = this.#options
    const unknown = [{ id: unkId, start: 0, end: word.length }]
    if (word.length > maxInputCharsPerWord && Array.from(word).length > maxInputCharsPerWord) return unknown
    const tokens: Token[] = []
    for (let start = 0; start < word.length; start = tokens[tokens.length - 1].end) {
      const token = this.#longest(word, start)
      if (token === undefined) return unknown
      tokens.push(token)
    }
    return tokens
  }

  #longest(word: string, start: number): Token | undefined {
    const { vocabulary, prefix } = this.#options
    for (let end = word.length; end > start; ) {
      const part = word.slice(start, end)
      const id = vocabulary.idOf(start > 0 ? prefix + part : part)
      if (id !== undefined) return { id, start, end }
      end -= end - 2 >= start && unitsAt(word, end - 2) === 2 ? 2 : 1
    }
    return undefined
  }
}

export const wordPieceFromJSON: Builder<Model> = part(
  {
    vocab: z.unknown(),
    unk_token: z.string(),
    continuing_subword_prefix: z.string(),
    max_input_chars_per_word: z.number().int().min(0).max(1_000_000),
  },
  (fields, place) => {
    const vocabulary = vocabularyFromJSON(fields.vocab, `${place}.vocab`)
    const unkId = vocabulary.idOf(fields.unk_token)
    if (unkId === undefined) {
      const got = JSON.stringify(fields.unk_token).slice(0, 100)
      throw new FormatError({ place: `${place}.unk_token`, rule: 'must be in the vocabulary', got })
    }
    const { continuing_subword_prefix: prefix, max_input_chars_per_word: maxInputCharsPerWord } = fields
    return new WordPiece({ vocabulary, unkId, prefix, maxInputCharsPerWord })
  },
)
