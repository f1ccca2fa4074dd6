import { describe, expect, it } from 'vitest'
import { evaluate, expectClose } from './check.contract.ts'
import type { Shape } from './dims.ts'
import { reference } from './engine/reference.ts'
import { ndarray } from './ndarray.ts'
import { rearrangement } from './rearrange.ts'
import { input, type Tensor } from './tensor.ts'

const iota = (shape: readonly number[]) => {
  const size = shape.reduce((a, b) => a * b, 1)
  return ndarray(
    Float32Array.from({ length: size }, (_, i) => i),
    shape,
  )
}
const run = (pattern: string, shape: readonly number[], sizes: Record<string, number> = {}) =>
  evaluate((x: Tensor) => x.rearrange(pattern, sizes), [iota(shape)], { engine: reference })

describe('values', () => {
  it('permutes', async () => {
    expectClose(await run('h w -> w h', [2, 3]), ndarray([0, 3, 1, 4, 2, 5], [3, 2]))
  })

  it('merges', async () => {
    expectClose(await run('b t c -> (b t) c', [2, 2, 2]), iota([4, 2]))
    expectClose(await run('b t c -> (t b) c', [2, 2, 2]), ndarray([0, 1, 4, 5, 2, 3, 6, 7], [4, 2]))
  })

  it('splits: the first name of a group is the outer one', async () => {
    expectClose(await run('(h d) -> d h', [6], { h: 2 }), ndarray([0, 3, 1, 4, 2, 5], [3, 2]))
    expectClose(await run('(h d) -> d h', [6], { d: 2 }), ndarray([0, 2, 4, 1, 3, 5], [2, 3]))
  })

  it('splits heads and merges them again', async () => {
    const both = (x: Tensor) => x.rearrange('b t (h d) -> b h t d', { h: 2 }).rearrange('b h t d -> b t (h d)')
    expectClose(await evaluate(both, [iota([2, 3, 4])], { engine: reference }), iota([2, 3, 4]))
  })

  it('adds and removes axes of size 1', async () => {
    expectClose(await run('a b -> a () b', [2, 3]), iota([2, 1, 3]))
    expectClose(await run('a () b -> a b', [2, 1, 3]), iota([2, 3]))
    expectClose(await run('() -> ', [1]), ndarray([0], []))
  })
})

describe('shapes', () => {
  it.each<[string, Shape, Record<string, number>, Shape]>([
    ['b t (n h d) -> n b h t d', ['batch', 'tokens', 96], { n: 3, h: 4 }, [3, 'batch', 4, 'tokens', 8]],
    ['b h t d -> b t (h d)', ['batch', 4, 'tokens', 8], {}, ['batch', 'tokens', 32]],
    ['b t c -> (b t) c', ['batch', 'tokens', 8], {}, ['batch*tokens', 8]],
    ['(b t) c -> b t c', ['batch*tokens', 8], { t: 4 }, ['?']],
    ['(x y) -> x y', ['6*tokens'], { y: 3 }, ['2*tokens', 3]],
    ['b (t k) -> b k t', ['batch', '4*tokens'], { k: 4 }, ['batch', 4, 'tokens']],
  ])('%s of %j with %j is %j', (pattern, shape, sizes, merged) => {
    if (merged[0] === '?') expect(() => rearrangement(pattern, shape, sizes)).toThrow('(b t) = 4 × … must make batch*tokens')
    else expect(input(shape).rearrange(pattern, sizes).shape).toEqual(merged)
  })

  it('takes a name as a size', () => {
    expect(rearrangement('(b t) c -> b t c', ['batch*tokens', 8], { b: 'batch' }).split).toEqual(['batch', 'tokens', 8])
  })
})

describe('errors', () => {
  it('reads as every error does', () => {
    expect(() => input(['batch', 10]).rearrange('b (h d) -> b h d', { h: 3 })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: rearrange 'b (h d) -> b h d': (h d) = 3 × … must make 10
        got    [batch,10]]
    `)
  })

  it.each<[string, string, Shape, Record<string, number>, string]>([
    ['another rank', 'a b -> b a', [2, 3, 4], {}, 'must have 3 axes'],
    ['a size that does not divide', 'a (b c) -> a b c', [2, 7], { b: 2 }, '(b c) = 2 × … must make 7'],
    ['two unknown sizes', '(a b) -> a b', [6], {}, 'all but one of (a b)'],
    ['sizes whose product is another', '(a b) -> a b', [6], { a: 2, b: 2 }, '(a b) = 4 must make 6'],
    ['a size that contradicts the shape', 'a b -> b a', [2, 3], { a: 5 }, '(a) = 5 must make 2'],
    ['a product that only divides', '(a b) -> a b', [12], { a: 2, b: 3 }, '(a b) = 6 must make 12'],
    ['an axis lost', 'a b -> a', [2, 3], {}, 'each axis once on both sides'],
    ['an axis invented', 'a -> a b', [2], {}, 'each axis once on both sides'],
    ['an axis twice', 'a a -> a a', [2, 2], {}, 'each axis once on both sides'],
    ['no arrow', 'a b', [2, 3], {}, '"axes -> axes"'],
    ['two arrows', 'a -> a -> a', [2], {}, '"axes -> axes"'],
    ['an empty pattern', '', [], {}, '"axes -> axes"'],
    ['a group left open', 'a (b -> a b', [2, 3], {}, 'rearrange'],
    ['a size of zero', '(a b) -> a b', [6], { a: 0 }, 'must make 6'],
  ])('%s', (_, pattern, shape, sizes, message) => {
    const attempt = () => rearrangement(pattern, shape, sizes)
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ code: 'shape' }))
  })
})
