import { expect, it } from 'vitest'
import { translate } from './oniguruma.ts'

it.each([
  ['(a', /a \( has no \)/],
  ['a)', /a \) has no \(/],
  ['[a', /a class has no end/],
  ['[z-a]', /runs backwards/],
  ['a{3,2}', /runs backwards/],
  ['*a', /nothing stands before/],
  ['\\p{Nowhere}', /no class of characters is named "Nowhere"/],
  ['[[:nowhere:]]', /no class/],
  ['\\X', /\\X is not supported/],
  ['\\G', /\\G is not supported/],
  ['\\1', /no group 1/],
  ['(?~a)', /kind of group/],
  ['\\x{110000}', /no such character/],
  ['a\\', /ends too early/],
  ['('.repeat(1000), /more than 100 deep/],
])('refuses %s', (pattern, message) => {
  expect(() => translate(pattern, 'tokenizer.json: pre_tokenizer.pattern.Regex')).toThrow(message)
  expect(() => translate(pattern, 'here')).toThrow(expect.objectContaining({ code: 'format' }))
})

// As Hugging Face tokenizers 0.23.3 was seen to match them.
it.each([
  ['\\w', '²', true],
  ['[\\w]', '²', false],
  ['\\s', '\u0085', true],
  ['\\s', '\ufeff', false],
  ['\\d', '٣', true],
  ['.', '\r', true],
  ['.', '\u2028', true],
  ['(?i:k)', '\u212a', true],
  ["(?i:'s)", "'ſ", true],
  ['a{,2}b', 'aab', true],
  ['(?>a+)ab', 'aab', false],
  ['a++ab', 'aab', false],
])('%s and %j', (pattern, text, matches) => {
  const match = translate(pattern, 'here').exec(text)
  expect(match?.[0] === text).toBe(matches)
})
