/** Words as tokens: what is not in the vocabulary is unknown as a whole. */
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { type Builder, part } from '../schema.ts'
import type { Model, Token, Vocabulary } from './model.ts'
import { vocabularyFromJSON } from './vocabulary.ts'

export class WordLevel implements Model {
  readonly vocabulary: Vocabulary
  readonly #unkId: number | undefined

  /** @param unkToken  may be missing from the vocabulary, which is then a closed one */
  constructor(vocabulary: Vocabulary, unkToken: string) {
    this.vocabulary = vocabulary
    this.#unkId = vocabulary.idOf(unkToken)
  }

  encode(word: string): number[] {
    const id = this.vocabulary.idOf(word) ?? this.#unkId
    if (id !== undefined) return [id]
    throw new DataError({
      place: 'tokenizer',
      rule: 'each word must be in the vocabulary, which has no token for unknown ones',
      got: JSON.stringify(word).slice(0, 200),
      hint: 'leave the word out, or take a tokenizer that knows it',
    })
  }

  tokens(word: string): Token[] {
    return [{ id: this.encode(word)[0], start: 0, end: word.length }]
  }
}

export const wordLevelFromJSON: Builder<Model> = part(
  { vocab: z.unknown(), unk_token: z.string() },
  ({ vocab, unk_token }, place) => new WordLevel(vocabularyFromJSON(vocab, `${place}.vocab`), unk_token),
)
