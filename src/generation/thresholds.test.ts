import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Thresholds } from './thresholds.ts'

const numbers = fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(-1, 0, -0, 1, 2)), { minLength: 1, maxLength: 60 })
const descending = (values: readonly number[]): number[] => [...values].sort((a, b) => b - a)

describe('thresholds', () => {
  it('the k-th largest is that of a sort, also among infinite and equal numbers', () => {
    const thresholds = new Thresholds(60)
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 70 }), (values, k) => {
        const want = descending(values)[Math.min(k, values.length) - 1]
        expect(thresholds.kthLargest(Float32Array.from(values), k) === want).toBe(true) // -0 equals 0
      }),
      { numRuns: 1000 },
    )
  })

  it('a share of the weight is reached where a sort reaches it', () => {
    const thresholds = new Thresholds(60)
    const weights = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 16 }), (eighths, share) => {
        // Sums of eighths are exact, so that the order of adding does not matter.
        const values = Float32Array.from(eighths, (n) => n / 8)
        const goal = (values.reduce((a, b) => a + b) * share) / 16
        const { value, above } = thresholds.reaching(values, goal)
        const sorted = descending([...values])
        const sums = sorted.map((_, i) => sorted.slice(0, i + 1).reduce((a, b) => a + b))
        expect(value).toBe(sorted[sums.findIndex((sum) => sum >= goal)])
        expect(above).toBe([...values].filter((weight) => weight > value).reduce((a, b) => a + b, 0))
      }),
      { numRuns: 1000 },
    )
  })

  it('a share that rounding keeps out of reach is all of it', () => {
    expect(new Thresholds(3).reaching(Float32Array.of(1, 0.5, 0.25), 1.7500001)).toEqual({ value: 0.25, above: 1.5 })
  })

  it('leaves the numbers as they are', () => {
    const values = Float32Array.of(3, 1, 2)
    new Thresholds(3).kthLargest(values, 2)
    expect([...values]).toEqual([3, 1, 2])
  })
})
