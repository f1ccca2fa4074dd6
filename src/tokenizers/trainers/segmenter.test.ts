import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IntList } from './int-list.ts'
import { Segmenter } from './segmenter.ts'

const text = Int32Array.of(1, 2, 1, 2, 2, 1, 0)
const pieces = {
  text,
  starts: Int32Array.of(0, 1, 0, 1, 0),
  lengths: Int32Array.of(1, 1, 2, 2, 3),
  scores: Float64Array.of(-1, -2, -1.5, -4, -5),
}

/** Every way to cut text[start … end), with its log probability. */
function ways(start: number, end: number): { path: number[]; score: number }[] {
  if (start === end) return [{ path: [], score: 0 }]
  return Array.from(pieces.starts.keys()).flatMap((piece) => {
    const length = pieces.lengths[piece]
    const matches = Array.from({ length }, (_, i) => text[start + i] === text[pieces.starts[piece] + i]).every(Boolean)
    if (!matches || start + length > end) return []
    return ways(start + length, end).map(({ path, score }) => ({ path: [piece, ...path], score: score + pieces.scores[piece] }))
  })
}

it('expects of each piece its count over all ways', () => {
  const expected = new Float64Array(6)
  new Segmenter(pieces).addExpected(0, 6, 3, expected)
  const all = ways(0, 6)
  const total = all.reduce((sum, { score }) => sum + Math.exp(score), 0)
  for (let piece = 0; piece < 5; piece++) {
    const wanted = all.reduce((sum, { path, score }) => sum + path.filter((p) => p === piece).length * Math.exp(score), 0)
    expect(expected[piece]).toBeCloseTo((3 * wanted) / total, 10)
  }
})

it('finds the best way, and the best that is divided', () => {
  const segmenter = new Segmenter(pieces)
  const path = new IntList()
  const best = Math.max(...ways(0, 6).map(({ score }) => score))
  expect(segmenter.bestPath(0, 6, path)).toBeCloseTo(best, 10)
  expect(segmenter.bestPath(0, 2, path)).toBe(-1.5)
  expect(segmenter.bestPath(0, 2, path, true)).toBe(-3)
  expect(Array.from(path.data.subarray(0, path.length))).toEqual([1, 0])
  expect(segmenter.bestPath(0, 1, path, true)).toBe(Number.NEGATIVE_INFINITY)
})

it('keeps its sums within the range of numbers, however long and improbable a word', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.double({ min: -100, max: -0.1, noNaN: true }), (length, score) => {
      const text = new Int32Array(length + 1).fill(1, 0, length)
      const segmenter = new Segmenter({
        text,
        starts: Int32Array.of(0),
        lengths: Int32Array.of(1),
        scores: Float64Array.of(score),
      })
      const expected = new Float64Array(2)
      segmenter.addExpected(0, length, 2, expected)
      expect(expected[0] / (2 * length)).toBeCloseTo(1, 9)
    }),
    { numRuns: 50 },
  )
})
