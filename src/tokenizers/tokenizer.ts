/** What a model that writes text needs of its tokenizer. */
export interface Tokenizer {
  /** Ids run from 0 to vocabSize - 1. */
  readonly vocabSize: number
  /** @throws DataError for a text that the vocabulary cannot express */
  encode(text: string): Int32Array
  /** @throws DataError for an id outside the vocabulary */
  decode(ids: ArrayLike<number>): string
  /** A token as tokenizer.json spells it. */
  tokenOf(id: number): string
  /** Decodes ids that come one by one. */
  decoder(): StreamingDecoder
  /** The content of a tokenizer.json. */
  toJSON(): unknown
}

/** What `push` and `finish` return is, put together, what `decode` makes of all ids; no piece ends within a code point. */
export interface StreamingDecoder {
  /** The text that is certain after one more id; '' while a code point is incomplete. */
  push(id: number): string
  /** What is left at the end. */
  finish(): string
}
