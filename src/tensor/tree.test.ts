import { describe, expect, expectTypeOf, it } from 'vitest'
import { type IsLeaf, leavesOf, type MapLeaves, mapTree, withLeaves } from './tree.ts'

const isNumber: IsLeaf<number> = (value): value is number => typeof value === 'number'
const tree = {
  wte: 1,
  blocks: [
    { gain: 2, bias: 3 },
    { gain: 4, bias: 5 },
  ],
  head: {},
}

describe('mapTree', () => {
  it('keeps the form and tells the path', () => {
    expect(mapTree(tree, isNumber, (leaf, path) => `${path}=${leaf}`)).toEqual({
      wte: 'wte=1',
      blocks: [
        { gain: 'blocks.0.gain=2', bias: 'blocks.0.bias=3' },
        { gain: 'blocks.1.gain=4', bias: 'blocks.1.bias=5' },
      ],
      head: {},
    })
  })

  it('takes a leaf as a whole tree, whose path is empty', () => {
    expect(mapTree(7, isNumber, (leaf, path) => [leaf, path])).toEqual([7, ''])
  })

  it('takes objects without a prototype', () => {
    expect(mapTree(Object.assign(Object.create(null), { a: 1 }), isNumber, (x) => x + 1)).toEqual({ a: 2 })
  })

  it('changes the type of the leaves and nothing else', () => {
    expectTypeOf(mapTree(tree, isNumber, String)).toEqualTypeOf<{
      wte: string
      blocks: { gain: string; bias: string }[]
      head: Record<never, never>
    }>()
    expectTypeOf<MapLeaves<readonly [number, { x: number }], number, boolean>>().toEqualTypeOf<[boolean, { x: boolean }]>()
  })

  it.each([
    ['a missing value', { a: [1, undefined] }, "belongs at 'a.1', not undefined"],
    ['null', { a: null }, "belongs at 'a', not null"],
    ['a class instance', { a: { b: new Map() } }, "belongs at 'a.b', not Map"],
    ['nothing at all', undefined, "belongs at 'the root', not undefined"],
  ])('refuses %s, naming its path', (_, broken, message) => {
    expect(() => mapTree(broken, isNumber, String)).toThrow(message)
  })
})

it('lists leaves in order, with their paths', () => {
  expect(leavesOf(tree, isNumber)).toEqual([
    ['wte', 1],
    ['blocks.0.gain', 2],
    ['blocks.0.bias', 3],
    ['blocks.1.gain', 4],
    ['blocks.1.bias', 5],
  ])
  expect(leavesOf([], isNumber)).toEqual([])
})

it('puts leaves back in the order in which they were listed', () => {
  const leaves = leavesOf(tree, isNumber).map(([, leaf]) => leaf)
  expect(withLeaves(tree, isNumber, leaves)).toEqual(tree)
  expect(withLeaves([1, { x: 2 }], isNumber, ['a', 'b'])).toEqual(['a', { x: 'b' }])
})
