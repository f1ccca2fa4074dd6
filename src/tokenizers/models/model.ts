/** A token of a word: its id, the UTF-16 units of the word that it stands for, and its text where that is not the vocabulary's. */
export type Token = { id: number; start: number; end: number; text?: string }

/** What makes tokens of words, and knows the vocabulary. */
export interface Model {
  readonly vocabulary: Vocabulary
  /** The ids of a word that is not empty. @throws DataError where the vocabulary cannot express it */
  encode(word: string): ArrayLike<number>
  /** The same with where each token stands. */
  tokens(word: string): Token[]
}

/** Tokens and their ids, each of which is the other's only one. */
export interface Vocabulary {
  readonly size: number
  /** The highest id; -1 where there is none. */
  readonly lastId: number
  idOf(token: string): number | undefined
  tokenOf(id: number): string | undefined
}
