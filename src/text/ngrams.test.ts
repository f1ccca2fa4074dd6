import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { characterNgrams, ngrams, skipGrams } from './ngrams.ts'

const join = (grams: Iterable<string[]>) => Array.from(grams, (gram) => gram.join(' '))

test('neighbouring items, the shorter runs first', () => {
  expect(join(ngrams(['a', 'b', 'c'], [1, 2]))).toEqual(['a', 'b', 'c', 'a b', 'b c'])
  expect(join(ngrams(['a', 'b', 'c'], 3))).toEqual(['a b c'])
  expect(join(ngrams(['a'], [2, 9]))).toEqual([])
  expect(join(ngrams([], 1))).toEqual([])
})

test('their number follows from the sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (items, n) => {
      expect(Array.from(ngrams(items, n))).toHaveLength(Math.max(0, items.length - n + 1))
    }),
  )
})

test('characters are code points, and the edges may show', () => {
  expect(Array.from(characterNgrams('a😀b', 2))).toEqual(['a😀', '😀b'])
  // Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", §3.2: the trigrams of "where".
  expect(Array.from(characterNgrams('where', 3, { edge: ['<', '>'] }))).toEqual(['<wh', 'whe', 'her', 'ere', 're>'])
})

test('skip-grams: the example of Guthrie et al. 2006, §2', () => {
  const words = 'insurgents killed in ongoing fighting'.split(' ')
  expect(join(skipGrams(words, { n: 2, skip: 2 })).sort()).toEqual(
    [
      'insurgents killed',
      'insurgents in',
      'insurgents ongoing',
      'killed in',
      'killed ongoing',
      'killed fighting',
      'in ongoing',
      'in fighting',
      'ongoing fighting',
    ].sort(),
  )
  const three =
    'killed in ongoing,insurgents killed in,insurgents killed ongoing,insurgents killed fighting,insurgents in ongoing,insurgents in fighting,insurgents ongoing fighting,killed in fighting,killed ongoing fighting,in ongoing fighting'
  expect(join(skipGrams(words, { n: 3, skip: 2 })).sort()).toEqual(three.split(',').sort())
  expect(join(skipGrams(words, { n: 2, skip: 0 }))).toEqual(join(ngrams(words, 2)))
})

test.each([[0], [[2, 1]], [[1.5, 2]], [[1, Number.NaN]]])('%j is no range', (range) => {
  expect(() => Array.from(ngrams(['a'], range as number))).toThrow(ConfigError)
})

test('they come one by one', () => {
  const [first] = skipGrams(
    Array.from({ length: 1e6 }, (_, i) => i),
    { n: 5, skip: 50 },
  )
  expect(first).toEqual([0, 1, 2, 3, 4])
  expect(() => Array.from(skipGrams(['a'], { n: 1, skip: -1 }))).toThrow(ConfigError)
})
