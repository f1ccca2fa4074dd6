import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError, ShapeError } from '../errors.ts'
import { Shortlist } from './scan.js'
import { MatrixSearch, topK, topKBatch, unitRows } from './top-k.ts'

type Metric = 'dot' | 'euclidean'

/** Every score by the definition, every row sorted. */
function bruteForce(matrix: Float32Array, rows: number, width: number, query: Float32Array, k: number, metric: Metric) {
  const scores = Array.from({ length: rows }, (_, row) => {
    let sum = 0
    for (let i = 0; i < width; i++) {
      const x = matrix[row * width + i]
      sum += metric === 'dot' ? x * query[i] : (x - query[i]) ** 2
    }
    return metric === 'dot' ? sum : -Math.sqrt(sum)
  })
  const ids = scores.map((_, row) => row).sort((a, b) => scores[b] - scores[a] || a - b)
  return { ids: ids.slice(0, k), scores }
}

/** Small whole numbers: every sum is exact, ties abound. */
const wholeNumbers = (size: number, limit = 3) =>
  fc.array(fc.integer({ min: -limit, max: limit }), { minLength: size, maxLength: size }).map((list) => Float32Array.from(list))

function random(size: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  })
}

describe('MatrixSearch', () => {
  const cases = fc
    .record({
      rows: fc.integer({ min: 0, max: 600 }),
      width: fc.integer({ min: 1, max: 21 }),
      n: fc.integer({ min: 1, max: 7 }),
      k: fc.integer({ min: 0, max: 12 }),
      metric: fc.constantFrom<Metric>('dot', 'euclidean'),
    })
    .chain((sizes) =>
      fc.record({
        ...Object.fromEntries(Object.entries(sizes).map(([key, value]) => [key, fc.constant(value)])),
        matrix: wholeNumbers(sizes.rows * sizes.width),
        queries: wholeNumbers(sizes.n * sizes.width),
      }),
    ) as fc.Arbitrary<{
    rows: number
    width: number
    n: number
    k: number
    metric: Metric
    matrix: Float32Array
    queries: Float32Array
  }>

  it('finds what sorting every score finds, ties by row, with and without the kernel', () => {
    fc.assert(
      fc.property(cases, ({ rows, width, n, k, metric, matrix, queries }) => {
        for (const kernel of [true, false]) {
          using search = new MatrixSearch(matrix, rows, width, { metric, kernel })
          const found = search.topKBatch(queries, k)
          expect(found).toHaveLength(n)
          for (const [i, { ids, scores }] of found.entries()) {
            const expected = bruteForce(matrix, rows, width, queries.subarray(i * width, (i + 1) * width), k, metric)
            expect([...ids]).toEqual(expected.ids)
            expect([...scores]).toEqual(expected.ids.map((id) => Math.fround(expected.scores[id])))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['values of one size', 1, 0],
    ['tiny values', 1e-39, 0],
    ['huge values', 1e37, 0],
    ['values far from 0, where scores differ by little', 1, 100],
  ])('orders by sums in 64 bits: %s', (_, scale, shift) => {
    const [rows, width] = [1500, 100]
    const matrix = random(rows * width, 7).map((x) => x * scale + shift)
    const query = random(width, 8).map((x) => x * scale + shift)
    for (const metric of ['dot', 'euclidean'] as const) {
      using search = new MatrixSearch(matrix, rows, width, { metric })
      expect([...search.topK(query, 50).ids]).toEqual(bruteForce(matrix, rows, width, query, 50, metric).ids)
    }
  })

  it('puts up with one row that dwarfs the others, zero rows and equal rows', () => {
    const [rows, width] = [700, 9]
    const matrix = random(rows * width, 3)
    matrix.fill(1e30, 5 * width, 6 * width)
    matrix.fill(0, 10 * width, 20 * width)
    matrix.copyWithin(30 * width, 40 * width, 41 * width)
    const query = matrix.slice(40 * width, 41 * width)
    for (const metric of ['dot', 'euclidean'] as const) {
      using search = new MatrixSearch(matrix, rows, width, { metric })
      expect([...search.topK(query, rows).ids]).toEqual(bruteForce(matrix, rows, width, query, rows, metric).ids)
      expect([...search.topK(new Float32Array(width), 12).ids]).toEqual(
        bruteForce(matrix, rows, width, new Float32Array(width), 12, metric).ids,
      )
    }
  })

  it('gives a query the same answer alone, in batches beyond one pass, and by threads', async () => {
    const [rows, width, n] = [40_000, 12, 150]
    const matrix = random(rows * width, 1)
    const queries = random(n * width, 2)
    using search = new MatrixSearch(matrix, rows, width)
    const batch = search.topKBatch(queries, 10)
    expect(await search.topKByThreads(queries, 10, 3)).toEqual(batch)
    const together = [0, 1, 2].map((i) => search.topKByThreads(queries.subarray(i * width, (i + 1) * width), 10, 2))
    expect((await Promise.all(together)).flat()).toEqual(batch.slice(0, 3))
    for (const i of [0, 77, 149]) expect(search.topK(queries.subarray(i * width, (i + 1) * width), 10)).toEqual(batch[i])
    expect([...batch[0].ids]).toEqual(bruteForce(matrix, rows, width, queries.subarray(0, width), 10, 'dot').ids)
  })

  it('takes the widest vectors without an overflow', () => {
    const width = 20_000
    const matrix = new Float32Array(3 * width).fill(1)
    matrix.fill(-1, width, 2 * width)
    matrix[2 * width] = 0.5
    using search = new MatrixSearch(matrix, 3, width)
    expect(search.topK(new Float32Array(width).fill(1), 3)).toEqual({
      ids: Int32Array.of(0, 2, 1),
      scores: Float32Array.of(width, width - 0.5, -width),
    })
  })
})

describe('topK', () => {
  it('serves k = 0, k beyond the rows, no rows, and width 0', () => {
    const matrix = Float32Array.of(1, 2, 3)
    expect(topK(matrix, 3, 1, Float32Array.of(2), 9)).toEqual({ ids: Int32Array.of(2, 1, 0), scores: Float32Array.of(6, 4, 2) })
    expect(topK(matrix, 3, 1, Float32Array.of(2), 0).ids).toHaveLength(0)
    expect(topK(new Float32Array(0), 0, 4, new Float32Array(4), 3).ids).toHaveLength(0)
    expect([...topK(new Float32Array(0), 5, 0, new Float32Array(0), 2).ids]).toEqual([0, 1])
  })

  it.each([NaN, Infinity, -Infinity])('refuses %s in the matrix and in the query', (bad) => {
    const [rows, width] = [300, 10]
    const matrix = random(rows * width, 5)
    const query = random(width, 6)
    const damaged = matrix.slice()
    damaged[287 * width + 4] = bad
    const four = Float32Array.from({ length: 4 * width }, (_, i) => (i === 25 ? bad : 1))
    expect(() => topK(damaged, rows, width, query, 1)).toThrow(DataError)
    expect(() => topKBatch(damaged, rows, width, new Float32Array(4 * width), 4, 1)).toThrow('row 287')
    expect(() => topKBatch(matrix, rows, width, four, 4, 1)).toThrow('at dimension 5')
    expect(() => topK(matrix, rows, width, four.subarray(20, 30), 1)).toThrow(DataError)
  })

  it('refuses sizes that do not fit', () => {
    expect(() => topK(new Float32Array(7), 2, 4, new Float32Array(4), 1)).toThrow(ShapeError)
    expect(() => topK(new Float32Array(8), 2, 4, new Float32Array(3), 1)).toThrow(ShapeError)
    expect(() => topK(new Float32Array(8), 2, 4, new Float32Array(4), 1.5)).toThrow('search: k: a whole number')
  })
})

describe('unitRows', () => {
  it('scales rows to length 1 and leaves zeros', () => {
    expect([...unitRows(Float32Array.of(3, 4, 0, 0), 2)]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0])
  })
})

describe('Shortlist', () => {
  it('keeps whatever the k largest lower bounds do not rule out', () => {
    const list = new Shortlist(2)
    const bounds = [
      [0, 1],
      [4, 6],
      [1, 2],
      [5, 5.5],
      [3, 4.5],
      [-1, 9],
    ]
    for (const [row, [lower, upper]] of bounds.entries()) list.add(row, lower, upper)
    expect([...list.candidates().rows]).toEqual([1, 3, 4, 5])
  })
})
