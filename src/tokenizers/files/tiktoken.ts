/** Rank files of tiktoken: a token in base64 and its rank a line. The pattern that cuts the text stands in no file, but in a table. */
import { ConfigError, FormatError } from '../../errors.ts'
import { BYTE_LETTERS } from '../byte-letters.ts'
import { GPT2_PATTERN } from '../pre-tokenizers/gpt2-pattern.ts'
import { mergesOfRanks } from './merges.ts'
import { addedToken, bpe, byteLevel, sequence, splitBy, type TokenizerJson, template, tokenizerJson } from './schema.ts'

type Encoding = {
  /** How many ranks the published file has. */
  ranks: number
  pattern: string
  special: Readonly<Record<string, number>>
  /** A special token that is put before each text. */
  bos?: string
}

/** @param digits  a quantifier: how many digits stand together */
const cl100k = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]'
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
const O200K = [
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${CONTRACTION}`,
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${CONTRACTION}`,
  '\\p{N}{1,3}',
  ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
  '\\s*[\\r\\n]+',
  '\\s+(?!\\S)',
  '\\s+',
].join('|')

/** The patterns that more than one kind of file names. */
export const PATTERNS = { gpt2: GPT2_PATTERN, llama3: cl100k('{1,3}'), qwen2: cl100k(''), o200k: O200K }

const numbered = (first: number, names: readonly string[]) => Object.fromEntries(names.map((name, i) => [name, first + i]))
const reserved = (from: number, to: number, name: (i: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, i) => name(from + i))
const fim = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>']
const llamaReserved = (i: number) => `<|reserved_special_token_${i}|>`
const llama3 = [
  '<|begin_of_text|>',
  '<|end_of_text|>',
  ...reserved(0, 1, llamaReserved),
  '<|finetune_right_pad_id|>',
  llamaReserved(2),
  '<|start_header_id|>',
  '<|end_header_id|>',
  '<|eom_id|>',
  '<|eot_id|>',
  '<|python_tag|>',
  ...reserved(3, 247, llamaReserved),
]
const harmony = {
  ...numbered(199998, ['<|startoftext|>', '<|endoftext|>', '<|reserved_200000|>', '<|reserved_200001|>', '<|return|>']),
  ...numbered(200003, ['<|constrain|>', '<|reserved_200004|>', '<|channel|>', '<|start|>', '<|end|>', '<|message|>']),
  ...numbered(200009, ['<|reserved_200009|>', '<|reserved_200010|>', '<|reserved_200011|>', '<|call|>']),
  ...numbered(
    200013,
    reserved(200013, 201087, (i) => `<|reserved_${i}|>`),
  ),
}

/** By the name of the file. Those of which the count of ranks is unique are also known by that. */
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  gpt2: { ranks: 50256, pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  r50k_base: { ranks: 50256, pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  p50k_base: { ranks: 50280, pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  p50k_edit: { ranks: 50280, pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256, ...numbered(50281, fim) } },
  cl100k_base: {
    ranks: 100256,
    pattern: cl100k('{1,3}'),
    special: { '<|endoftext|>': 100257, ...numbered(100258, fim), '<|endofprompt|>': 100276 },
  },
  o200k_base: { ranks: 199998, pattern: O200K, special: { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 } },
  o200k_harmony: { ranks: 199998, pattern: O200K, special: harmony },
  llama3: {
    ranks: 128000,
    pattern: cl100k('{1,3}'),
    special: numbered(128000, llama3),
    bos: '<|begin_of_text|>',
  },
  qwen: {
    ranks: 151643,
    pattern: cl100k(''),
    special: numbered(151643, ['<|endoftext|>', '<|im_start|>', '<|im_end|>', ...reserved(0, 204, (i) => `<|extra_${i}|>`)]),
  },
}

const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d{1,9})$/

/** Whether a file is a list of ranks, by its first line. */
export const isTiktoken = (head: string): boolean => LINE.test(head.split(/\r?\n/, 1)[0])

/**
 * A rank file as a tokenizer.json: byte-level BPE in which a whole piece that is a token needs no merging.
 *
 * @param name  of the encoding, such as 'cl100k_base'; where it is none that is known, the count of ranks decides
 * @throws FormatError where a line is damaged, a rank or a byte missing or doubled; ConfigError where the encoding is unknown
 */
export function tiktokenJson(text: string, name: string, place: string): TokenizerJson {
  const ranks = readRanks(text, place)
  const { pattern, special, bos } = encodingOf(name, ranks.size, place)
  return tokenizerJson({
    added_tokens: Object.entries(special).map(([content, id]) => addedToken(id, content)),
    normalizer: null,
    pre_tokenizer: sequence('pretokenizers', [splitBy(pattern), byteLevel()]),
    post_processor: bos === undefined ? byteLevel({ trim: false, gpt2: true }) : template([bos], [], () => special[bos]),
    decoder: byteLevel({ gpt2: true }),
    model: bpe(ranks, mergesOfRanks(ranks), { ignore_merges: true }),
  })
}

function encodingOf(name: string, ranks: number, place: string): Encoding {
  const named = Object.hasOwn(ENCODINGS, name) ? ENCODINGS[name] : undefined
  const found = named ?? Object.values(ENCODINGS).find((encoding) => encoding.ranks === ranks)
  if (found?.ranks === ranks) return found
  const known = Object.entries(ENCODINGS).map(([known, encoding]) => `${known} (${encoding.ranks})`)
  throw new ConfigError({
    place,
    rule: `the pattern and the special tokens of a rank file are known for ${known.join(', ')}`,
    got: `${ranks} ranks in a file named ${name}`,
    hint: 'the file may be cut short; for other encodings convert it to a tokenizer.json',
  })
}

function readRanks(text: string, place: string): Map<string, number> {
  const ranks = new Map<string, number>()
  const taken = new Set<number>()
  for (const [i, line] of text.split('\n').entries()) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
    if (trimmed === '') continue
    const match = LINE.exec(trimmed)
    if (!match) throw broken(`${place}: line ${i + 1}`, 'a line is a token in base64 and its rank', trimmed.slice(0, 100))
    const letters = Array.from(Buffer.from(match[1], 'base64'), (byte) => BYTE_LETTERS[byte]).join('')
    const rank = Number(match[2])
    if (ranks.has(letters) || taken.has(rank)) throw broken(`${place}: line ${i + 1}`, 'tokens and ranks stand once', trimmed)
    ranks.set(letters, rank)
    taken.add(rank)
  }
  const missing = BYTE_LETTERS.findIndex((letter) => !ranks.has(letter))
  if (missing >= 0) throw broken(place, 'each of the 256 bytes has a rank', `none for the byte ${missing}`)
  return new Map([...ranks].sort(([, a], [, b]) => a - b))
}

const broken = (place: string, rule: string, got: string): FormatError =>
  new FormatError({ place, rule, got, hint: 'the file is damaged, or no rank file of tiktoken' })
