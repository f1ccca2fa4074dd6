/** vocab.json with merges.txt: byte-level BPE. Which text is cut how depends on the class that tokenizer_config.json names. */
import { ConfigError, FormatError } from '../../errors.ts'
import { BYTE_LETTERS } from '../byte-letters.ts'
import { addedTokensOf, type TokenizerConfig } from './config.ts'
import type { Merge } from './merges.ts'
import { bpe, byteLevel, type Component, idIn, sequence, splitBy, type TokenizerJson, template, tokenizerJson } from './schema.ts'
import { PATTERNS } from './tiktoken.ts'

/** Everything around the vocabulary and the merges of a family. */
type Family = (config: TokenizerConfig, idOf: (token: string) => number) => Pipeline
type Pipeline = {
  normalizer?: Component
  pre_tokenizer: Component
  post_processor: Component | null
  model?: object
}
/** A family with the special tokens that its vocabularies usually have. */
type Kind = { family: Family; usual: readonly string[] }

const gpt2: Family = ({ flag, tokens: { bos = '<|endoftext|>' } }, idOf) => ({
  pre_tokenizer: byteLevel({ prefix: flag('add_prefix_space') ?? false, gpt2: true }),
  post_processor: flag('add_bos_token') ? template([bos], [], idOf, { between: [] }) : byteLevel({ trim: false, gpt2: true }),
})

const roberta: Family = ({ flag, tokens: { cls = '<s>', sep = '</s>' } }, idOf) => ({
  pre_tokenizer: byteLevel({ prefix: flag('add_prefix_space') ?? false, gpt2: true }),
  post_processor: {
    type: 'RobertaProcessing',
    sep: [sep, idOf(sep)],
    cls: [cls, idOf(cls)],
    trim_offsets: true,
    add_prefix_space: flag('add_prefix_space') ?? false,
  },
})

const deberta: Family = ({ flag, tokens: { cls = '[CLS]', sep = '[SEP]' } }, idOf) => ({
  pre_tokenizer: byteLevel({ prefix: flag('add_prefix_space') ?? false, gpt2: true }),
  post_processor: template([cls], [sep], idOf, { between: [sep] }),
})

const qwen2: Family = ({ flag }) => ({
  normalizer: { type: 'NFC' },
  pre_tokenizer: sequence('pretokenizers', [splitBy(PATTERNS.qwen2), byteLevel({ prefix: flag('add_prefix_space') ?? false })])!,
  post_processor: byteLevel({ trim: false, gpt2: true }),
})

const clip: Family = ({ tokens: { bos = '<|startoftext|>', eos = '<|endoftext|>', unk = eos } }, idOf) => ({
  normalizer: sequence('normalizers', [
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Lowercase' },
  ])!,
  pre_tokenizer: sequence('pretokenizers', [
    {
      type: 'Split',
      pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
      behavior: 'Removed',
      invert: true,
    },
    byteLevel({ gpt2: true }),
  ])!,
  post_processor: {
    type: 'RobertaProcessing',
    sep: [eos, idOf(eos)],
    cls: [bos, idOf(bos)],
    trim_offsets: false,
    add_prefix_space: false,
  },
  model: { unk_token: unk, continuing_subword_prefix: '', end_of_word_suffix: '</w>' },
})

const GPT2: Kind = { family: gpt2, usual: ['<|endoftext|>'] }
const ROBERTA: Kind = { family: roberta, usual: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'] }
const CLIP: Kind = { family: clip, usual: ['<|startoftext|>', '<|endoftext|>'] }

const CLASSES: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(['GPT2', 'CodeGen', 'GPTNeoX'].map((name) => [`${name}Tokenizer`, GPT2])),
  ...Object.fromEntries(
    ['Roberta', 'Bart', 'Longformer', 'LED', 'Mvp', 'Blenderbot'].map((name) => [`${name}Tokenizer`, ROBERTA]),
  ),
  DebertaTokenizer: { family: deberta, usual: ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]'] },
  Qwen2Tokenizer: { family: qwen2, usual: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] },
  CLIPTokenizer: CLIP,
}

/**
 * vocab.json and merges.txt as a tokenizer.json.
 *
 * Without a class, a vocabulary with `</w>` is read as CLIP's, one with <s>, </s> and <mask> as RoBERTa's, others as GPT-2's.
 *
 * @param vocabJson  the parsed vocab.json
 * @throws FormatError where a file is damaged, ConfigError for a class that is not known
 */
export function byteLevelJson(vocabJson: unknown, merges: string, config: TokenizerConfig, place: string): TokenizerJson {
  const vocab = readVocab(vocabJson, `${place}: vocab.json`)
  const { family, usual } = kindOf(vocab, config, place)
  const added = addedTokensOf(vocab, config, place, usual)
  const ids = new Map([...vocab, ...added.map(({ content, id }) => [content, id] as const)])
  const { normalizer = null, model, ...around } = family(config, idIn(ids, place))
  return tokenizerJson({
    added_tokens: added,
    normalizer,
    ...around,
    decoder: byteLevel({ gpt2: true }),
    model: bpe(vocab, readMerges(merges, place), model),
  })
}

function kindOf(vocab: ReadonlyMap<string, number>, { tokenizerClass }: TokenizerConfig, place: string): Kind {
  if (tokenizerClass !== undefined && tokenizerClass !== 'PreTrainedTokenizer') {
    if (Object.hasOwn(CLASSES, tokenizerClass)) return CLASSES[tokenizerClass]
    throw new ConfigError({
      place,
      rule: `vocab.json with merges.txt is read for ${Object.keys(CLASSES).join(', ')}`,
      got: tokenizerClass.slice(0, 100),
      hint: 'this tokenizer may cut text otherwise: convert it to a tokenizer.json with transformers',
    })
  }
  if (vocab.has('a</w>')) return CLIP
  const missing = BYTE_LETTERS.findIndex((letter) => !vocab.has(letter))
  if (missing >= 0) {
    const rule = 'a byte-level vocabulary has a token for each of the 256 bytes'
    throw new FormatError({ place, rule, got: `none for the byte ${missing}`, hint: 'name its class in tokenizer_config.json' })
  }
  return ['<s>', '</s>', '<mask>'].every((token) => vocab.has(token)) ? ROBERTA : GPT2
}

/** Tokens and their ids, in the order of these. */
export function readVocab(json: unknown, place: string): Map<string, number> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  const entries = isObject ? Object.entries(json) : []
  const wrong = entries.find(([, id]) => !Number.isInteger(id) || id < 0 || id >= 2 ** 31)
  if (entries.length === 0 || wrong) {
    const got = wrong ? `${wrong[1]} for ${JSON.stringify(wrong[0].slice(0, 100))}`.slice(0, 200) : 'none'
    throw new FormatError({ place, rule: 'must be an object of tokens with their ids', got })
  }
  const tokens = new Map<number, string>()
  for (const [token, id] of entries as [string, number][]) {
    const other = tokens.get(id)
    if (other !== undefined) {
      const got = `${id} for ${JSON.stringify(other.slice(0, 50))} and ${JSON.stringify(token.slice(0, 50))}`
      throw new FormatError({ place, rule: 'each token has an id of its own', got })
    }
    tokens.set(id, token)
  }
  return new Map((entries as [string, number][]).sort(([, a], [, b]) => a - b))
}

function readMerges(text: string, place: string): Merge[] {
  const merges: Merge[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || (i === 0 && line.startsWith('#version'))) continue
    const [left, right, ...more] = line.split(' ')
    if (!left || !right || more.length > 0) {
      const rule = 'a line is two tokens with a space between'
      throw new FormatError({ place: `${place}: merges.txt: line ${i + 1}`, rule, got: JSON.stringify(line.slice(0, 100)) })
    }
    merges.push([left, right])
  }
  return merges
}
