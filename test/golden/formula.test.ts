import { describe, expect, it } from 'vitest'
import { type Checksum, distance, integers, value, values } from './formula.ts'

describe('the golden formula', () => {
  it('computes what golden.py computes', () => {
    expect([0, 1, 2, 3].map((i) => value(i, 0))).toEqual([
      -0.3003930449485779, -0.33556419610977173, 0.14824944734573364, 0.39628446102142334,
    ])
    expect([0, 1].map((i) => value(i, 7))).toEqual([-0.3378520607948303, -0.4441192150115967])
    expect(value(2 ** 20, 1000)).toBe(-0.3182157278060913)
    expect(values([2, 2], 3, 0.2, 1)).toEqual(Float32Array.of(1.0430603, 1.0561321, 1.00548, 1.0227547))
    expect(integers([2, 4], 3, 65)).toEqual(Int32Array.of(46, 50, 34, 39, 20, 6, 59, 40))
  })

  it('fills rank 0 with one value and an empty shape with none', () => {
    expect(values([], 0)).toHaveLength(1)
    expect(integers([3, 0], 0, 5)).toHaveLength(0)
  })
})

describe('distance to a checksum', () => {
  const want: Checksum = {
    // of values([1000], 5)
    sum: -2.07414317,
    sumOfSquares: 82.1179507,
    samples: [
      [0, 0.25034642],
      [333, 0.39107478],
      [666, -0.30424094],
      [999, -0.3710283],
    ],
  }

  it('is small for the same array', () => {
    expect(distance(values([1000], 5), want)).toBeLessThan(1e-8)
  })

  it('sees one lost value that was not sampled, and NaN', () => {
    const data = values([1000], 5)
    data[500] = 0
    expect(distance(data, want)).toBeGreaterThan(1e-3)
    data[500] = Number.NaN
    expect(distance(data, want)).toBeNaN()
  })

  it('accepts an array of zeros, and an empty one', () => {
    expect(distance(new Float32Array(3), { sum: 0, sumOfSquares: 0, samples: [[0, 0]] })).toBe(0)
    expect(distance(new Float32Array(0), { sum: 0, sumOfSquares: 0, samples: [] })).toBe(0)
  })
})
