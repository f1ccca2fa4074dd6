import { describe, expect, it } from 'vitest'
import { Codes } from './codes.ts'

describe('Codes', () => {
  it('refuses what 4 GiB do not hold, before anything is allocated', () => {
    const codes = new Codes(1000, 'dot')
    const many = { length: 1000 * 3_000_000 } as Float32Array
    expect(() => codes.append(many)).toThrow('at most 4 GiB')
    expect(codes.rows).toBe(0)
  })

  it('rules out almost every row, and never a neighbour', () => {
    const [rows, width] = [2000, 64]
    const matrix = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * i))
    const codes = new Codes(width, 'dot')
    codes.append(matrix)
    const query = matrix.subarray(77 * width, 78 * width)
    const [candidates] = codes.candidates(query, 5)
    const scores = Array.from({ length: rows }, (_, row) => query.reduce((sum, x, i) => sum + x * matrix[row * width + i], 0))
    const best = scores.map((_, row) => row).sort((a, b) => scores[b] - scores[a])
    for (const row of best.slice(0, 5)) expect(candidates).toContain(row)
    expect(candidates.length).toBeLessThan(20)
    codes.drop(77)
    expect(codes.candidates(query, 5)[0]).not.toContain(77)
  })
})
