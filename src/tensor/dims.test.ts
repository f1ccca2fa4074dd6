import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDims, bindDim, bindShape, type Dim, divideDims, elements, isName, mulDims, subDims, terms } from './dims.ts'

const names = ['batch', 'tokens', 'past'] as const
const sizes = fc.record({ batch: fc.nat(9), tokens: fc.nat(9), past: fc.nat(9) })
const bindings = (record: Record<string, number>) => new Map(Object.entries(record))

/** A dimension as arithmetic makes it, beside the same arithmetic on numbers. */
type Built = { dim: Dim; value: (sizes: Record<string, number>) => number }
const leaf = fc.oneof(
  fc.constantFrom(...names).map((name): Built => ({ dim: name, value: (record) => record[name] })),
  fc.integer({ min: -5, max: 5 }).map((number): Built => ({ dim: number, value: () => number })),
)
const operations = {
  add: { dims: addDims, numbers: (a: number, b: number) => a + b },
  sub: { dims: subDims, numbers: (a: number, b: number) => a - b },
  mul: { dims: mulDims, numbers: (a: number, b: number) => a * b },
}
const built: fc.Arbitrary<Built> = fc.letrec<{ node: Built }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(fc.constantFrom(...Object.values(operations)), tie('node'), tie('node')).map(
      ([{ dims, numbers }, a, b]): Built => ({
        dim: dims(a.dim, b.dim),
        value: (record) => numbers(a.value(record), b.value(record)),
      }),
    ),
  ),
})).node

describe('arithmetic', () => {
  it('agrees with numbers, whatever sizes the names take', () => {
    fc.assert(fc.property(built, sizes, ({ dim, value }, record) => bindDim(dim, bindings(record)) === value(record)))
  })

  it('gives one text to one polynomial', () => {
    const laws = (a: Dim, b: Dim, c: Dim) => [
      [addDims(a, b), addDims(b, a)],
      [mulDims(a, b), mulDims(b, a)],
      [addDims(addDims(a, b), c), addDims(a, addDims(b, c))],
      [mulDims(a, addDims(b, c)), addDims(mulDims(a, b), mulDims(a, c))],
      [subDims(addDims(a, b), b), a],
    ]
    const holds = (a: Built, b: Built, c: Built) => laws(a.dim, b.dim, c.dim).every(([left, right]) => left === right)
    fc.assert(fc.property(built, built, built, holds))
  })

  it.each<[Dim, Dim]>([
    [mulDims('tokens', 'batch'), 'batch*tokens'],
    [mulDims(3, mulDims('tokens', 'tokens')), '3*tokens*tokens'],
    [addDims('tokens', 'past'), 'past+tokens'],
    [addDims(1, 'tokens'), 'tokens+1'],
    [addDims('tokens', 'tokens'), '2*tokens'],
    [subDims('tokens', 'tokens'), 0],
    [subDims('tokens', 'past'), '-1*past+tokens'],
    [subDims(addDims('tokens', 3), 'tokens'), 3],
    [mulDims('tokens', 0), 0],
    [elements(['batch', 2, 'tokens', 3]), '6*batch*tokens'],
    [elements([]), 1],
  ])('writes %j as %j', (dim, text) => {
    expect(dim).toBe(text)
  })
})

describe('division', () => {
  it('undoes a product with a monomial', () => {
    const monomial = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.subarray([...names])).map(([n, list]) => elements([n, ...list]))
    fc.assert(fc.property(built, monomial, ({ dim }, b) => divideDims(mulDims(dim, b), b) === dim))
  })

  it.each<[Dim, Dim, Dim | undefined]>([
    [12, 4, 3],
    [12, 5, undefined],
    [0, 3, 0],
    [0, 'tokens', 0],
    [3, 0, undefined],
    [0, 0, undefined],
    ['12*batch', 4, '3*batch'],
    ['12*batch', 'batch', 12],
    ['batch', 'tokens', undefined],
    ['batch', 'batch*tokens', undefined],
    ['batch*past+batch*tokens', 'batch', 'past+tokens'],
    ['past+tokens', 'past+tokens', 1],
    ['past+tokens', 'past', undefined],
    ['6*tokens+3', 3, '2*tokens+1'],
    ['6*tokens+3', 2, undefined],
  ])('%j / %j is %j', (a, b, quotient) => {
    expect(divideDims(a, b)).toBe(quotient)
  })
})

describe('binding', () => {
  it('gives a shape its sizes', () => {
    expect(bindShape([2, 'batch', 'past+tokens', '2*tokens*tokens'], bindings({ batch: 3, past: 4, tokens: 5 }))).toEqual([
      2, 3, 9, 50,
    ])
  })

  it('names the dimension that no input gives', () => {
    expect(() => bindDim('batch*tokens', bindings({ batch: 3 }))).toThrow("dimension 'tokens'")
  })
})

it('takes a dimension apart', () => {
  expect(terms('-1*past+2*batch*tokens')).toEqual([
    { coefficient: -1, names: ['past'] },
    { coefficient: 2, names: ['batch', 'tokens'] },
  ])
  expect(terms(7)).toEqual([{ coefficient: 7, names: [] }])
  expect(terms(0)).toEqual([])
})

it('tells names from polynomials', () => {
  const dims = ['tokens', 'batch_2', 'batch*tokens', 'tokens+1', '2', 3]
  expect(dims.filter(isName)).toEqual(['tokens', 'batch_2'])
})
