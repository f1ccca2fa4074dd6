import { expect, it } from 'vitest'
import { pearson, spearman } from './correlation.ts'

// scipy 1.17.1: stats.pearsonr, stats.spearmanr
const A = [1, 2, 2, 5, 9, -3]
const B = [0.5, 3, 1, 1, 12, 0.5]

it('equals scipy, ties included', () => {
  expect(pearson(A, B)).toBeCloseTo(0.7924378107596236, 12)
  expect(spearman(A, B)).toBeCloseTo(0.8508410434878082, 12)
})

it('sees order alone, or lines alone', () => {
  const x = [1, 2, 3, 4]
  expect(spearman(x, [1, 10, 100, 1000])).toBeCloseTo(1, 12)
  expect(spearman(x, [4, 3, 2, 1])).toBeCloseTo(-1, 12)
  expect(pearson(x, [3, 5, 7, 9])).toBeCloseTo(1, 12)
  expect(pearson(x, [1, 1, 1, 1])).toBeNaN()
})

it('refuses what does not pair', () => {
  expect(() => pearson([1, 2], [1])).toThrow('two samples of the same length')
  expect(() => spearman([1], [1])).toThrow('at least two values')
})
