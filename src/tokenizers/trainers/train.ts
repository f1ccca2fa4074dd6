/** From texts to a whole tokenizer.json: normaliser, pre-tokenizer, model, post-processor, decoder, added tokens. */
import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '../../errors.ts'
import { normalizerFromJSON } from '../normalizers/index.ts'
import { preTokenizerFromJSON } from '../pre-tokenizers/index.ts'
import { wordsOf } from '../pre-tokenizers/step.ts'
import { addedToken } from '../tokenizer-json.ts'
import { trainBpe } from './bpe.ts'
import { BYTE_TOKENS } from './byte-tokens.ts'
import { countWords, type Texts, type WordCounts } from './count-words.ts'
import type { Watch } from './pace.ts'
import { type PipelineJSON, type Preset, presetOf, TRAINABLE_MODELS, type TrainableModel } from './presets.ts'
import { trainUnigram } from './unigram.ts'
import { compareCodePoints, trainWordLevel } from './word-level.ts'

export type TrainTokenizerOptions = Watch & {
  model: TrainableModel
  /** All tokens together. Default 30,000; for words and characters all there are. */
  vocabSize?: number
  /** Pairs or words that occur less often become no token. Default 0. */
  minFrequency?: number
  /** Tokens that come first; default those of the model that the pipeline is taken from. */
  specialTokens?: readonly string[]
  /** How many characters are kept, the most frequent ones. Default all. */
  limitAlphabet?: number
  initialAlphabet?: Iterable<string>
  continuingSubwordPrefix?: string
  endOfWordSuffix?: string
  /** In characters. */
  maxTokenLength?: number
  /** Tokens for all bytes, for characters that are none: BPE and Unigram, as SentencePiece has it. */
  byteFallback?: boolean
  /** Default true for WordPiece and words. */
  lowercase?: boolean
  /** Parts of the tokenizer.json in place of the model's own. */
  pipeline?: Partial<PipelineJSON>
}

type OptionName = Exclude<keyof TrainTokenizerOptions, 'model' | keyof Watch>

const COMMON: readonly OptionName[] = ['vocabSize', 'specialTokens', 'pipeline']
const MERGING: readonly OptionName[] = [...COMMON, 'minFrequency', 'limitAlphabet', 'initialAlphabet', 'lowercase']

/** What each model has a use for. */
const USED: Readonly<Record<TrainableModel, readonly OptionName[]>> = {
  bpe: [...MERGING, 'maxTokenLength', 'byteFallback', 'continuingSubwordPrefix', 'endOfWordSuffix'],
  wordpiece: [...MERGING, 'maxTokenLength', 'continuingSubwordPrefix'],
  unigram: [...COMMON, 'initialAlphabet', 'lowercase', 'maxTokenLength', 'byteFallback'],
  word: [...COMMON, 'minFrequency', 'lowercase'],
  char: [...COMMON, 'minFrequency'],
}

const VOCAB_SIZE = 30_000

/**
 * Trains a tokenizer.
 *
 * BPE: the pipeline of GPT-2, or with `byteFallback` that of Llama; WordPiece: BERT's; Unigram: T5's; words: BERT's without subwords;
 * characters: each code point. The result does not hang on the order of the texts.
 *
 * @param texts  read once, one at a time
 * @returns the content of a tokenizer.json, for `tokenizerFromJSON` and for Hugging Face tokenizers
 * @throws ConfigError for an option that makes no sense, or that the model has no use for
 * @throws DataError where the texts have no word, or half a character
 */
export async function trainTokenizer(texts: Texts, options: TrainTokenizerOptions): Promise<Record<string, unknown>> {
  checkOptions(options)
  const preset = presetOf(options.model, options)
  const parts: PipelineJSON = {
    normalizer: preset.normalizer,
    pre_tokenizer: preset.pre_tokenizer,
    post_processor: preset.post_processor,
    decoder: preset.decoder,
    ...options.pipeline,
  }
  const specialTokens = options.specialTokens ?? preset.specialTokens
  const words = await countPipelineWords(texts, parts, preset, options)
  const model = await trainModel(words, { ...options, specialTokens }, preset)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => addedToken(id, content)),
    ...parts,
    model,
  }
}

function checkOptions(options: TrainTokenizerOptions): void {
  const { model } = options
  if (!TRAINABLE_MODELS.includes(model)) {
    throw new ConfigError({
      place: 'model',
      rule: `must be one of ${TRAINABLE_MODELS.join(', ')}`,
      got: `${model}`.slice(0, 100),
    })
  }
  const known = ['model', 'onProgress', 'signal', ...USED[model]]
  const unused = Object.entries(options).find(([name, value]) => value !== undefined && !known.includes(name))
  if (unused === undefined) return
  throw new ConfigError({
    place: unused[0],
    rule: `has no use with the model ${model}`,
    hint: `options of it: ${USED[model].join(', ')}`,
  })
}

/** By the same parts that will encode; their words do not reach over the borders of a preset's parts of text. */
async function countPipelineWords(texts: Texts, parts: PipelineJSON, preset: Preset, watch: Watch): Promise<WordCounts> {
  const normalizer = parts.normalizer === null ? undefined : normalizerFromJSON(parts.normalizer, 'pipeline: normalizer')
  const steps = parts.pre_tokenizer === null ? [] : preTokenizerFromJSON(parts.pre_tokenizer, 'pipeline: pre_tokenizer')
  const words = (text: string) => wordsOf(steps, normalizer?.plain(text) ?? text, true)
  const isOwn = (part: 'normalizer' | 'pre_tokenizer') => isDeepStrictEqual(parts[part], preset[part])
  const cutBefore = isOwn('normalizer') && isOwn('pre_tokenizer') ? preset.cutBefore : undefined
  return countWords(texts, words, { ...watch, cutBefore })
}

type ModelOptions = TrainTokenizerOptions & { specialTokens: readonly string[] }

async function trainModel(words: WordCounts, options: ModelOptions, preset: Preset): Promise<Record<string, unknown>> {
  const unkToken = preset.unkToken !== undefined && options.specialTokens.includes(preset.unkToken) ? preset.unkToken : undefined
  const sized = { initialAlphabet: preset.initialAlphabet, ...options, vocabSize: options.vocabSize ?? VOCAB_SIZE }
  if (options.model === 'bpe') {
    const byteTokens = options.byteFallback ? BYTE_TOKENS : []
    const { tokens, merges } = await trainBpe(words, { ...sized, specialTokens: [...options.specialTokens, ...byteTokens] })
    return bpeModel(vocabOf(tokens), merges, unkToken, options)
  }
  if (options.model === 'wordpiece') {
    const prefix = options.continuingSubwordPrefix ?? '##'
    const { tokens } = await trainBpe(words, { ...sized, continuingSubwordPrefix: prefix })
    const rest = { continuing_subword_prefix: prefix, max_input_chars_per_word: 100 }
    return { type: 'WordPiece', unk_token: preset.unkToken, ...rest, vocab: vocabOf(tokens) }
  }
  if (options.model === 'unigram') {
    const { pieces, unkId } = await trainUnigram(words, { ...sized, maxPieceLength: options.maxTokenLength, unkToken })
    return { type: 'Unigram', unk_id: unkId ?? null, vocab: pieces, byte_fallback: options.byteFallback ?? false }
  }
  const tokens = trainWordLevel(words, options)
  const { length } = options.specialTokens
  if (options.model === 'char') tokens.splice(length, tokens.length, ...tokens.slice(length).sort(compareCodePoints))
  return { type: 'WordLevel', vocab: vocabOf(tokens), unk_token: preset.unkToken }
}

const vocabOf = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]))

function bpeModel(
  vocab: Record<string, number>,
  merges: readonly [string, string][],
  unkToken: string | undefined,
  options: ModelOptions,
) {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: unkToken ?? null,
    continuing_subword_prefix: options.continuingSubwordPrefix ?? null,
    end_of_word_suffix: options.endOfWordSuffix ?? null,
    fuse_unk: options.byteFallback ?? false,
    byte_fallback: options.byteFallback ?? false,
    ignore_merges: false,
    vocab,
    merges,
  }
}
