import { describe, expect, it } from 'vitest'
import { seededRandom } from './random.ts'

describe('seeded random numbers', () => {
  it('never change: intervals that were published can be computed again', () => {
    const random = seededRandom(0)
    expect([random(), random(), random()]).toMatchInlineSnapshot(`
      [
        0.41675133258104324,
        0.010470665525645018,
        0.5870561683550477,
      ]
    `)
  })

  it.each([0, 1, -1, 2 ** 40])('are uniform and uncorrelated with seed %i', (seed) => {
    const random = seededRandom(seed)
    const draws = Array.from({ length: 20_000 }, random)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(draws.every((u) => u >= 0 && u < 1)).toBe(true)
    expect(Math.abs(mean(draws) - 1 / 2)).toBeLessThan(0.01)
    expect(Math.abs(mean(draws.map((u) => u * u)) - 1 / 3)).toBeLessThan(0.01)
    expect(Math.abs(mean(draws.slice(1).map((u, i) => u * draws[i]!)) - 1 / 4)).toBeLessThan(0.01)
  })
})
