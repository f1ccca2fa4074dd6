/** Pipelines of well-known models, around a vocabulary that is trained anew. */
import { BYTE_LETTERS } from '../byte-letters.ts'
import { PIPELINE as CHARACTERS } from '../char.ts'
import type { CountOptions } from './count-words.ts'

export const TRAINABLE_MODELS = ['bpe', 'wordpiece', 'unigram', 'word', 'char'] as const
export type TrainableModel = (typeof TRAINABLE_MODELS)[number]

/** Parts of a tokenizer.json. */
export type PipelineJSON = {
  normalizer: unknown
  pre_tokenizer: unknown
  post_processor: unknown
  decoder: unknown
}

export type Preset = PipelineJSON & {
  specialTokens: readonly string[]
  unkToken?: string
  /** Where texts may be cut without a change to their words. */
  cutBefore: CountOptions['cutBefore']
  initialAlphabet?: readonly string[]
}

export type PresetOptions = { lowercase?: boolean; byteFallback?: boolean; specialTokens?: readonly string[] }

const SPACE = '▁'

export function presetOf(model: TrainableModel, options: PresetOptions): Preset {
  if (model === 'bpe') return options.byteFallback ? llama : gpt2(options)
  if (model === 'wordpiece') return bert(options)
  if (model === 'unigram') return t5(options)
  return model === 'word' ? words(options) : characters
}

/** Bytes as letters: any text can be said. Radford et al. 2019. */
function gpt2({ lowercase = false }: PresetOptions): Preset {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  return {
    normalizer: lowercase ? { type: 'Lowercase' } : null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    specialTokens: ['<|endoftext|>'],
    cutBefore: 'space',
    initialAlphabet: BYTE_LETTERS,
  }
}

const METASPACE = { type: 'Metaspace', replacement: SPACE, prepend_scheme: 'always', split: true }

/** Every space kept, and bytes for what is unknown: Touvron et al. 2023, by way of SentencePiece. */
const llama: Preset = {
  normalizer: null,
  pre_tokenizer: METASPACE,
  post_processor: null,
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  specialTokens: ['<unk>', '<s>', '</s>'],
  unkToken: '<unk>',
  cutBefore: 'blank',
}

/** Devlin et al. 2019. */
function bert({ lowercase = true, specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] }: PresetOptions): Preset {
  const before = [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, sequence('A', 0), { SpecialToken: { id: '[SEP]', type_id: 0 } }]
  const pair = [...before, sequence('B', 1), { SpecialToken: { id: '[SEP]', type_id: 1 } }]
  return {
    ...bertWords(lowercase),
    post_processor: template(before, pair, ['[CLS]', '[SEP]'], specialTokens),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    specialTokens,
    unkToken: '[UNK]',
  }
}

const bertWords = (lowercase: boolean) => ({
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  cutBefore: 'space' as const,
})

/** Raffel et al. 2020: words by white space, all of which counts as one space. */
function t5({ lowercase = false, byteFallback = false, specialTokens = ['<pad>', '</s>', '<unk>'] }: PresetOptions): Preset {
  const end = { SpecialToken: { id: '</s>', type_id: 0 } }
  const single = [sequence('A', 0), end]
  const normalizers = [{ type: 'Nmt' }, { type: 'NFKC' }, ...(lowercase ? [{ type: 'Lowercase' }] : [])]
  return {
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, METASPACE] },
    post_processor: template(single, [...single, sequence('B', 0), end], ['</s>'], specialTokens),
    decoder: byteFallback ? { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, METASPACE] } : METASPACE,
    specialTokens,
    unkToken: '<unk>',
    cutBefore: 'space',
  }
}

function words({ lowercase = true, specialTokens = ['[PAD]', '[UNK]'] }: PresetOptions): Preset {
  return { ...bertWords(lowercase), post_processor: null, decoder: null, specialTokens, unkToken: '[UNK]' }
}

/** As CharTokenizer. The unknown token is in no vocabulary, unless it is asked for. */
const characters: Preset = {
  normalizer: null,
  pre_tokenizer: CHARACTERS.pre_tokenizer,
  post_processor: null,
  decoder: CHARACTERS.decoder,
  specialTokens: [],
  unkToken: CHARACTERS.model.unk_token,
  cutBefore: 'space',
}

const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } })

/** None where a token that it puts around a text is not among the special tokens. */
function template(single: unknown[], pair: unknown[], needed: readonly string[], specialTokens: readonly string[]): unknown {
  if (!needed.every((token) => specialTokens.includes(token))) return null
  const special_tokens = Object.fromEntries(
    needed.map((token) => [token, { id: token, ids: [specialTokens.indexOf(token)], tokens: [token] }]),
  )
  return { type: 'TemplateProcessing', single, pair, special_tokens }
}
