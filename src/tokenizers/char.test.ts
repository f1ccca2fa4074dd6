import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CharTokenizer } from './char.ts'
import { tokenizerContract } from './tokenizer.contract.ts'

type Golden = {
  cases: { text: string; char: number[] }[]
  unknown: string[]
  withUnknown: { text: string; ids: number[]; decoded: string }[]
  char: unknown
  charWithUnknown: unknown
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../test/golden/char_byte_tokenizers.json', import.meta.url), 'utf8'))
const texts = golden.cases.map(({ text }) => text)
const tokenizer = CharTokenizer.train(texts)

const open = CharTokenizer.train(texts, { unknown: true })

describe('characters', () => tokenizerContract(tokenizer, texts))
describe('characters and what is not known', () => tokenizerContract(open, texts))

describe('a char tokenizer', () => {
  it('has the ids of Hugging Face tokenizers', () => {
    expect(JSON.parse(JSON.stringify(tokenizer))).toEqual(golden.char)
    for (const { text, char } of golden.cases) expect([...tokenizer.encode(text)]).toEqual(char)
  })

  it('sorts by code point, not by UTF-16', () => {
    const mixed = CharTokenizer.train('\u{1f600}\uffff b\u{10ffff}a')
    expect(mixed.decode([0, 1, 2, 3, 4, 5])).toBe(' ab\uffff\u{1f600}\u{10ffff}')
    expect(mixed.vocabSize).toBe(6)
  })

  it('learns the same from one text as from its parts', () => {
    expect(CharTokenizer.train('abca').toJSON()).toEqual(CharTokenizer.train(['ca', '', 'ab']).toJSON())
  })

  it('has no token for what is not known', () => {
    for (const text of golden.unknown) {
      expect(() => tokenizer.encode(text)).toThrow(expect.objectContaining({ code: 'data' }))
    }
    expect(() => CharTokenizer.train('ab\n😀').encode('a😀\nbü😁')).toThrow(
      'tokenizer: each character must be one of the 4 that the tokenizer was trained on\n' +
        '  got    "ü" (U+00FC), character 5 of the text, in line 2\n',
    )
    expect(() => CharTokenizer.train('ab').encode('b😁')).toThrow('"😁" (U+1F601), character 2 of the text, in line 1')
  })

  it('has a token for what is not known where that is wanted, as Hugging Face tokenizers has', () => {
    expect(JSON.parse(JSON.stringify(open))).toEqual(golden.charWithUnknown)
    for (const { text, ids, decoded } of golden.withUnknown) {
      expect([...open.encode(text)]).toEqual(ids)
      expect(open.decode(ids)).toBe(decoded)
    }
    expect(open.tokenOf(0)).toBe('[UNK]')
    expect([...open.encode('\ude00')]).toEqual([0])
    expect(open.encode('[UNK]')).not.toContain(0)
  })

  it('finds the token for what is not known at any id of a file, but none beside characters alone', () => {
    const file = (vocab: object) => ({ ...(golden.char as object), model: { type: 'WordLevel', unk_token: '[UNK]', vocab } })
    const loaded = CharTokenizer.fromJSON(file({ b: 0, '[UNK]': 2, a: 1 }), 'tokenizer.json')
    expect([...loaded.encode('a😀b')]).toEqual([1, 2, 0])
    expect(() => CharTokenizer.fromJSON(file({ '[UNK]': 0 }), 'tokenizer.json')).toThrow(/one character at least/)
    expect(() => CharTokenizer.fromJSON(file({ '[UNK]': 0, '[PAD]': 1 }), 'tokenizer.json')).toThrow(/got {4}"\[PAD\]"/)
  })

  it.each(['', [], ['', '']])('cannot be trained on %j', (text) => {
    expect(() => CharTokenizer.train(text)).toThrow(/at least one character/)
  })

  it('refuses half a character', () => {
    expect(() => CharTokenizer.train('😀\ud83d.')).toThrow(/whole Unicode.*\n {2}got {4}"\\ud83d" \(U\+D83D\), character 2 /)
    expect(() => tokenizer.encode('\ude00')).toThrow(/U\+DE00/)
    const json = JSON.parse(JSON.stringify(tokenizer))
    json.model.vocab['\ud83d'] = tokenizer.vocabSize
    expect(() => CharTokenizer.fromJSON(json, 'tokenizer.json')).toThrow(/each token must be one character/)
  })
})
