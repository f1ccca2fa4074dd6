import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ByteTokenizer } from './byte.ts'
import { tokenizerContract } from './tokenizer.contract.ts'

type Golden = { cases: { text: string; byte: number[] }[]; decoded: { ids: number[]; text: string }[]; byte: unknown }
const golden: Golden = JSON.parse(readFileSync(new URL('../../test/golden/char_byte_tokenizers.json', import.meta.url), 'utf8'))
const tokenizer = new ByteTokenizer()

describe('bytes', () => tokenizerContract(tokenizer, [...golden.cases.map(({ text }) => text), 'Zürich', '😁']))

describe('a byte tokenizer', () => {
  it('has the ids of Hugging Face tokenizers', () => {
    expect(JSON.parse(JSON.stringify(tokenizer))).toEqual(golden.byte)
    for (const { text, byte } of golden.cases) expect([...tokenizer.encode(text)]).toEqual(byte)
  })

  it('decodes what is not UTF-8 as Hugging Face tokenizers does', () => {
    for (const { ids, text } of golden.decoded) expect(tokenizer.decode(ids)).toBe(text)
  })

  it('holds back an incomplete character, and gives it up where no byte can complete it', () => {
    const decoder = tokenizer.decoder()
    const push = (...ids: number[]) => ids.map((id) => decoder.push(id))
    expect(push(...tokenizer.encode('é€😀'))).toEqual(['', 'é', '', '', '€', '', '', '', '😀'])
    expect(push(0xf0, 0x9f, 0x61)).toEqual(['', '', '\ufffda'])
    expect(push(0xe2, 0x82)).toEqual(['', ''])
    expect(decoder.finish()).toBe('\ufffd')
    expect(decoder.finish()).toBe('')
  })

  it('encodes half a character as U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud83db'))).toBe('a\ufffdb')
  })

  it('names bytes as tokenizer.json spells them', () => {
    expect([...'a ~\n\u00ff'].map((character) => tokenizer.tokenOf(character.codePointAt(0)!))).toEqual(['a', 'Ġ', '~', 'Ċ', 'ÿ'])
  })

  it('refuses other letters than those of bytes, and other ids', () => {
    const changed = (change: (vocab: Record<string, number>) => void) => {
      const json = JSON.parse(JSON.stringify(tokenizer))
      change(json.model.vocab)
      return () => ByteTokenizer.fromJSON(json, 'tokenizer.json')
    }
    expect(changed((vocab) => ([vocab.a, vocab.b] = [vocab.b!, vocab.a!]))).toThrow(/got {4}"b" with the id 97/)
    expect(
      changed((vocab) => {
        delete vocab.a
        vocab[' '] = 97
      }),
    ).toThrow(/got {4}" " with the id 97/)
    expect(changed((vocab) => delete vocab.ÿ)).toThrow(/got {4}255 tokens/)
  })
})
