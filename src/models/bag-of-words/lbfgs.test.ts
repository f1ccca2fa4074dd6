import { describe, expect, it } from 'vitest'
import { type Iterate, lbfgs, type Objective } from './lbfgs.ts'

const last = (objective: Objective, curvature: number[], options = {}): Iterate =>
  [...lbfgs(objective, { curvature: Float64Array.from(curvature), tolerance: 1e-9, maxIterations: 500, ...options })].at(-1)!

const rosenbrock: Objective = (x, gradient) => {
  const [a, b] = [x[0]!, x[1]!]
  gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a)
  gradient[1] = 200 * (b - a * a)
  return (1 - a) ** 2 + 100 * (b - a * a) ** 2
}

/** Σ scaleᵢ (xᵢ - i)² / 2 */
const bowl =
  (scales: number[]): Objective =>
  (x, gradient) => {
    let value = 0
    for (const [i, scale] of scales.entries()) {
      gradient[i] = scale * (x[i]! - i)
      value += (scale * (x[i]! - i) ** 2) / 2
    }
    return value
  }

describe('L-BFGS', () => {
  it('follows a curved valley to its end', () => {
    const { x, value } = last(rosenbrock, [1, 1])
    expect(x[0]).toBeCloseTo(1, 8)
    expect(x[1]).toBeCloseTo(1, 8)
    expect(value).toBeLessThan(1e-15)
  })

  it('needs one step where the curvature is known, however uneven', () => {
    const scales = [1, 1e-6, 1e6, 42]
    const points = [...lbfgs(bowl(scales), { curvature: Float64Array.from(scales), tolerance: 1e-8, maxIterations: 500 })]
    expect(points).toHaveLength(2)
    expect([...points[1]!.x]).toEqual([0, 1, 2, 3])
  })

  it.each([1e-9, 1e9])('finds the minimum when the guessed curvature is off by %f', (factor) => {
    const { x } = last(bowl([1, 2, 3, 4]), [factor, factor, factor, factor])
    x.forEach((xi, i) => {
      expect(xi).toBeCloseTo(i, 6)
    })
  })

  it('never climbs', () => {
    const options = { curvature: Float64Array.of(1, 1), tolerance: 1e-9, maxIterations: 500 }
    const values: number[] = []
    for (const { value } of lbfgs(rosenbrock, options)) values.push(value)
    expect(values.length).toBeGreaterThan(5)
    expect(values).toEqual(values.toSorted((a, b) => b - a))
  })

  it('stays where it starts when that is the minimum, and stops at the limit of steps', () => {
    expect(last(bowl([1]), [1]).x[0]).toBe(0)
    expect([...lbfgs(rosenbrock, { curvature: Float64Array.of(1, 1), tolerance: 0, maxIterations: 3 })]).toHaveLength(4)
  })

  it('ends when rounding leaves no descent, with the lowest point', () => {
    const noisy: Objective = (x, gradient) => {
      gradient[0] = 1
      return x[0] === 0 ? 0 : 1
    }
    expect(last(noisy, [1])).toMatchObject({ value: 0 })
  })
})
