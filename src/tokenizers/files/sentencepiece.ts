/**
 * SentencePiece models as a tokenizer.json: Kudo and Richardson 2018, "SentencePiece".
 *
 * The normaliser follows SentencePiece's own, not the shorter one that transformers write: spaces are stripped and joined as the
 * normaliser's flags say, and the ▁ before a text is put there whatever the text begins with.
 */
import { ConfigError, FormatError } from '../../errors.ts'
import { addedTokensOf, type TokenizerConfig } from './config.ts'
import { mergesOfScores } from './merges.ts'
import {
  type AddedToken,
  addedToken,
  bpe,
  type Component,
  idIn,
  sequence,
  splitBy,
  type TokenizerJson,
  template,
  tokenizerJson,
  vocabOf,
} from './schema.ts'
import type { Piece, SentencePieceModel } from './sentencepiece-model.ts'

type Around = { bos?: string; eos?: string; pair?: Parameters<typeof template>[3] }

/** What classes of transformers add to the pieces of their models, and around a text. */
const CLASSES: Readonly<Record<string, (model: SentencePieceModel, config: TokenizerConfig) => Around>> = {
  LlamaTokenizer: (model, config) => bosAndEos(model, config, true),
  CodeLlamaTokenizer: (model, config) => bosAndEos(model, config, true),
  GemmaTokenizer: (model, config) => bosAndEos(model, config, true),
  T5Tokenizer(model, { number }) {
    const extra = Math.min(number('extra_ids') ?? 100, 10_000)
    for (let i = extra - 1; i >= 0; i--) model.pieces.push({ piece: `<extra_id_${i}>`, score: 0, type: 'control' })
    return { eos: '</s>', pair: { secondType: 0 } }
  },
  /** The first three pieces in the order of fairseq, which moves all others up by one, and a mask at the end. */
  XLMRobertaTokenizer(model) {
    const control = (piece: string): Piece => ({ piece, score: 0, type: 'control' })
    const unknown: Piece = { piece: '<unk>', score: 0, type: 'unknown' }
    model.pieces.splice(0, 3, control('<s>'), control('<pad>'), control('</s>'), unknown)
    model.pieces.push(control('<mask>'))
    model.unkId = 3
    return { bos: '<s>', eos: '</s>', pair: { between: ['</s>', '</s>'], secondType: 0 } }
  },
}

/** Classes whose files are the pieces as they are. */
const PLAIN = ['PreTrainedTokenizer', 'GPTSw3Tokenizer', 'BertGenerationTokenizer', 'SentencePieceTokenizer']

/**
 * @param config  its class, where there is one, says which tokens stand around a text
 * @throws FormatError where pieces are doubled or missing; ConfigError for a class that is not known, or a model that pipelines
 *   cannot express
 */
export function sentencePieceJson(found: SentencePieceModel, config: TokenizerConfig, place: string): TokenizerJson {
  const model = { ...found, pieces: [...found.pieces] }
  const { bos, eos, pair } = adapt(model, config, place)
  const vocab = vocabOf(
    model.pieces.map(({ piece }) => piece),
    place,
  )
  const special = model.pieces.flatMap(({ piece, type }, id) =>
    type === 'control' || type === 'unknown' ? [addedToken(id, piece)] : [],
  )
  const named = addedTokensOf(vocab, config, place)
  const { added, ids } = together(vocab, special, named)
  const around = template(bos === undefined ? [] : [bos], eos === undefined ? [] : [eos], idIn(ids, place), pair)
  const json = spmJson(model, vocab, added, around, place)
  return config.flag('legacy') === false && model.modelType === 'bpe' ? withMetaspace(json, config) : json
}

/** Where transformers are told not to be `legacy`, only the beginning of a text gets a ▁, and not what follows a special token. */
function withMetaspace(json: TokenizerJson, config: TokenizerConfig): TokenizerJson {
  const prepend_scheme = (config.flag('add_prefix_space') ?? true) ? 'first' : 'never'
  return { ...json, normalizer: null, pre_tokenizer: { type: 'Metaspace', replacement: SPACE, prepend_scheme, split: false } }
}

function adapt(model: SentencePieceModel, config: TokenizerConfig, place: string): Around {
  const { tokenizerClass } = config
  if (tokenizerClass === undefined || PLAIN.includes(tokenizerClass)) return {}
  if (Object.hasOwn(CLASSES, tokenizerClass)) return CLASSES[tokenizerClass](model, config)
  throw new ConfigError({
    place,
    rule: `a SentencePiece model is read for ${[...Object.keys(CLASSES), ...PLAIN].join(', ')}`,
    got: tokenizerClass.slice(0, 100),
    hint: 'this tokenizer may number its tokens otherwise: convert it to a tokenizer.json with transformers',
  })
}

function bosAndEos({ pieces, bosId, eosId }: SentencePieceModel, { flag, tokens }: TokenizerConfig, addBos: boolean): Around {
  return {
    ...((flag('add_bos_token') ?? addBos) && { bos: tokens.bos ?? pieces[bosId]?.piece }),
    ...(flag('add_eos_token') && { eos: tokens.eos ?? pieces[eosId]?.piece }),
  }
}

/** Added tokens of the model and of the files beside it, which know more about theirs. */
function together(vocab: ReadonlyMap<string, number>, special: readonly AddedToken[], named: readonly AddedToken[]) {
  const byContent = new Map([...special, ...named].map((token) => [token.content, token]))
  const added = [...byContent.values()].sort((a, b) => a.id - b.id)
  return { added, ids: new Map([...vocab, ...added.map(({ content, id }) => [content, id] as const)]) }
}

/**
 * The pipeline of a SentencePiece model.
 *
 * @param added  tokens that are cut out of the text before anything else
 */
export function spmJson(
  model: Omit<SentencePieceModel, 'bosId' | 'eosId'>,
  vocab: ReadonlyMap<string, number>,
  added: AddedToken[],
  around: Component | null,
  place: string,
): TokenizerJson {
  const cutOut = new Set(added.map(({ content }) => content))
  const symbols = model.pieces
    .filter(({ piece, type }) => type === 'user-defined' && !cutOut.has(piece))
    .map(({ piece }) => piece)
  return tokenizerJson({
    added_tokens: added,
    normalizer: normalizerOf(model),
    pre_tokenizer: preTokenizerOf(model, symbols),
    post_processor: around,
    decoder: decoderOf(model),
    model: modelOf(model, vocab, symbols.length > 0, place),
  })
}

const SPACE = '▁'

const replace = (pattern: { Regex: string } | { String: string }, content: string): Component => ({
  type: 'Replace',
  pattern,
  content,
})

function normalizerOf({ normalizer, whitespaceAsSuffix }: Pick<SentencePieceModel, 'normalizer' | 'whitespaceAsSuffix'>) {
  const { charsmap, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces } = normalizer
  const space = escapeWhitespaces ? SPACE : ' '
  const steps: Component[] = []
  if (charsmap.length > 0) {
    steps.push({ type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') })
  }
  if (removeExtraWhitespaces) steps.push(replace({ Regex: '\\A +' }, ''), replace({ Regex: ' {2,}' }, ' '))
  if (addDummyPrefix && !whitespaceAsSuffix) steps.push({ type: 'Prepend', prepend: space })
  if (escapeWhitespaces) steps.push(replace({ String: ' ' }, SPACE))
  if (removeExtraWhitespaces) steps.push(replace({ Regex: `${space}+\\z` }, ''))
  if (addDummyPrefix && whitespaceAsSuffix) steps.push(replace({ Regex: '(?<=[\\s\\S])\\z' }, space))
  return sequence('normalizers', steps)
}

/** Words are cut only where the model is one of words; symbols that a user defined stand alone everywhere. */
function preTokenizerOf(
  { modelType, whitespaceAsSuffix }: Pick<SentencePieceModel, 'modelType' | 'whitespaceAsSuffix'>,
  symbols: string[],
) {
  const steps: Component[] = []
  if (symbols.length > 0 && modelType !== 'unigram') {
    const longestFirst = symbols.sort((a, b) => b.length - a.length)
    steps.push(splitBy(longestFirst.map((symbol) => symbol.replace(/[.*+?^${}()|[\]\\#-]/g, '\\$&')).join('|')))
  }
  if (modelType === 'word') {
    const behavior = whitespaceAsSuffix ? 'MergedWithPrevious' : 'MergedWithNext'
    steps.push({ type: 'Split', pattern: { String: SPACE }, behavior, invert: false })
  }
  return sequence('pretokenizers', steps)
}

function decoderOf({ byteFallback, whitespaceAsSuffix, normalizer }: Omit<SentencePieceModel, 'bosId' | 'eosId'>) {
  // Not Strip with `stop`: Hugging Face tokenizers crash on it where the text is empty.
  const outer = whitespaceAsSuffix ? replace({ Regex: ' \\z' }, '') : { type: 'Strip', content: ' ', start: 1, stop: 0 }
  return sequence('decoders', [
    replace({ String: SPACE }, ' '),
    ...(byteFallback ? [{ type: 'ByteFallback' }] : []),
    { type: 'Fuse' },
    ...(normalizer.addDummyPrefix ? [outer] : []),
  ])
}

function modelOf(
  { pieces, modelType, unkId, byteFallback }: Omit<SentencePieceModel, 'bosId' | 'eosId'>,
  vocab: ReadonlyMap<string, number>,
  hasSymbols: boolean,
  place: string,
): Component {
  if (byteFallback) checkBytes(vocab, place)
  if (modelType === 'unigram') {
    return { type: 'Unigram', unk_id: unkId, vocab: unigramScores(pieces, place), byte_fallback: byteFallback }
  }
  const unk_token = pieces[unkId].piece
  if (modelType === 'word') return { type: 'WordLevel', vocab: Object.fromEntries(vocab), unk_token }
  const mergeable = pieces.filter(({ type }) => type === 'normal' || type === 'unused')
  const merges = modelType === 'bpe' ? mergesOfScores(new Map(mergeable.map(({ piece, score }) => [piece, score]))) : []
  return bpe(vocab, merges, { unk_token, fuse_unk: true, byte_fallback: byteFallback, ignore_merges: hasSymbols })
}

/** Symbols that a user defined cost nothing, so that they win over any other way to read their characters, as in SentencePiece. */
function unigramScores(pieces: readonly Piece[], place: string): [string, number][] {
  const normal = pieces.filter(({ type }) => type === 'normal')
  if (normal.length === 0) throw new FormatError({ place, rule: 'a model has normal pieces', got: `${pieces.length} others` })
  if (pieces.some(({ type }) => type === 'unused')) {
    const hint = 'write the model without the pieces that are not to be used'
    throw new ConfigError({ place, rule: 'unused pieces of a Unigram model cannot be told apart', hint })
  }
  return pieces.map(({ piece, score, type }) => [piece, type === 'user-defined' ? 0 : score])
}

function checkBytes(vocab: ReadonlyMap<string, number>, place: string): void {
  for (let byte = 0; byte < 256; byte++) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
    if (!vocab.has(token)) throw new FormatError({ place, rule: 'with byte_fallback, each byte is a piece', got: `no ${token}` })
  }
}
