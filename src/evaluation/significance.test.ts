import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mcnemar, pairedBootstrap } from './significance.ts'

type Split = { onlyFirst: number; onlySecond: number; pValue: number }
const golden: Split[] = JSON.parse(readFileSync(new URL('../../test/golden/evaluation.json', import.meta.url), 'utf8')).mcnemar

const repeated = (count: number, value: boolean) => Array.from({ length: count }, () => value)

describe("McNemar's exact test", () => {
  it.each(golden)('agrees with SciPy on a split of $onlyFirst to $onlySecond', ({ onlyFirst, onlySecond, pValue }) => {
    const first = [...repeated(onlyFirst, true), ...repeated(onlySecond, false), ...repeated(20, true), ...repeated(10, false)]
    const second = [...repeated(onlyFirst, false), ...repeated(onlySecond, true), ...repeated(20, true), ...repeated(10, false)]
    const result = mcnemar(first, second)
    expect(result).toMatchObject({ onlyFirst, onlySecond })
    expect(Math.abs(result.pValue - pValue)).toBeLessThanOrEqual(1e-9 * pValue)
    expect(mcnemar(second, first).pValue).toBe(result.pValue)
  })
})

describe('paired bootstrap', () => {
  const first = Array.from({ length: 200 }, (_, i) => (i % 5 === 0 ? 0 : 1))

  it('keeps 0 outside where one contestant is never worse', () => {
    const second = first.map((right, i) => (i % 10 === 1 ? 0 : right))
    const { value, low, high } = pairedBootstrap(first, second)
    expect(value).toBeCloseTo(0.1, 12)
    expect(low).toBeGreaterThan(0)
    expect(high).toBeLessThan(0.2)
  })

  it('is exactly 0 for the same answers, however uncertain each score is', () => {
    expect(pairedBootstrap(first, first)).toEqual({ value: 0, low: 0, high: 0, level: 0.95 })
  })
})

it('refuses contestants that were not judged on the same examples', () => {
  expect(() => mcnemar([true], [true, false])).toThrow(/same test examples/)
  expect(() => mcnemar([], [])).toThrow(/same test examples/)
  expect(() => pairedBootstrap([1, 0], [1])).toThrow(/same test examples/)
})
