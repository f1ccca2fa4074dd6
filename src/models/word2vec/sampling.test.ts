import { describe, expect, it } from 'vitest'
import { Random } from '../../tensor/random.ts'
import { keepChances, NEGATIVE_POWER, negativeTable } from './sampling.ts'

const counts = [100_000, 20_000, 5000, 5000, 700, 31, 5, 1]

describe('negatives', () => {
  it('come in proportion to count to the power of 3/4, exactly', () => {
    const { share, other } = negativeTable(counts)
    const chances = counts.map(() => 0)
    for (const [i, part] of share.entries()) {
      chances[i] += part / counts.length
      chances[other[i]] += (1 - part) / counts.length
    }
    const total = counts.reduce((sum, count) => sum + count ** NEGATIVE_POWER, 0)
    for (const [i, count] of counts.entries()) expect(chances[i]).toBeCloseTo(count ** NEGATIVE_POWER / total, 6)
  })

  it('are drawn so: chi-square of 200,000 draws below the 99.9 % point of 7 degrees of freedom', () => {
    const { share, other } = negativeTable(counts)
    const random = new Random(3)
    const draws = 200_000
    const seen = counts.map(() => 0)
    for (let n = 0; n < draws; n++) {
      const i = random.below(counts.length)
      seen[random.uniform() < share[i] ? i : other[i]]++
    }
    const total = counts.reduce((sum, count) => sum + count ** NEGATIVE_POWER, 0)
    const square = counts.reduce((sum, count, i) => {
      const want = (draws * count ** NEGATIVE_POWER) / total
      return sum + (seen[i] - want) ** 2 / want
    }, 0)
    expect(square).toBeLessThan(24.3)
  })

  it('are the only word where there is one', () => {
    expect(negativeTable([3])).toEqual({ share: Float32Array.of(1), other: Int32Array.of(0) })
  })
})

describe('subsampling', () => {
  it('keeps rare words, and of frequent ones what word2vec.c keeps', () => {
    const total = counts.reduce((a, b) => a + b)
    const chances = keepChances(counts, 1e-3)
    expect(chances.at(-1)).toBe(1)
    const share = counts[0] / total
    expect(chances[0]).toBeCloseTo((Math.sqrt(share / 1e-3) + 1) * (1e-3 / share), 6)
  })

  it('keeps all where it is turned off', () => {
    expect(Array.from(keepChances(counts, 0))).toEqual(counts.map(() => 1))
  })
})
