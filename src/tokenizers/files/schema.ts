/** What other formats of tokenizers are turned into: the tokenizer.json of Hugging Face tokenizers, and the parts that they share. */
import { FormatError } from '../../errors.ts'

export type Component = { type: string } & Readonly<Record<string, unknown>>

export type AddedToken = {
  id: number
  content: string
  single_word: boolean
  lstrip: boolean
  rstrip: boolean
  normalized: boolean
  special: boolean
}

export type TokenizerJson = {
  version: '1.0'
  truncation: null
  padding: null
  added_tokens: AddedToken[]
  normalizer: Component | null
  pre_tokenizer: Component | null
  post_processor: Component | null
  decoder: Component | null
  model: Component
}

type Parts = Omit<TokenizerJson, 'version' | 'truncation' | 'padding'>

export const tokenizerJson = (parts: Parts): TokenizerJson => ({ version: '1.0', truncation: null, padding: null, ...parts })

export { addedToken } from '../tokenizer-json.ts'

export const sequence = (key: string, parts: readonly Component[]): Component | null =>
  parts.length > 1 ? { type: 'Sequence', [key]: parts } : (parts[0] ?? null)

/** A split by a pattern in the dialect of Oniguruma; what matches and what lies between are pieces. */
export const splitBy = (regex: string): Component => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
})

/** Bytes as visible letters, by a pattern of its own or the one of GPT-2. */
export const byteLevel = ({ prefix = false, trim = true, gpt2 = false } = {}): Component => ({
  type: 'ByteLevel',
  add_prefix_space: prefix,
  trim_offsets: trim,
  use_regex: gpt2,
})

/** @param vocab  token → id, in the order of the ids */
export function bpe(vocab: ReadonlyMap<string, number>, merges: readonly (readonly [string, string])[], more = {}): Component {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...more,
    vocab: Object.fromEntries(vocab),
    merges,
  }
}

/**
 * Special tokens around a text and around a pair of texts. Null where there are none.
 *
 * @param pair.between  by default what ends the first text and begins the second
 * @param pair.secondType  the type id of the second text and what belongs to it
 */
export function template(
  before: readonly string[],
  after: readonly string[],
  idOf: (token: string) => number,
  { between, secondType = 1 }: { between?: readonly string[]; secondType?: 0 | 1 } = {},
): Component | null {
  if (before.length + after.length === 0) return null
  const special = (tokens: readonly string[], type_id = 0) => tokens.map((id) => ({ SpecialToken: { id, type_id } }))
  const text = (id: string, type_id = 0) => ({ Sequence: { id, type_id } })
  const middle = between ? special(between) : [...special(after), ...special(before, secondType)]
  const tokens = [...new Set([...before, ...after, ...(between ?? [])])]
  return {
    type: 'TemplateProcessing',
    single: [...special(before), text('A'), ...special(after)],
    pair: [...special(before), text('A'), ...middle, text('B', secondType), ...special(after, secondType)],
    special_tokens: Object.fromEntries(tokens.map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
  }
}

/**
 * Token → id, of tokens in the order of their ids.
 *
 * @throws FormatError for a token that stands twice
 */
export function vocabOf(tokens: readonly string[], place: string): Map<string, number> {
  const vocab = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const before = vocab.get(token)
    if (before !== undefined) {
      const got = `${JSON.stringify(token.slice(0, 100))} has the ids ${before} and ${id}`
      throw new FormatError({ place, rule: 'each token stands once in a vocabulary', got, hint: 'the file is damaged' })
    }
    vocab.set(token, id)
  }
  return vocab
}

/** The id of a token that must be there. */
export const idIn =
  (vocab: ReadonlyMap<string, number>, place: string) =>
  (token: string): number => {
    const id = vocab.get(token)
    if (id !== undefined) return id
    const got = `none for ${JSON.stringify(token.slice(0, 100))}`
    throw new FormatError({ place, rule: 'special tokens are in the vocabulary', got, hint: 'copy all files of the tokenizer' })
  }
