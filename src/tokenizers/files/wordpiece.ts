/** vocab.txt: WordPiece as BERT has it, a token a line. Its normaliser is described in tokenizer_config.json. */
import { ConfigError, FormatError } from '../../errors.ts'
import { addedTokensOf, type TokenizerConfig } from './config.ts'
import { idIn, type TokenizerJson, template, tokenizerJson, vocabOf } from './schema.ts'

/** Classes of transformers that cut words as BERT does. */
const CLASSES = [
  ...['Bert', 'DistilBert', 'Electra', 'MobileBert', 'SqueezeBert', 'ConvBert', 'LayoutLM', 'Lxmert', 'RetriBert'],
  ...['DPRReader', 'DPRQuestionEncoder', 'DPRContextEncoder', 'Nezha', 'PreTrained'],
].map((name) => `${name}Tokenizer`)

const NAMES = { unk: '[UNK]', sep: '[SEP]', pad: '[PAD]', cls: '[CLS]', mask: '[MASK]' } as const

/**
 * @param config  a bare vocab.txt lower-cases where no word in it has a capital letter
 * @throws FormatError for a vocabulary with a token twice, or without its special tokens; ConfigError for another class
 */
export function wordPieceJson(text: string, config: TokenizerConfig, place: string): TokenizerJson {
  const { tokenizerClass } = config
  if (tokenizerClass !== undefined && !CLASSES.includes(tokenizerClass)) {
    throw new ConfigError({
      place,
      rule: `a vocab.txt is read for ${CLASSES.join(', ')}`,
      got: tokenizerClass,
      hint: 'this tokenizer may cut words otherwise: convert it to a tokenizer.json with transformers',
    })
  }
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const vocab = vocabOf(lines, place)
  const lowercase = config.flag('do_lower_case') ?? (config.isGiven || !lines.some(isCapitalised))
  return wordPiece(vocab, config, { lowercase, stripAccents: config.flag('strip_accents') ?? null }, place)
}

type Options = { lowercase: boolean; stripAccents: boolean | null }

/** BERT's pipeline around a vocabulary. */
export function wordPiece(
  vocab: ReadonlyMap<string, number>,
  config: TokenizerConfig,
  { lowercase, stripAccents }: Options,
  place: string,
): TokenizerJson {
  const { unk, sep, cls, ...names } = { ...NAMES, ...config.tokens }
  if (!vocab.has(unk)) {
    const rule = 'a vocabulary of WordPiece has a token for what is not known'
    throw new FormatError({ place, rule, got: `no ${unk} among ${vocab.size} tokens`, hint: 'check that this is a vocab.txt' })
  }
  const added = addedTokensOf(vocab, config, place, [names.pad, unk, cls, sep, names.mask])
  const ids = new Map([...vocab, ...added.map(({ content, id }) => [content, id] as const)])
  return tokenizerJson({
    added_tokens: added,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.flag('tokenize_chinese_chars') ?? true,
      strip_accents: stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: template([cls], [sep], idIn(ids, place), { between: [sep] }),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unk,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  })
}

/** Not [CLS] or [unused1]. */
const isCapitalised = (token: string): boolean => !/^\[.*\]$/.test(token) && /\p{Lu}/u.test(token)
