import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { quantile } from './quantile.ts'

type Quantile = { values: number[]; q: number; quantile: number }
const golden: Quantile[] = JSON.parse(
  readFileSync(new URL('../../test/golden/evaluation.json', import.meta.url), 'utf8'),
).quantiles

describe('quantile', () => {
  it.each(golden)('agrees with NumPy: $q of $values', (want) => {
    expect(quantile(want.values, want.q)).toBeCloseTo(want.quantile, 12)
  })

  it('leaves its argument in order', () => {
    const values = [3, 1, 2]
    quantile(values, 0.5)
    expect(values).toEqual([3, 1, 2])
  })

  it('refuses no values and shares outside [0, 1]', () => {
    expect(() => quantile([], 0.5)).toThrow(/at least one value/)
    for (const q of [-0.1, 1.1, Number.NaN]) expect(() => quantile([1], q)).toThrow(/between 0 and 1/)
  })
})
