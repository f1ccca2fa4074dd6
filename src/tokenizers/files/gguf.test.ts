import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { GgufValue } from '../../formats/gguf.ts'
import { BYTE_LETTERS } from '../byte-letters.ts'
import { tokenizerFromJSON } from '../load.ts'
import { PipelineTokenizer } from '../pipeline.ts'
import { tokenizerConfig } from './config.ts'
import { ggufConfig, ggufJson } from './gguf.ts'
import { PRE_TOKENIZERS } from './gguf-pre.ts'
import { type PieceType, readSentencePiece } from './sentencepiece-model.ts'
import { wordPieceJson } from './wordpiece.ts'

type Entries = Record<string, GgufValue>

const keys = (entries: Entries) => new Map(Object.entries(entries).map(([key, value]) => [`tokenizer.ggml.${key}`, value]))
const made = (entries: Entries) => PipelineTokenizer.fromJSON(ggufJson(keys(entries), 'a.gguf'), 'a.gguf')

const BYTES = { model: 'gpt2', tokens: [...BYTE_LETTERS, 'ab', '<|x|>', '<|y|>'], merges: ['a b'] }
const TYPES = Int32Array.from(BYTES.tokens, (token) => (token === '<|x|>' ? 3 : token === '<|y|>' ? 4 : 1))

describe('pre-tokenisers by name', () => {
  const text = "I'LL e\u0301 naïve 12345 ١٢٣ 东京です。 한국어  \n\n\t x=y+1; <sentinel:1> ’tis ½ 😀 \r\n end  "

  it.each([...PRE_TOKENIZERS.keys()])('%s cuts, and loses nothing', (pre) => {
    const tokens = PRE_TOKENIZERS.get(pre)?.spaces ? [...BYTES.tokens, ...byteTokens, '▁'] : BYTES.tokens
    const tokenizer = made({ ...BYTES, tokens, pre })
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    expect(tokenizer.preTokenize(text).length).toBeGreaterThan(1)
  })

  const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const words = (pre: string, text: string) =>
    made({ ...BYTES, pre })
      .preTokenize(text)
      .map((word) => new TextDecoder().decode(Uint8Array.from(word, (letter) => BYTE_LETTERS.indexOf(letter))))

  it.each([
    ['gpt-2', "It's 12345!", ['It', "'s", ' 12345', '!']],
    ['llama-bpe', "IT'S 12345!\n\nx", ['IT', "'S", ' ', '123', '45', '!\n\n', 'x']],
    ['qwen2', 'a 123', ['a', ' ', '1', '2', '3']],
    ['starcoder', 'a 123', ['a', ' ', '1', '2', '3']],
    ['deepseek-llm', 'for 東京123', ['for', ' ', '東京', '123']],
    ['deepseek-v3', '1234東京a', ['123', '4', '東京', 'a']],
    ['falcon', 'x+=12345', ['x', '+=', '123', '45']],
    ['gpt-4o', "HelloWorld's", ['Hello', "World's"]],
    ['tekken', "HelloWorld's", ['Hello', 'World', "'s"]],
    ['tiny_aya', '1234567', ['1', '234', '567']],
    ['superbpe', '1234567 a', ['1', '234', '567', ' a']],
    ['kimi-k2', 'abc東京def', ['abc', '東京', 'def']],
    ['default', 'a1234, b', ['a', '123', '4', ',', ' b']],
  ])('%s: %j', (pre, text, expected) => {
    expect(words(pre, text)).toEqual(expected)
  })

  it('unknown ones are refused by name', () => {
    const error = expect(() => made({ ...BYTES, pre: 'brand-new' }))
    error.toThrow('tokenizer.ggml.pre names a pre-tokeniser that is known: default, llama3')
    expect(() => made({ ...BYTES, pre: 'constructor' })).toThrow(expect.objectContaining({ code: 'config' }))
  })
})

describe('byte pairs', () => {
  it('with special tokens, around the text where the keys say so', () => {
    const tokenizer = made({ ...BYTES, token_type: TYPES, pre: 'gpt-2', add_bos_token: true, bos_token_id: 257 })
    expect([...tokenizer.encode('ab<|x|><|y|>')]).toEqual([256, 257, 258])
    expect(tokenizer.encoding('ab').tokens).toEqual(['<|x|>', 'ab'])
    expect(tokenizer.decode([257, 258, 256])).toBe('<|y|>ab')
  })

  it('with the beginning that its pre-tokeniser has', () => {
    expect(made({ ...BYTES, pre: 'llama-bpe', bos_token_id: 257 }).encoding('ab').tokens).toEqual(['<|x|>', 'ab'])
    expect(made({ ...BYTES, pre: 'llama-bpe', bos_token_id: 257, add_bos_token: false }).encoding('ab').tokens).toEqual(['ab'])
  })

  it('without merges, by the order of the tokens', () => {
    const { merges: _, ...bare } = BYTES
    expect([...made({ ...bare, pre: 'kimi-k2' }).encode('abab')]).toEqual([256, 256])
  })
})

describe('SentencePiece', () => {
  const golden = JSON.parse(readFileSync('test/golden/sentencepiece_models.json', 'utf8'))
  const NUMBERS: Record<PieceType, number> = { normal: 1, unknown: 2, control: 3, 'user-defined': 4, unused: 5, byte: 6 }

  it.each([
    ['unigram', 't5', true],
    ['bpe-bytes', 'llama', false],
  ])('%s as %s gives the same ids', (name, kind, removes) => {
    const { model, ids } = golden.models.find((item: { name: string }) => item.name === name)
    const { pieces, normalizer } = readSentencePiece(gunzipSync(Buffer.from(model, 'base64')), name)
    const tokenizer = made({
      model: kind,
      tokens: pieces.map(({ piece }) => piece),
      scores: Float32Array.from(pieces, ({ score }) => score),
      token_type: Int32Array.from(pieces, ({ type }) => NUMBERS[type]),
      precompiled_charsmap: normalizer.charsmap,
      add_space_prefix: true,
      remove_extra_whitespaces: removes,
      eos_token_id: 2,
      bos_token_id: 1,
    })
    expect(golden.texts.map((text: string) => tokenizer.encode(text).join(' '))).toEqual(ids)
    const around = tokenizer.encoding('a').tokens
    expect(kind === 't5' ? around.at(-1) : around[0]).toBe(kind === 't5' ? '</s>' : '<s>')
  })
})

describe('WordPiece', () => {
  const path = '../shared/data/tokenizers/bert-base-uncased/vocab.txt'
  const there = existsSync(path)
  if (!there) console.info(`skipped: ${path} is not there`)

  it.skipIf(!there)('gives the ids of the vocab.txt that it was made from', () => {
    const text = readFileSync(path, 'utf8')
    const phantom = (token: string) => {
      if (token.startsWith('[') && token.endsWith(']')) return token
      return token.startsWith('##') ? token.slice(2) : `▁${token}`
    }
    const gguf = made({
      model: 'bert',
      tokens: text.trimEnd().split('\n').map(phantom),
      cls_token_id: 101,
      seperator_token_id: 102,
    })
    const config = tokenizerConfig({ config: { do_lower_case: true }, place: 'a' })
    const bert = tokenizerFromJSON(wordPieceJson(text, config, 'vocab.txt'), 'vocab.txt')
    for (const sample of ['Hello, World! naïve', 'unaffable [MASK] 東京', 'x'.repeat(101), 'Ünïcode e\u0301']) {
      expect([...gguf.encode(sample)]).toEqual([...bert.encode(sample)])
    }
    expect(gguf.encoding('a').ids).toEqual([101, 1037, 102])
  })
})

describe('a tokenizer.json within', () => {
  it('is taken as it is', () => {
    const json = { ...(ggufJson(keys(BYTES), 'a.gguf') as object), normalizer: { type: 'Lowercase' } }
    const entries = { 'tokenizer.huggingface.json': JSON.stringify(json), 'tokenizer.ggml.model': 'rwkv' }
    expect(ggufJson(new Map(Object.entries(entries)), 'a.gguf')).toEqual(JSON.parse(JSON.stringify(json)))
    expect(() => ggufJson(new Map([['tokenizer.huggingface.json', '{']]), 'a.gguf')).toThrow(
      'huggingface.json is a tokenizer.json',
    )
  })
})

describe('special tokens by what they are for', () => {
  it('are those that the keys name', () => {
    const config = ggufConfig(keys({ tokens: ['a', 'b', 'c'], bos_token_id: 1, eos_token_id: 2, padding_token_id: 99 }), 'a.gguf')
    expect(config.tokens).toEqual({ bos: 'b', eos: 'c' })
  })
})

describe('refuses', () => {
  it.each<[string, Entries, string]>([
    ['a file without a vocabulary', {}, 'tokenizer.ggml.model is one of gpt2, gemma4, llama, t5, bert'],
    ['an unknown kind', { model: 'rwkv' }, 'got    "rwkv"'],
    ['a kind that is no text', { model: 3 }, 'tokenizer.ggml.model is a string'],
    ['no tokens', { model: 'gpt2' }, 'a vocabulary has the key tokenizer.ggml.tokens'],
    ['tokens that are numbers', { model: 'gpt2', tokens: Int32Array.of(1) }, 'tokenizer.ggml.tokens is an array of strings'],
    ['a token twice', { ...BYTES, tokens: ['a', 'b', 'a'] }, '"a" has the ids 0 and 2'],
    ['too few scores', { ...BYTES, model: 'llama', scores: Float32Array.of(1) }, 'has a number for each of the 259 tokens'],
    ['scores of NaN', { model: 'llama', tokens: ['a'], scores: Float32Array.of(Number.NaN) }, 'scores are finite numbers'],
    ['no unknown token', { model: 'llama', tokens: ['a'] }, 'a vocabulary of SentencePiece has an unknown token'],
    ['a merge of one', { ...BYTES, merges: ['ab'] }, 'merges, number 0: a merge is two tokens'],
    ['a merge of what is no token', { ...BYTES, merges: ['zz y'] }, 'merges'],
    ['a beginning that is no token', { ...BYTES, pre: 'llama3', bos_token_id: 1000 }, 'bos_token_id is the id of a token'],
    ['neither merges nor byte letters', { model: 'gpt2', tokens: ['a'] }, 'a vocabulary of BPE has tokenizer.ggml.merges'],
  ])('%s', (_, entries, message) => {
    expect(() => made(entries)).toThrow(message)
    expect(() => made(entries)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^(format|config)$/) }))
  })
})
