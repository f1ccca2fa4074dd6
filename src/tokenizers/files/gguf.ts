/** Vocabularies of GGUF files: the keys `tokenizer.ggml.*`, read as llama.cpp reads them. */
import { ConfigError, FormatError } from '../../errors.ts'
import { type TokenizerConfig, tokenizerConfig } from './config.ts'
import { booleanOf, bytesOf, type Keys, numberOf, numbersOf, stringOf, stringsOf } from './gguf-keys.ts'
import { PRE_TOKENIZERS, type PreTokenizer } from './gguf-pre.ts'
import { type Merge, mergesOfRanks } from './merges.ts'
import {
  type AddedToken,
  addedToken,
  bpe,
  byteLevel,
  type Component,
  idIn,
  sequence,
  splitBy,
  type TokenizerJson,
  template,
  tokenizerJson,
  vocabOf,
} from './schema.ts'
import { spmJson } from './sentencepiece.ts'
import type { Piece, PieceType } from './sentencepiece-model.ts'
import { wordPiece } from './wordpiece.ts'

/** By the numbers of `tokenizer.ggml.token_type`. */
const TYPES: readonly PieceType[] = ['normal', 'normal', 'unknown', 'control', 'user-defined', 'unused', 'byte']

/** The keys of a vocabulary, each checked for its type. */
type Vocabulary = {
  place: string
  pieces: readonly Piece[]
  vocab: ReadonlyMap<string, number>
  keys: Keys
}

/**
 * The vocabulary of a GGUF file as a tokenizer.json.
 *
 * @throws FormatError where a key is missing, of another type, or contradicts another; ConfigError for a kind of vocabulary or the
 *   name of a pre-tokeniser that is not known
 */
export function ggufJson(metadata: Keys, place: string): unknown {
  const whole = stringOf(metadata, 'tokenizer.huggingface.json', place)
  if (whole !== undefined) return parseWhole(whole, place)
  const kind = stringOf(metadata, 'tokenizer.ggml.model', place)
  const make = kind !== undefined && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (make) return make(readVocabulary(metadata, place))
  throw new ConfigError({
    place,
    rule: `tokenizer.ggml.model is one of ${Object.keys(KINDS).join(', ')}`,
    got: kind === undefined ? 'no such key' : JSON.stringify(kind.slice(0, 100)),
    hint: 'use a tokenizer.json of the same model',
  })
}

/** A tokenizer.json as it is goes before what llama.cpp made of it. */
function parseWhole(json: string, place: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    const got = (cause as Error).message
    throw new FormatError({ place, rule: 'tokenizer.huggingface.json is a tokenizer.json', got, cause })
  }
}

const KINDS: Readonly<Record<string, (vocabulary: Vocabulary) => TokenizerJson>> = {
  gpt2: (vocabulary) => bytePairs(vocabulary, preTokenizerOf(vocabulary)),
  gemma4: (vocabulary) => bytePairs(vocabulary, PRE_TOKENIZERS.get('gemma4')!),
  llama: (vocabulary) => spm(vocabulary, 'bpe'),
  t5: (vocabulary) => spm(vocabulary, 'unigram'),
  bert: wordPieces,
}

/** What tokenizer_config.json would say: the special tokens by what they are for. */
export function ggufConfig(metadata: Keys, place: string): TokenizerConfig {
  const tokens = stringsOf(metadata, 'tokenizer.ggml.tokens', place)
  const key = { bos: 'bos', eos: 'eos', unk: 'unknown', sep: 'seperator', pad: 'padding', cls: 'cls', mask: 'mask' }
  const named = Object.entries(key).flatMap(([role, name]) => {
    const id = numberOf(metadata, `tokenizer.ggml.${name}_token_id`, place)
    return id !== undefined && tokens[id] !== undefined ? [[`${role}_token`, tokens[id]] as const] : []
  })
  return tokenizerConfig({ config: Object.fromEntries(named), place })
}

function readVocabulary(keys: Keys, place: string): Vocabulary {
  const tokens = stringsOf(keys, 'tokenizer.ggml.tokens', place).map((token, id) => token || `[EMPTY_${id}]`)
  const scores = numbersOf(keys, 'tokenizer.ggml.scores', tokens.length, place)
  const types = numbersOf(keys, 'tokenizer.ggml.token_type', tokens.length, place)
  const pieces = tokens.map((piece, id) => ({ piece, score: scores?.[id] ?? 0, type: TYPES[types?.[id] ?? 1] ?? 'normal' }))
  if (!pieces.every(({ score }) => Number.isFinite(score))) {
    throw new FormatError({ place, rule: 'tokenizer.ggml.scores are finite numbers', got: 'another' })
  }
  return { place, pieces, keys, vocab: vocabOf(tokens, `${place}: tokenizer.ggml.tokens`) }
}

function preTokenizerOf({ keys, place }: Vocabulary): PreTokenizer {
  const name = stringOf(keys, 'tokenizer.ggml.pre', place) ?? 'default'
  const found = PRE_TOKENIZERS.get(name)
  if (found) return found
  throw new ConfigError({
    place,
    rule: `tokenizer.ggml.pre names a pre-tokeniser that is known: ${[...PRE_TOKENIZERS.keys()].join(', ')}`,
    got: JSON.stringify(name.slice(0, 100)),
    hint: 'use a tokenizer.json of the same model',
  })
}

function bytePairs(vocabulary: Vocabulary, { patterns, ignoreMerges, spaces, addBos }: PreTokenizer): TokenizerJson {
  const { vocab, pieces, place } = vocabulary
  const merges = readMerges(vocabulary)
  const unk_token = spaces ? pieces.find(({ type }) => type === 'unknown')?.piece : undefined
  return tokenizerJson({
    added_tokens: addedOf(pieces),
    normalizer: spaces ? { type: 'Replace', pattern: { String: ' ' }, content: '▁' } : null,
    pre_tokenizer: sequence('pretokenizers', [...patterns.map(splitBy), ...(spaces ? [] : [byteLevel()])]),
    post_processor: aroundOf(vocabulary, { bos: addBos }),
    decoder: spaces
      ? sequence('decoders', [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
        ])
      : byteLevel({ gpt2: true }),
    model: bpe(vocab, merges ?? mergesOfOrder(vocab, pieces, place), {
      ignore_merges: ignoreMerges ?? false,
      ...(spaces && { byte_fallback: true, fuse_unk: true, unk_token: unk_token ?? null }),
    }),
  })
}

function spm(vocabulary: Vocabulary, modelType: 'bpe' | 'unigram'): TokenizerJson {
  const { vocab, pieces, keys, place } = vocabulary
  const unkId = pieces.findIndex(({ type }) => type === 'unknown')
  if (unkId < 0) throw new FormatError({ place, rule: 'a vocabulary of SentencePiece has an unknown token', got: 'none' })
  const normalizer = {
    charsmap: bytesOf(keys, 'tokenizer.ggml.precompiled_charsmap', place),
    addDummyPrefix: booleanOf(keys, 'tokenizer.ggml.add_space_prefix', place) ?? modelType === 'bpe',
    removeExtraWhitespaces: booleanOf(keys, 'tokenizer.ggml.remove_extra_whitespaces', place) ?? false,
    escapeWhitespaces: true,
  }
  const usable = modelType === 'unigram' ? withFillers(pieces) : pieces
  const model = {
    pieces: [...usable],
    modelType,
    byteFallback: vocab.has('<0x00>'),
    whitespaceAsSuffix: false,
    unkId,
    normalizer,
  }
  const around = aroundOf(vocabulary, modelType === 'bpe' ? { bos: true } : { eos: true })
  return spmJson(model, vocab, addedOf(usable), around, place)
}

/**
 * Unused pieces, which fill up a vocabulary, count as normal ones in llama.cpp. What is unknown scores below the worst normal piece, and
 * fillers must not draw that down.
 */
function withFillers(pieces: readonly Piece[]): readonly Piece[] {
  const worst = pieces.reduce((min, { score, type }) => (type === 'normal' ? Math.min(min, score) : min), 0)
  return pieces.map((piece) =>
    piece.type === 'unused' ? { ...piece, type: 'normal', score: Math.max(piece.score, worst) } : piece,
  )
}

/** Words begin with ▁ here where BERT's own vocabulary marks what goes on with ##. */
function wordPieces(vocabulary: Vocabulary): TokenizerJson {
  const { pieces, keys, place } = vocabulary
  const isName = (token: string) => token.startsWith('[') && token.endsWith(']')
  const tokens = pieces.map(({ piece }) => (piece.startsWith('▁') ? piece.slice(1) : isName(piece) ? piece : `##${piece}`))
  const lowercase = booleanOf(keys, 'tokenizer.ggml.normalizer.lowercase', place) ?? true
  const stripAccents = booleanOf(keys, 'tokenizer.ggml.normalizer.strip_accents', place) ?? lowercase
  return wordPiece(vocabOf(tokens, place), ggufConfig(keys, place), { lowercase, stripAccents }, place)
}

const addedOf = (pieces: readonly Piece[]): AddedToken[] =>
  pieces.flatMap(({ piece, type }, id) => {
    if (type === 'user-defined') return [addedToken(id, piece, false)]
    return type === 'control' || type === 'unknown' ? [addedToken(id, piece)] : []
  })

/** @param usual  what stands around a text where no key says so */
function aroundOf({ keys, vocab, pieces, place }: Vocabulary, usual: { bos?: boolean; eos?: boolean }): Component | null {
  const token = (role: 'bos' | 'eos'): string[] => {
    if (!(booleanOf(keys, `tokenizer.ggml.add_${role}_token`, place) ?? usual[role])) return []
    const key = `tokenizer.ggml.${role}_token_id`
    const id = numberOf(keys, key, place)
    if (id === undefined) return []
    if (pieces[id]) return [pieces[id].piece]
    throw new FormatError({ place, rule: `${key} is the id of a token`, got: `${id}, with ${pieces.length} tokens` })
  }
  return template(token('bos'), token('eos'), idIn(vocab, place))
}

function readMerges({ keys, place }: Vocabulary): Merge[] | undefined {
  if (!keys.has('tokenizer.ggml.merges')) return undefined
  return stringsOf(keys, 'tokenizer.ggml.merges', place).map((merge, i) => {
    const cut = merge.indexOf(' ', 1)
    if (cut > 0 && cut < merge.length - 1) return [merge.slice(0, cut), merge.slice(cut + 1)] as const
    const rule = 'a merge is two tokens with a space between'
    throw new FormatError({
      place: `${place}: tokenizer.ggml.merges, number ${i}`,
      rule,
      got: JSON.stringify(merge.slice(0, 100)),
    })
  })
}

/** Without merges, as Kimi K2 has it, the ids are the ranks. */
function mergesOfOrder(vocab: ReadonlyMap<string, number>, pieces: readonly Piece[], place: string): Merge[] {
  if (!vocab.has('Ġ')) throw new FormatError({ place, rule: 'a vocabulary of BPE has tokenizer.ggml.merges', got: 'none' })
  return mergesOfRanks(new Map([...vocab].filter(([, id]) => pieces[id].type === 'normal')))
}
