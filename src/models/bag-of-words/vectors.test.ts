import { describe, expect, it } from 'vitest'
import { compressRows, countTerms, inverseDocumentFrequencies, tfIdf } from './vectors.ts'
import { buildVocabulary, ngrams, vocabularyOf } from './vocabulary.ts'

const documents = [['to', 'be', 'or', 'not', 'to', 'be'], ['not', 'now'], []]

describe('n-grams', () => {
  it('of every length in the range, where the text is long enough', () => {
    expect(ngrams(['a', 'b', 'c'], [1, 2])).toEqual(['a', 'a b', 'b', 'b c', 'c'])
    expect(ngrams(['a', 'b', 'c'], [2, 3])).toEqual(['a b', 'a b c', 'b c'])
    expect(ngrams(['a'], [2, 2])).toEqual([])
  })
})

describe('vocabulary', () => {
  const config = { ngramRange: [1, 2] as const, minDocumentFrequency: 2, weighting: 'count' as const, C: 1 }

  it('keeps what occurs in enough documents, however often in one', () => {
    expect(buildVocabulary(documents, config).terms).toEqual(['not'])
    expect(buildVocabulary(documents, { ...config, minDocumentFrequency: 1 }).terms).toEqual([
      'to',
      'to be',
      'be',
      'be or',
      'or',
      'or not',
      'not',
      'not to',
      'not now',
      'now',
    ])
  })
})

describe('vectors', () => {
  const vocabulary = vocabularyOf(['be', 'to', 'not'])
  const rows = documents.map((document) => countTerms(document, vocabulary, [1, 1]))

  it('count known terms by rising id', () => {
    expect(rows.map(({ ids, values }) => [[...ids], [...values]])).toEqual([
      [
        [0, 1, 2],
        [2, 2, 1],
      ],
      [[2], [1]],
      [[], []],
    ])
  })

  it('weigh rare terms more, in rows of length 1', () => {
    const idf = inverseDocumentFrequencies(rows, 3)
    expect([...idf]).toEqual([Math.log(4 / 2) + 1, Math.log(4 / 2) + 1, Math.log(4 / 3) + 1].map(Math.fround))
    const lengths = rows.map((row) => Math.hypot(...tfIdf(row, idf).values))
    expect(lengths[0]).toBeCloseTo(1, 12)
    expect(lengths[1]).toBeCloseTo(1, 12)
    expect(lengths[2]).toBe(0)
  })

  it('stand one after the other when compressed', () => {
    const { starts, ids, values, columns } = compressRows(rows, 3)
    expect([[...starts], [...ids], [...values], columns]).toEqual([[0, 3, 4, 4], [0, 1, 2, 2], [2, 2, 1, 1], 3])
  })
})
