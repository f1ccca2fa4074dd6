import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluateAnalogies, evaluateWordPairs, readAnalogies, readWordPairs } from './analogies.ts'
import { KeyedVectors, type WordSimilarity } from './keyed-vectors.ts'
import type { Query, SimilarOptions } from './query.ts'

const golden = JSON.parse(readFileSync('test/golden/word_vectors.json', 'utf8'))
const words: string[] = golden.words
const vectors = Float32Array.from(golden.vectors.flat())
const kv = new KeyedVectors({ words, vectors, counts: golden.counts })

type GoldenQuery = { positive: Query[]; negative?: Query[] } & SimilarOptions

function expectRanking(answer: WordSimilarity[], expected: [string, number][]) {
  expect(answer.map(({ word }) => word)).toEqual(expected.map(([word]) => word))
  for (const [i, { similarity }] of answer.entries()) expect(similarity).toBeCloseTo(expected[i][1], 6)
}

describe('KeyedVectors answers as gensim does', () => {
  it.each(golden.mostSimilar as { query: GoldenQuery; answer: [string, number][] }[])('mostSimilar %#', ({ query, answer }) => {
    expectRanking(kv.mostSimilar(query), answer)
  })

  it.each(golden.mostSimilarCosmul as { query: GoldenQuery; answer: [string, number][] }[])(
    'mostSimilarCosmul %#',
    ({ query, answer }) => {
      const found = kv.mostSimilarCosmul(query as Parameters<typeof kv.mostSimilarCosmul>[0])
      expect(found.map(({ word }) => word)).toEqual(answer.map(([word]) => word))
      for (const [i, { similarity }] of found.entries()) expect(Math.abs(similarity / answer[i][1] - 1)).toBeLessThan(1e-4)
    },
  )

  it('similarByVector', () => {
    const { vector, answer } = golden.similarByVector
    expectRanking(kv.similarByVector(vector, { topn: 5 }), answer)
  })

  it('similarity, distance, nSimilarity', () => {
    for (const [a, b, similarity, distance] of golden.similarity) {
      expect(kv.similarity(a, b)).toBeCloseTo(similarity, 6)
      expect(kv.distance(a, b)).toBeCloseTo(distance, 6)
    }
    for (const [a, b, similarity] of golden.nSimilarity) expect(kv.nSimilarity(a, b)).toBeCloseTo(similarity, 6)
  })

  it('doesntMatch and the order behind it', () => {
    for (const [group, odd, ranking] of golden.doesntMatch) {
      expect(kv.doesntMatch(group)).toBe(odd)
      expectRanking(kv.rankByCentrality(group), ranking)
    }
  })

  it('closerThan and rank', () => {
    for (const [a, b, closer, rank] of golden.closerThan) {
      if (a === b) continue // gensim's distance of a word to itself is a rounding error, by which others may be nearer
      expect(kv.closerThan(a, b)).toEqual(closer)
      expect(kv.rank(a, b)).toBe(rank)
    }
  })

  it.each(golden.evaluated as any[])('analogies and word pairs with $options', async (expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'loquent-'))
    const [analogies, wordPairs] = [join(folder, 'analogies.txt'), join(folder, 'pairs.tsv')]
    writeFileSync(analogies, golden.analogies)
    writeFileSync(wordPairs, golden.wordPairs)
    const { sections, skippedLines } = await readAnalogies(analogies)
    expect(skippedLines).toEqual([11])
    const score = evaluateAnalogies(kv, sections, expected.options)
    expect(score.sections.map(({ name, correct, incorrect }) => [name, correct, incorrect])).toEqual(
      expected.sections.slice(0, -1),
    )
    expect(score.accuracy).toBeCloseTo(expected.accuracy, 12)
    const { pairs, skippedLines: skippedPairs } = await readWordPairs(wordPairs)
    expect(skippedPairs).toEqual([10])
    const judged = evaluateWordPairs(kv, pairs, expected.options)
    expect(judged.pearson).toBeCloseTo(expected.pearson, 6)
    expect(judged.spearman).toBeCloseTo(expected.spearman, 12)
    expect((100 * judged.unknown) / judged.pairs).toBeCloseTo(expected.unknownPercent, 12)
  })
})

it('search after search gives the same, also where the kernel has taken over', () => {
  const [V, C] = [2000, 20]
  const many = new KeyedVectors({
    words: Array.from({ length: V }, (_, i) => `${i}`),
    vectors: Float32Array.from({ length: V * C }, (_, i) => Math.sin((i % 19_000) ** 1.5) * ((Math.floor(i / C) % 7) + 1)), // some rows twice, but longer
  })
  const query = { positive: ['3', [many.vector('77'), 0.3]] as Query[], negative: ['1955'] }
  const first = many.mostSimilar({ ...query, topn: 30 })
  for (let i = 0; i < 5; i++) expect(many.mostSimilar({ ...query, topn: 30 })).toEqual(first)
  expect(many.mostSimilar({ positive: ['3'], topn: 1 })).toEqual([{ word: '953', similarity: expect.closeTo(1, 12) }])
  expect(many.mostSimilar({ positive: ['3'], topn: 5000 })).toHaveLength(V - 1)
  expect(many.mostSimilar({ positive: ['3'], topn: 5000, restrictVocab: 10 })).toHaveLength(9)
})

describe('KeyedVectors refuses', () => {
  const make = (names: string[], numbers: number[]) => () =>
    new KeyedVectors({ words: names, vectors: Float32Array.from(numbers) })

  it('what are no word vectors', () => {
    expect(make([], [])).toThrow('there must be 1 to 16777215 words')
    expect(make(['a', 'b'], [1, 2, 3])).toThrow('3 numbers for 2 words')
    expect(make(['a', 'b'], [])).toThrow('the same width, at least 1')
    expect(make(['a', 'a'], [1, 2])).toThrow('"a" twice')
    expect(make(['a', 'b'], [1, Number.NaN])).toThrow('word vectors: "b": vectors hold finite numbers')
    expect(() => new KeyedVectors({ words: ['a'], vectors: Float32Array.of(1), counts: [1, 2] })).toThrow('2 counts, 1 words')
  })

  it('unknown words, with a near spelling', () => {
    expect(() => kv.vector('brothr')).toThrow('did you mean "brother"?')
    expect(() => kv.mostSimilar({ positive: ['king', 'toString'] })).toThrow('the word is not in the vocabulary')
    expect(() => kv.doesntMatch(['king', 'Queen'])).toThrow('did you mean "queen"?')
    expect(kv.doesntMatch(['king', 'queen', 'bread', 'Atlantis'], { skipUnknown: true })).toBe('bread')
    expect(() => kv.nSimilarity(['Atlantis'], ['king'], { skipUnknown: true })).toThrow('1 words, none of them in the vocabulary')
  })

  it('queries that make no sense', () => {
    expect(() => kv.mostSimilar({})).toThrow('at least one word or vector')
    expect(() => kv.mostSimilar({ positive: ['king'], topn: 0 })).toThrow('topn: must be a whole number from 1')
    expect(() => kv.mostSimilar({ positive: ['king'], restrictVocab: 1.5 })).toThrow('restrictVocab')
    expect(() => kv.similarByVector([1, 2])).toThrow('a vector has 8 finite numbers')
    expect(() => kv.similarByVector(new Float32Array(8).fill(Number.NaN))).toThrow('finite')
    expect(() => kv.mostSimilar({ positive: [['king', Number.NaN]] })).toThrow('a weight must be a finite number')
    expect(() => kv.mostSimilarCosmul({ positive: [], negative: ['king'] })).toThrow('something to be near to')
    expect(() => evaluateAnalogies(kv, [])).toThrow('at least one analogy')
    expect(() => evaluateWordPairs(kv, [{ a: 'x', b: 'y', judgement: 1 }])).toThrow('at least two pairs')
  })

  it('a zero vector has no neighbours, and is none', () => {
    const zero = new KeyedVectors({ words: ['a', 'b', '0'], vectors: Float32Array.of(1, 0, -1, 0, 0, 0) })
    expect(zero.similarity('a', '0')).toBe(0)
    expect(zero.mostSimilar({ positive: ['a'] })).toEqual([
      { word: '0', similarity: 0 },
      { word: 'b', similarity: -1 },
    ])
  })
})
