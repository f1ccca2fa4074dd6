import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bootstrapInterval, bootstrapStatistic } from './bootstrap.ts'

type Binomial = { ones: number; size: number; level: number; low: number; high: number }
const golden: Binomial[] = JSON.parse(
  readFileSync(new URL('../../test/golden/evaluation.json', import.meta.url), 'utf8'),
).bootstrap

describe('bootstrap interval', () => {
  it.each(golden)('of $ones ones among $size at $level approaches the binomial quantiles', ({ ones, size, level, low, high }) => {
    const interval = bootstrapInterval(
      Float64Array.from({ length: size }, (_, i) => (i < ones ? 1 : 0)),
      { level, resamples: 4000 },
    )
    expect(interval.value).toBeCloseTo(ones / size, 12)
    expect(Math.abs(interval.low - low)).toBeLessThanOrEqual(1 / size + 1e-12)
    expect(Math.abs(interval.high - high)).toBeLessThanOrEqual(1 / size + 1e-12)
  })

  it('is the same for the same seed and another for another', () => {
    const scores = Array.from({ length: 50 }, (_, i) => Math.sin(i))
    expect(bootstrapInterval(scores, { seed: 3 })).toEqual(bootstrapInterval(scores, { seed: 3 }))
    expect(bootstrapInterval(scores, { seed: 3 }).low).not.toBe(bootstrapInterval(scores, { seed: 4 }).low)
  })

  it('takes any statistic, and its value on the test set as it is', () => {
    const scores = [5, 1, 9, 2, 2]
    const median = (sample: Int32Array) => Array.from(sample, (i) => scores[i]!).sort((a, b) => a - b)[2]!
    const { value, low, high } = bootstrapStatistic(scores.length, median, { resamples: 500 })
    expect(value).toBe(2)
    expect([low, high]).toEqual([1, 9])
  })

  it.each([
    [[], {}, /at least one test example/],
    [[1], { level: 1 }, /level/],
    [[1], { level: Number.NaN }, /level/],
    [[1], { resamples: 0 }, /resamples/],
    [[1], { resamples: 1.5 }, /resamples/],
  ])('refuses %j with %j', (scores, options, message) => {
    expect(() => bootstrapInterval(scores, options)).toThrow(message)
  })
})
