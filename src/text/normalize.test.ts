import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collapseWhitespace, foldCase, normalize, removeControls, straightenQuotes, stripAccents } from './normalize.ts'

const { folded } = JSON.parse(readFileSync('test/golden/case_folding.json', 'utf8')) as { folded: [string, string][] }

describe('case folding', () => {
  test("is Python's casefold for every character that folds", () => {
    expect(folded.filter(([from, to]) => foldCase(from) !== to)).toEqual([])
  })

  test('leaves every other character of the older Unicode versions alone', () => {
    const folds = new Set(folded.map(([from]) => from))
    const changed: string[] = []
    for (let code = 0; code < 0xa7c0; code++) {
      const character = String.fromCharCode(code)
      const isNew = code === 0x1c89 // of Unicode 16
      if (!isNew && !folds.has(character) && foldCase(character) !== character) changed.push(code.toString(16))
    }
    expect(changed).toEqual([])
  })

  test('works in context', () => {
    expect(foldCase('Straße ẞ ΌΣΟΣ ﬁn')).toBe('strasse ss όσοσ fin')
    expect(foldCase('ısı')).toBe('ısı')
    expect(foldCase('İ')).toBe('i\u0307')
    expect(foldCase('STRASSE')).toBe(foldCase('straße'))
    expect(foldCase('ΧΆΟΣ, χάος ı')).toBe('χάοσ, χάοσ ı')
  })

  test('is done after once', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => foldCase(foldCase(text)) === foldCase(text)))
  })
})

test('accents go where they are no letters of their own', () => {
  expect(stripAccents('Crème brûlée, Ελλάδα, й ё, Ångström, Łódź, ñ')).toBe('Creme brulee, Ελλαδα, и е, Angstrom, Łodz, n')
  expect(stripAccents('が हिन्दी ภาษาไทย 한국어')).toBe('が हिन्दी ภาษาไทย 한국어')
})

test('controls go, line ends and joiners stay', () => {
  expect(removeControls('\ufeffa\0b\tc\r\nd\u00ade\u200bf\u202eg\u0085h')).toBe('ab\tc\r\ndefgh')
  expect(removeControls('👩‍👩‍👧 می‌خواهم')).toBe('👩‍👩‍👧 می‌خواهم')
})

test('quotes and blanks', () => {
  expect(straightenQuotes('„So“, “it’s” ‚a‛ «b»')).toBe('"So", "it\'s" \'a\' «b»')
  expect(collapseWhitespace('  a\u00a0\u3000b\r\n\tc ')).toBe('a b c')
})

test('normalize does what it is told, and nothing else', () => {
  const text = ' “Ｃafe\u0301” \n'
  expect(normalize(text, {})).toBe(text)
  expect(normalize(text, { form: 'NFKC', quotes: true, accents: true, case: 'lower', whitespace: true, controls: true })).toBe(
    '"cafe"',
  )
  expect(normalize('ẞ', { case: 'fold' })).toBe('ss')
  expect(normalize('ẞ', { case: 'lower' })).toBe('ß')
})
