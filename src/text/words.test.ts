import fc from 'fast-check'
import { expect, test } from 'vitest'
import { words } from './words.ts'

function byIntl(text: string, locale = 'en'): string[] {
  const segments = new Intl.Segmenter(locale, { granularity: 'word' }).segment(text)
  return Array.from(segments).flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []))
}

const PIECES = [
  "can't",
  'e.g.',
  'U.S.A.',
  '3,000.50',
  '1st',
  'foo_bar',
  '___',
  '_',
  'x’s',
  '‘so’',
  'a:b',
  '10:30',
  'é.ü',
  'naïve',
  'º',
  'ª',
  'µ',
]
const MORE = [
  "''",
  '"',
  '-',
  '–',
  '…',
  ',',
  ';',
  '.',
  ':',
  "'",
  '’',
  '“',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '1',
  '2',
  'a',
  'Z',
  'ß',
  'Œ',
  'ƒ',
  '€',
  '№',
  '½',
  '²',
  '·',
  '°',
]
const OTHERS = [
  '你好',
  '世界。',
  'สวัสดี',
  'こんにちは',
  'カタカナ',
  '한국어',
  'مرحبا',
  'שלום',
  'Ελλάδα',
  'мир',
  'é',
  '👩‍👩‍👧',
  '🇩🇪',
  '\u0301',
  '\u200d',
  '\u00ad',
  'ﬁ',
  '１２',
  '\u00a0',
  '\u3000',
  '☃',
  '١٢',
]

test('are those of Intl.Segmenter, in any mixture', () => {
  const mixed = fc.array(fc.constantFrom(...PIECES, ...MORE, ...OTHERS), { maxLength: 25 })
  const latin = fc.array(fc.constantFrom(...PIECES, ...MORE), { maxLength: 40 })
  for (const parts of [mixed, latin]) {
    fc.assert(
      fc.property(parts, (list) => {
        expect(words(list.join(''))).toEqual(byIntl(list.join('')))
      }),
      { numRuns: 1500 },
    )
  }
})

test('any Latin character beside any other', () => {
  const all = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code))
  for (const character of [...all, '‐', '–', '—', '‘', '’', '“', '”', '…', '‚', '€']) {
    for (const text of [
      `a${character}b`,
      `1${character}2`,
      `a${character}1`,
      `${character} ${character}${character}`,
      `_${character}_`,
    ]) {
      expect([text, words(text)]).toEqual([text, byIntl(text)])
    }
  }
})

test('Finnish keeps a colon in a word and Swedish does not differ from its segmenter', () => {
  for (const locale of ['fi', 'sv', 'de']) expect(words('EU:n maat a:b', { locale })).toEqual(byIntl('EU:n maat a:b', locale))
})

test('long texts without blanks are cut into the words of short ones', () => {
  const sentence = '今天天气很好所以孩子们和他们的朋友在公园里玩。'
  expect(words(sentence.repeat(200))).toEqual(Array.from({ length: 200 }, () => byIntl(sentence)).flat())
  expect(words('x'.repeat(300_000))).toEqual(['x'.repeat(300_000)])
  const thai = words('ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน'.repeat(400))
  expect(thai.join('')).toHaveLength(41 * 400)
  expect(words(`${'e\u0301'.repeat(3000)} b`).map((word) => word.length)).toEqual([6000, 1])
})
