import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJSON } from '../load.ts'
import { normalizerFromJSON } from '../normalizers/index.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { tokenizerConfig } from './config.ts'
import { sentencePieceJson } from './sentencepiece.ts'
import { readSentencePiece } from './sentencepiece-model.ts'

type Golden = { texts: string[]; models: { name: string; model: string; ids: string[]; decoded: string[] }[] }

const golden: Golden = JSON.parse(readFileSync('test/golden/sentencepiece_models.json', 'utf8'))
const bytesOf = (name: string) => gunzipSync(Buffer.from(golden.models.find((model) => model.name === name)!.model, 'base64'))

function made(bytes: Uint8Array, config: object = {}): Tokenizer {
  const model = readSentencePiece(bytes, 'a.model')
  return tokenizerFromJSON(sentencePieceJson(model, tokenizerConfig({ config, place: 'a' }), 'a.model'), 'a.model')
}

/** WordLevel has no way to join what is unknown; a word model of SentencePiece makes one token of several such words. */
const joined = (ids: string) => ids.replace(/\b0( 0)+\b/g, '0')

describe.each(golden.models)('$name', ({ name, ids, decoded }) => {
  const tokenizer = made(bytesOf(name))
  const { model } = tokenizer.toJSON() as { model: { unk_token?: string; unk_id?: number } }
  const hasUnknown = (line: string) => line.split(' ').includes('0')

  it(`gives the ids of SentencePiece for ${golden.texts.length} texts`, () => {
    const seen = golden.texts.map((text) => tokenizer.encode(text).join(' '))
    // A text of nothing but ▁ gets no ▁ behind it here.
    const compared = golden.texts.map((text, i) => (name === 'bpe-suffix' && /^[ ▁]*$/.test(text) ? i : -1))
    const expected = ids.map((line, i) => (compared.includes(i) ? seen[i] : line))
    expect(name === 'word' ? seen.map(joined) : seen).toEqual(expected)
  })

  it('leads back to the text that SentencePiece gives', () => {
    expect(model.unk_token ?? model.unk_id).toBeDefined()
    for (const [i, text] of decoded.entries()) {
      if (hasUnknown(ids[i])) continue // special tokens are left out, where SentencePiece writes ⁇
      const found = tokenizer.decode(ids[i].split(' ').filter(Boolean).map(Number))
      // Where spaces end words, SentencePiece takes off a space in front and leaves the one behind that it put there.
      expect(name.endsWith('suffix') ? found.trim() : found).toBe(name.endsWith('suffix') ? text.trim() : text)
    }
  })
})

describe('a long text', () => {
  const { charsmap } = readSentencePiece(bytesOf('unigram'), 'a').normalizer
  const json = { type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') }
  const normalizer = normalizerFromJSON(json, 'a')

  it('is normalised as its parts are, whatever the length of what belongs together', () => {
    const marks = [1, 254, 255, 256, 257, 600].map((count) => `e${'\u0301'.repeat(count)}`)
    const astral = Array.from({ length: 300 }, (_, i) => `${'a'.repeat(i % 3)}\u{1d7ce}\u{1d165}`) // a digit, a combining stem
    const parts = [...golden.texts, ...marks, ...astral, '🇵🇱'.repeat(300)]
    const whole = normalizer.plain(parts.join('x'))
    expect(whole).toBe(parts.map((part) => normalizer.plain(part)).join('x'))
  })
})

describe('classes', () => {
  const bytes = bytesOf('bpe-bytes')
  const around = (config: object) => {
    const tokenizer = made(bytes, config) as unknown as { encoding(text: string, options?: object): { tokens: string[] } }
    return [tokenizer.encoding('a').tokens, tokenizer.encoding('a', { pair: 'a' }).tokens].map((tokens) => tokens.join(' '))
  }

  it.each([
    [{}, '▁a', '▁a ▁a'],
    [{ tokenizer_class: 'LlamaTokenizerFast' }, '<s> ▁a', '<s> ▁a <s> ▁a'],
    [{ tokenizer_class: 'LlamaTokenizer', add_bos_token: false, add_eos_token: true }, '▁a </s>', '▁a </s> ▁a </s>'],
    [{ tokenizer_class: 'T5Tokenizer', extra_ids: 2 }, '▁a </s>', '▁a </s> ▁a </s>'],
    [{ tokenizer_class: 'XLMRobertaTokenizer' }, '<s> ▁a </s>', '<s> ▁a </s> </s> ▁a </s>'],
  ])('%j', (config, single, pair) => {
    expect(around(config)).toEqual([single, pair])
  })

  it('number their tokens', () => {
    const t5 = made(bytesOf('unigram'), { tokenizer_class: 'T5Tokenizer', extra_ids: 2 })
    const plain = made(bytesOf('unigram'))
    expect(t5.vocabSize).toBe(plain.vocabSize + 2)
    expect([t5.tokenOf(t5.vocabSize - 1), t5.tokenOf(t5.vocabSize - 2)]).toEqual(['<extra_id_0>', '<extra_id_1>'])
    expect(t5.encode('the food<extra_id_0>').at(-1)).toBe(t5.vocabSize - 1)
    const fairseq = made(bytesOf('unigram'), { tokenizer_class: 'XLMRobertaTokenizer' })
    expect([...fairseq.encode('the food')]).toEqual(Array.from(plain.encode('the food'), (id) => id + 1))
    expect(['<s>', '<pad>', '</s>', '<unk>', '<mask>'].map((token) => fairseq.encode(token)[0])).toEqual([
      0,
      1,
      2,
      3,
      fairseq.vocabSize - 1,
    ])
  })

  it('put a ▁ before what follows a special token, or not', () => {
    const tokensOf = (config: object) => {
      const tokenizer = made(bytes, { tokenizer_class: 'LlamaTokenizer', ...config })
      return Array.from(tokenizer.encode('a</s>a'), (id) => tokenizer.tokenOf(id)).join(' ')
    }
    expect(tokensOf({})).toBe('▁a </s> ▁a')
    expect(tokensOf({ legacy: false })).toBe('▁a </s> a')
    expect(tokensOf({ legacy: false, add_prefix_space: false })).toBe('a </s> a')
  })

  it('take added tokens', () => {
    const config = { added_tokens_decoder: { 700: { content: '<|user|>', special: true } } }
    expect([...made(bytes, config).encode('<|user|>')]).toEqual([700])
    expect(() => made(bytes, { added_tokens_decoder: { 700: { content: '</s>' } } })).toThrow('the files of a tokenizer agree')
  })

  it('are refused where they are not known', () => {
    expect(() => made(bytes, { tokenizer_class: 'NllbTokenizer' })).toThrow(expect.objectContaining({ code: 'config' }))
    expect(() => made(bytes, { tokenizer_class: 'toString' })).toThrow('a SentencePiece model is read for')
  })
})

describe('refuses', () => {
  const bytes = bytesOf('unigram-bytes')
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['other bytes', Buffer.from('hello world, this is no model')],
    ['a length beyond the end', Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3)],
    ['a piece without a text', Buffer.of(0x0a, 0x00)],
    ['a piece that is not UTF-8', Buffer.of(0x0a, 0x03, 0x0a, 0x01, 0xff)],
    ['an unknown type of a piece', Buffer.of(0x0a, 0x05, 0x0a, 0x01, 0x61, 0x18, 0x09)],
    ['an unknown type of a model', Buffer.of(0x12, 0x02, 0x18, 0x09)],
    ['no unknown piece', Buffer.of(0x0a, 0x03, 0x0a, 0x01, 0x61)],
  ])('%s', (_, bytes) => {
    expect(() => readSentencePiece(bytes, 'a.model')).toThrow(/^a\.model: /)
    expect(() => readSentencePiece(bytes, 'a.model')).toThrow(expect.objectContaining({ code: 'format' }))
  })

  it('damaged bytes with an error of ours, or reads them', () => {
    const outcome = (bytes: Uint8Array) => {
      try {
        return made(bytes).encode('the food').length >= 0
      } catch (error) {
        return /^(format|config|data)$/.test((error as { code: string }).code)
      }
    }
    const damage = fc.tuple(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 3 }), fc.nat(bytes.length))
    fc.assert(
      fc.property(damage, ([changes, length]) => {
        const copy = Buffer.from(bytes)
        for (const [at, byte] of changes) copy[at] = byte
        return outcome(copy) && outcome(copy.subarray(0, length))
      }),
      { numRuns: 60 },
    )
  })
})
