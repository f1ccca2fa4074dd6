import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CharTokenizer } from './char.ts'
import { tokenizerContract } from './tokenizer.contract.ts'

type Golden = { cases: { text: string; char: number[] }[]; unknown: string[]; char: unknown }
const golden: Golden = JSON.parse(readFileSync(new URL('../../test/golden/char_byte_tokenizers.json', import.meta.url), 'utf8'))
const texts = golden.cases.map(({ text }) => text)
const tokenizer = CharTokenizer.train(texts)

describe('characters', () => tokenizerContract(tokenizer, texts))

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
