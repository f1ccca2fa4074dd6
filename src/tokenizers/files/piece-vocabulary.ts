/**
 * Tokenizers in which SentencePiece cuts a text into pieces, and a vocab.json of its own gives these their ids, as Marian and M2M-100 have
 * it. What is no piece is looked up as the text has it: the vocabulary may hold pieces of another model, too.
 */
import { ConfigError } from '../../errors.ts'
import { PipelineTokenizer } from '../pipeline.ts'
import type { StreamingDecoder, Tokenizer } from '../tokenizer.ts'
import { type AddedToken, tokenizerJson } from './schema.ts'
import { spmJson } from './sentencepiece.ts'
import type { SentencePieceModel } from './sentencepiece-model.ts'

export type PieceVocabulary = {
  model: SentencePieceModel
  /** Piece → id; `unknown` is one of them. */
  vocab: ReadonlyMap<string, number>
  unknown: string
  /** Tokens that are cut out of a text before anything else, with their ids. */
  added: readonly AddedToken[]
  place: string
}

/** Spaces are written as ▁ before a text is cut, so that nothing is cut into a piece that holds one. */
const NEVER = ' '

export class PieceTokenizer implements Tokenizer {
  /** Token → id. */
  readonly vocabulary: ReadonlyMap<string, number>
  /** Cuts a text into pieces, which it numbers as SentencePiece does, and added tokens behind these. */
  readonly #pieces: PipelineTokenizer
  /** Our id of each; −1 for what is no piece. */
  readonly #ids: Int32Array
  /** The vocabulary alone, to decode with. */
  readonly #words: PipelineTokenizer
  readonly #unknown: number

  constructor({ model, vocab, unknown, added, place }: PieceVocabulary) {
    const all = new Map([...vocab, ...added.map(({ content, id }) => [content, id] as const)])
    this.vocabulary = all
    this.#unknown = all.get(unknown)!
    // SentencePiece reads no control pieces in a text.
    const pieces = model.pieces.map((piece) =>
      piece.type === 'control' || piece.type === 'unknown' ? { ...piece, piece: NEVER + piece.piece } : piece,
    )
    const numbered = new Map(pieces.map(({ piece }, i) => [piece, i]))
    const behind = added.map((token, i) => ({ ...token, id: pieces.length + i }))
    const json = spmJson({ ...model, pieces }, numbered, behind, null, place)
    this.#pieces = PipelineTokenizer.fromJSON(json, place)
    this.#ids = Int32Array.from(
      [...model.pieces.map(({ piece }) => piece), ...added.map(({ content }) => content)],
      (piece, i) => (i === model.unkId ? -1 : (all.get(piece) ?? this.#unknown)),
    )
    const words = { type: 'WordLevel', vocab: Object.fromEntries(vocab), unk_token: unknown }
    const parts = { added_tokens: [...added], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: json.decoder }
    this.#words = PipelineTokenizer.fromJSON(tokenizerJson({ ...parts, model: words }), place)
  }

  get vocabSize(): number {
    return this.#words.vocabSize
  }

  encode(text: string): Int32Array {
    const ids = this.#pieces.encode(text).map((piece) => this.#ids[piece])
    if (!ids.includes(-1)) return ids
    const { ids: pieces, tokens } = this.#pieces.encoding(text)
    return Int32Array.from(pieces, (piece, i) =>
      this.#ids[piece] < 0 ? (this.vocabulary.get(tokens[i]) ?? this.#unknown) : this.#ids[piece],
    )
  }

  decode(ids: ArrayLike<number>): string {
    return this.#words.decode(ids)
  }

  tokenOf(id: number): string {
    return this.#words.tokenOf(id)
  }

  decoder(): StreamingDecoder {
    return this.#words.decoder()
  }

  toJSON(): never {
    throw new ConfigError({
      place: 'tokenizer',
      rule: 'SentencePiece models with a vocabulary of their own cannot be written as one tokenizer.json',
      hint: 'copy the .spm or .model files and vocab.json instead',
    })
  }
}
