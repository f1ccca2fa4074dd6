import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GPT2_PATTERN } from '../pre-tokenizers/gpt2-pattern.ts'
import { translate } from '../regex/oniguruma.ts'
import { scannerFor } from './scanners.ts'

const LLAMA3 = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const PATTERNS = { gpt2: GPT2_PATTERN, llama3: LLAMA3, qwen2: LLAMA3.replace('{1,3}', '') }

const bits =
  "' 's 'S 'll 'LL 'rE 've 'ſ 'm 'd ' '' a B é ж 中 ́ 1 23 ½ ² 𝟙 𝐀 😀 👍🏽 . , - ( ) _ $ ▁ \u0085 \u00a0 \u2028 \u3000 \ufeff \u200d \0".split(
    ' ',
  )
const piece = fc.oneof(
  fc.constantFrom(...bits, ' ', '  ', '\n', '\r', '\t', '\r\n', ' \n'),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
)
const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''))

describe.each(Object.entries(PATTERNS))('the scanner of %s', (_, pattern) => {
  const scanner = scannerFor(pattern)!
  const scanned = (text: string) => {
    const words: string[] = []
    for (let at = 0; at < text.length; ) {
      const end = scanner(text, at, text.length)
      words.push(text.slice(at, end))
      if (end <= at) break
      at = end
    }
    return words
  }
  const regex = translate(pattern, 'pattern')

  it('cuts as the expression does', () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(scanned(text)).toEqual(text.match(regex) ?? [])
      }),
      { numRuns: 5000 },
    )
  })

  it('ends where it is told to', () => {
    expect(scanner('ab cd', 0, 1)).toBe(1)
    expect(scanner('a   b', 1, 4)).toBe(4)
  })
})

it('has no scanner for other expressions', () => {
  expect(scannerFor(String.raw`\s+`)).toBeUndefined()
})
