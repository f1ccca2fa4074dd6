import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BYTE_LETTERS } from '../byte-letters.ts'
import { tokenizerFromJSON } from '../load.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { loadTokenizer } from './load.ts'
import { PATTERNS, tiktokenJson } from './tiktoken.ts'

const FOLDER = '../shared/data/tokenizers/tiktoken'
const there = existsSync(FOLDER)
if (!there) console.info(`skipped: ${FOLDER} is not there`)

const CASE = /EncodingName: (\S+)\r?\nSample: (.*?)\r?\nEncoded: (\[.*?\])\r?\n/gs
const plan = there ? [...readFileSync(`${FOLDER}/TestPlans.txt`, 'utf8').matchAll(CASE)] : []

describe.skipIf(!there).each([
  ['cl100k_base', 64],
  ['o200k_base', 57],
])("tiktoken's test plan for %s", (name, count) => {
  const cases = plan.filter(([, encoding]) => encoding === name).map(([, , sample, ids]) => [sample, JSON.parse(ids)])
  let loading: Promise<Tokenizer> | undefined
  it(`has ${count} cases`, () => expect(cases).toHaveLength(count))
  it.each(cases)('%j', async (sample, ids) => {
    loading ??= loadTokenizer(`${FOLDER}/${name}.tiktoken`)
    const tokenizer = await loading
    expect([...tokenizer.encode(sample)]).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(sample)
  })
})

/** The bytes, then tokens, then as many that no text has as the encoding lacks; as a rank file. */
function ranks(tokens: readonly string[], count: number): string {
  const all = [...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)), ...tokens.map((token) => Buffer.from(token))]
  for (let i = 0; all.length < count; i++) all.push(Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(`${i}`), Buffer.of(0xfd)]))
  const skipped = count === 50280 ? 50256 : count // p50k_base leaves out the id of its special token
  return all.map((token, i) => `${token.toString('base64')} ${i < skipped ? i : i + 1}\n`).join('')
}

const made = (text: string, name: string): Tokenizer => tokenizerFromJSON(tiktokenJson(text, name, 'a.tiktoken'), 'a.tiktoken')

/** tiktoken's own way: the pair of neighbours whose bytes together rank lowest is merged first, the leftmost of equal ones. */
function reference(tokens: ReadonlyMap<string, number>, text: string): number[] {
  const pattern = new RegExp(
    PATTERNS.gpt2.replaceAll('\\s', '\\p{White_Space}').replaceAll('(?!\\S)', '(?!\\P{White_Space})'),
    'gu',
  )
  return Array.from(text.matchAll(pattern)).flatMap(([piece]) => {
    let parts = Array.from(Buffer.from(piece), (byte) => BYTE_LETTERS[byte])
    if (tokens.has(parts.join(''))) parts = [parts.join('')]
    for (;;) {
      const pairs = parts.slice(1).map((right, i) => tokens.get(parts[i] + right) ?? Number.POSITIVE_INFINITY)
      const best = pairs.reduce((min, rank) => Math.min(min, rank), Number.POSITIVE_INFINITY)
      if (best === Number.POSITIVE_INFINITY) return parts.map((part) => tokens.get(part)!)
      const at = pairs.indexOf(best)
      parts.splice(at, 2, parts[at] + parts[at + 1])
    }
  })
}

describe('merges from ranks', () => {
  const tokens = [
    'ab',
    'bc',
    'abc',
    'aa',
    'aaaa',
    'aaa',
    ' a',
    ' ab',
    'bb',
    'cab',
    'é',
    '😀',
    'é😀',
    '  ',
    '    ',
    'cabc',
    'abab',
  ]
  const text = ranks(tokens, 50256)
  const known = new Map(
    text
      .trim()
      .split('\n')
      .map((line) => [
        Array.from(Buffer.from(line.split(' ')[0], 'base64'), (byte) => BYTE_LETTERS[byte]).join(''),
        Number(line.split(' ')[1]),
      ]),
  )
  const tokenizer = made(text, 'r50k_base')

  it('give what merging by rank gives', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', ' ', 'é', '😀', '1'), { maxLength: 24 })
    fc.assert(
      fc.property(texts, (parts) => {
        expect([...tokenizer.encode(parts.join(''))]).toEqual(reference(known, parts.join('')))
      }),
    )
  })

  it('leave special tokens whole, and have their ids', () => {
    expect([...tokenizer.encode('a<|endoftext|>')]).toEqual([97, 50256])
    expect(tokenizer.vocabSize).toBe(50257)
  })
})

describe('encodings', () => {
  it('by count where the name says nothing: Llama 3', () => {
    const llama3 = made(ranks(['ab'], 128_000), 'tokenizer.model')
    expect([...llama3.encode('1234<|begin_of_text|>ab<|eot_id|>')]).toEqual([49, 50, 51, 52, 128_000, 256, 128_009])
    expect(llama3.vocabSize).toBe(128_256)
    expect(llama3.tokenOf(128_255)).toBe('<|reserved_special_token_247|>')
  })

  it('by name where two have the same ranks', () => {
    expect([...made(ranks([], 50280), 'p50k_edit').encode('<|fim_suffix|>')]).toEqual([50283])
    expect(made(ranks([], 50280), 'p50k_base').encode('<|fim_suffix|>')).toHaveLength(14)
  })
})

describe('refuses', () => {
  const whole = ranks(['ab'], 300)
  it.each([
    ['another count of ranks', whole, 'the special tokens of a rank file are known for', 'config'],
    ['a count that is not that of the name', ranks([], 50256), 'are known for', 'config', 'cl100k_base'],
    ['a line without a rank', whole.replace('YWI= 256', 'YWI='), 'line 257: a line is a token in base64 and its rank', 'format'],
    ['a negative rank', whole.replace('YWI= 256', 'YWI= -1'), 'a line is a token', 'format'],
    ['a rank twice', whole.replace('YWI= 256', 'YWI= 5'), 'line 257: tokens and ranks stand once', 'format'],
    ['a token twice', whole.replace('YWI= 256', 'YQ== 256'), 'tokens and ranks stand once', 'format'],
    ['a missing byte', whole.replace(/^AA== 0\n/, ''), 'none for the byte 0', 'format'],
    ['no ranks', '', 'each of the 256 bytes has a rank', 'format'],
  ])('%s', (_, text, message, code, name = 'other') => {
    expect(() => tiktokenJson(text, name, 'a.tiktoken')).toThrow(message)
    expect(() => tiktokenJson(text, name, 'a.tiktoken')).toThrow(expect.objectContaining({ code }))
  })
})
