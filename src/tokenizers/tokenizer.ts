/** Text to token ids and back. */
export interface Tokenizer {
  readonly vocabSize: number
  encode(text: string): Int32Array
  decode(ids: Iterable<number>): string
  /** How a token is shown: its text, or a stand-in where it is none. */
  tokenOf(id: number): string
  /** Decodes ids that come one by one. */
  decoder(): StreamingDecoder
  /** The content of a tokenizer.json. */
  toJSON(): unknown
}

/** Gives text as soon as it is certain; a code point is never split. */
export interface StreamingDecoder {
  push(id: number): string
  /** What was held back, when nothing more comes. */
  finish(): string
}
