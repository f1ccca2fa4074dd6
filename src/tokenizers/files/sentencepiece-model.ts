/**
 * The wire format of SentencePiece's .model: a protobuf of pieces, and how text is normalised.
 *
 * Field numbers from https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { FormatError } from '../../errors.ts'

const PIECE_TYPES = [undefined, 'normal', 'unknown', 'control', 'user-defined', 'unused', 'byte'] as const
export type PieceType = Exclude<(typeof PIECE_TYPES)[number], undefined>
export type Piece = { piece: string; score: number; type: PieceType }

const MODEL_TYPES = [undefined, 'unigram', 'bpe', 'word', 'char'] as const

export type SentencePieceModel = {
  pieces: Piece[]
  modelType: Exclude<(typeof MODEL_TYPES)[number], undefined>
  byteFallback: boolean
  /** A space goes behind the word that it follows, not before the one that comes. */
  whitespaceAsSuffix: boolean
  unkId: number
  bosId: number
  eosId: number
  normalizer: Normalizer
}

export type Normalizer = {
  /** Rules of NFKC and the like, compiled; empty where characters stay. */
  charsmap: Uint8Array
  addDummyPrefix: boolean
  removeExtraWhitespaces: boolean
  escapeWhitespaces: boolean
}

/**
 * @throws FormatError where the bytes are not such a model, or contradict themselves
 */
export function readSentencePiece(bytes: Uint8Array, place: string): SentencePieceModel {
  const model: SentencePieceModel = {
    pieces: [],
    modelType: 'unigram',
    byteFallback: false,
    whitespaceAsSuffix: false,
    unkId: 0,
    bosId: 1,
    eosId: 2,
    normalizer: { charsmap: new Uint8Array(), addDummyPrefix: true, removeExtraWhitespaces: true, escapeWhitespaces: true },
  }
  try {
    readFields(bytes, {
      1: (r) => model.pieces.push(readPiece(r.bytes())),
      2: (r) => readTrainerSpec(r.bytes(), model),
      3: (r) => readNormalizer(r.bytes(), model.normalizer),
    })
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : undefined
    throw broken(place, 'the bytes must be those of a SentencePiece model', got, cause)
  }
  const unknown = model.pieces[model.unkId]
  if (unknown?.type !== 'unknown') {
    const got = unknown ? `a ${unknown.type} piece as number ${model.unkId}` : `${model.pieces.length} pieces`
    throw broken(place, 'a model has a piece for what is not known, where its trainer_spec says', got)
  }
  return model
}

/** Calls the reader of each field that is known, and passes over the others. */
function readFields(bytes: Uint8Array, fields: Readonly<Record<number, (r: BinaryReader) => unknown>>): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const reader = new BinaryReader(bytes, (text) => utf8.decode(text))
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (Object.hasOwn(fields, field)) fields[field](reader)
    else reader.skip(wireType, field)
  }
}

function readPiece(bytes: Uint8Array): Piece {
  const piece: Piece = { piece: '', score: 0, type: 'normal' }
  readFields(bytes, {
    1: (r) => (piece.piece = r.string()),
    2: (r) => (piece.score = r.float()),
    3: (r) => (piece.type = named(PIECE_TYPES, r.int32(), 'type of a piece')),
  })
  if (piece.piece === '' || !Number.isFinite(piece.score)) throw new RangeError('a piece without a text, or with a score of NaN')
  return piece
}

function readTrainerSpec(bytes: Uint8Array, model: SentencePieceModel): void {
  readFields(bytes, {
    3: (r) => (model.modelType = named(MODEL_TYPES, r.int32(), 'model_type')),
    24: (r) => (model.whitespaceAsSuffix = r.bool()),
    35: (r) => (model.byteFallback = r.bool()),
    40: (r) => (model.unkId = r.int32()),
    41: (r) => (model.bosId = r.int32()),
    42: (r) => (model.eosId = r.int32()),
  })
}

function readNormalizer(bytes: Uint8Array, normalizer: Normalizer): void {
  readFields(bytes, {
    2: (r) => (normalizer.charsmap = r.bytes()),
    3: (r) => (normalizer.addDummyPrefix = r.bool()),
    4: (r) => (normalizer.removeExtraWhitespaces = r.bool()),
    5: (r) => (normalizer.escapeWhitespaces = r.bool()),
  })
}

function named<Name>(names: readonly (Name | undefined)[], number: number, what: string): Name {
  const name = names[number]
  if (name === undefined) throw new RangeError(`${what} ${number} is not known`)
  return name
}

function broken(place: string, rule: string, got?: string, cause?: unknown): FormatError {
  const hint = 'the file is damaged, or not a .model of SentencePiece'
  return new FormatError({ place, rule, hint, cause, ...(got !== undefined && { got }) })
}
