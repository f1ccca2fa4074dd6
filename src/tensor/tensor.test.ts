import { describe, expect, expectTypeOf, it } from 'vitest'
import { evaluate, expectClose, ids, random } from './check.contract.ts'
import { layerNorm } from './composites/norm.ts'
import { addDims, type Dim, type Shape } from './dims.ts'
import { reference } from './engine/reference.ts'
import { ndarray } from './ndarray.ts'
import { concat, constant, input, iota, scalar, stack, Tensor } from './tensor.ts'

const x = input(['batch', 3, 4])

describe('types', () => {
  it('clash where the axes differ', () => {
    expectTypeOf<Tensor<'B T'>>().not.toExtend<Tensor<'B T C'>>()
    expectTypeOf<Tensor<'B T C'>>().not.toExtend<Tensor<'B T'>>()
    const pooled = (hidden: Tensor<'B T C'>): Tensor<'B C'> => hidden.mean(1)
    const logits: Tensor<'B T'> = input(['B', 'T'])
    // @ts-expect-error  a matrix is no batch of sequences
    expect(pooled(logits).shape).toEqual(['B'])
  })

  it('fit where one side names no axes', () => {
    expectTypeOf<Tensor>().toExtend<Tensor<'B T C'>>()
    expectTypeOf<Tensor<'B T C'>>().toExtend<Tensor>()
  })

  it('know how many dimensions were asked for', () => {
    expectTypeOf(x.dims(3)).toEqualTypeOf<[Dim, Dim, Dim]>()
    expect(x.dims(3)).toEqual(['batch', 3, 4])
  })
})

describe('shapes', () => {
  it.each<[string, (x: Tensor) => Tensor, Shape]>([
    ['add', (x) => x.add(input([4])), ['batch', 3, 4]],
    ['add, both stretch', (x) => x.add(input(['heads', 1, 1, 1])), ['heads', 'batch', 3, 4]],
    ['sum of all', (x) => x.sum(), []],
    ['sum of an axis', (x) => x.sum(-1), ['batch', 3]],
    ['mean, axes kept', (x) => x.mean([0, 2], { keepDims: true }), [1, 3, 1]],
    ['argmax', (x) => x.argmax(1), ['batch', 4]],
    ['matmul, matrix at the right', (x) => x.matmul(input([4, 5])), ['batch', 3, 5]],
    ['matmul, transposed', (x) => x.matmul(input(['batch', 3, 5]), { transposeA: true }), ['batch', 4, 5]],
    ['gather', (x) => x.gather(input([7, 'tokens'], 'i32')), [7, 'tokens', 3, 4]],
    ['pick', (x) => x.pick(input(['batch', 3], 'i32')), ['batch', 3]],
    ['oneHot', () => input(['batch'], 'i32').oneHot('vocab'), ['batch', 'vocab']],
    ['scatterAdd', () => input(['batch'], 'i32').scatterAdd(input(['batch', 5]), 9), [9, 5]],
    ['reshape with an open dimension', (x) => x.reshape([-1, 6]), ['2*batch', 6]],
    ['reshape, the open dimension is named', (x) => x.reshape([2, -1, 6]), [2, 'batch', 6]],
    ['transpose of the last two', (x) => x.transpose(), ['batch', 4, 3]],
    ['slice', (x) => x.slice(-1, 1, 3), ['batch', 3, 2]],
    ['slice by name', (x) => x.slice(0, 'past', 'batch'), ['batch+-1*past', 3, 4]],
    ['pad', (x) => x.pad(1, 2, 1), ['batch', 6, 4]],
    ['concat', (x) => x.concat([input(['past', 3, 4])], 0), ['batch+past', 3, 4]],
    ['unsqueeze at the end', (x) => x.unsqueeze(-1), ['batch', 3, 4, 1]],
    ['stack', (x) => stack([x, x]), [2, 'batch', 3, 4]],
    ['iota', () => iota('tokens', 'past'), ['tokens']],
  ])('%s', (_, f, shape) => {
    expect(f(x).shape).toEqual(shape)
  })

  it('unstack gives the slices without the axis', () => {
    expect(
      stack([x, x, x])
        .unstack(3)
        .map(({ shape }) => shape),
    ).toEqual([x.shape, x.shape, x.shape])
  })
})

describe('what changes nothing makes no operation', () => {
  it.each<[string, (x: Tensor) => Tensor]>([
    ['cast', (x) => x.cast('f32')],
    ['reshape', (x) => x.reshape(['batch', -1, 4])],
    ['transpose', (x) => x.transpose([0, 1, 2])],
    ['broadcastTo', (x) => x.broadcastTo(['batch', 3, 4])],
    ['pad', (x) => x.pad(0, 0, 0)],
    ['concat', (x) => concat([x], 0)],
    ['split', (x) => x.split(1, [3])[0]],
    ['sumTo', (x) => x.sumTo(x.shape)],
    ['rearrange', (x) => x.rearrange('b t c -> b t c')],
  ])('%s', (_, f) => {
    expect(f(x)).toBe(x)
  })
})

describe('operands', () => {
  it('a number takes the dtype of the tensor', () => {
    expect(input([2], 'i32').add(1).dtype).toBe('i32')
    expect(input([2]).add(1).dtype).toBe('f32')
    expect(input([2], 'bool').where(input([2], 'i32'), 0).dtype).toBe('i32')
    expect(input([2], 'bool').where(1, 0).dtype).toBe('f32')
  })

  it('equal numbers are one constant, and −0 is not 0', async () => {
    expect(scalar(0.5)).toBe(scalar(0.5))
    expect(scalar(1, 'i32')).not.toBe(scalar(1))
    const signs = (one: Tensor) => ({ minus: one.div(scalar(-0)), plus: one.div(scalar(0)) })
    const { minus, plus } = await evaluate(signs, [random([], { low: 1, high: 2 })])
    expect([minus.data[0], plus.data[0]]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})

describe('sumTo and sizeOf', () => {
  it('sums what broadcasting added', async () => {
    const f = (x: Tensor) => [x.sumTo([3]), x.sumTo([2, 1]), x.sumTo([])]
    const [columns, rows, all] = await evaluate(f, [ndarray([1, 2, 3, 4, 5, 6], [2, 3])], { engine: reference })
    expectClose(columns, ndarray([5, 7, 9], [3]))
    expectClose(rows, ndarray([6, 15], [2, 1]))
    expectClose(all, ndarray([21], []))
  })

  it('counts elements, of known and of named sizes', () => {
    expect(x.sizeOf([1, 2])).toBe(scalar(12))
    expect(x.sizeOf([0, 1]).call.attrs.dim).toBe('3*batch')
  })
})

describe('errors', () => {
  it('of matmul', () => {
    expect(() => x.matmul(input([5, 6]))).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: matmul: the inner dimensions must be equal
        got    [batch,3,4] times [5,6]
        try    transpose one of them, or check which weight belongs to this input]
    `)
  })

  it('of broadcasting', () => {
    expect(() => x.add(input([3]))).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: add: shapes must be equal or broadcast: aligned at the right, dimensions equal or 1
        got    [batch,3,4] and [3]
        try    reshape or broadcast one of them, or transpose so that the axes line up]
    `)
  })

  it('of a layer', () => {
    expect(() => layerNorm({ gain: input([5]), bias: input([4]) }, x)).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: layerNorm: gain and bias must have the size of the last axis of x
        got    f32[batch,3,4], f32[5], f32[4]]
    `)
  })

  it.each<[string, (x: Tensor) => unknown, string]>([
    ['dims of another rank', (x) => x.dims(2), 'dims: the tensor must have 2 axes'],
    ['an axis out of range', (x) => x.sum(3), 'sum: axis must be a whole number from -3 to 2'],
    ['an axis that is no whole number', (x) => x.argmax(0.5), 'argmax: axis must be a whole number'],
    ['an axis given twice', (x) => x.sum([1, -2]), 'sum: each axis may be named once'],
    ['two dtypes', (x) => x.add(input([4], 'i32')), 'add: takes two tensors of one dtype'],
    ['arithmetic on bools', () => input([2], 'bool').add(input([2], 'bool')), 'add: takes two tensors of one dtype'],
    ['arithmetic on storage', () => input([2], 'f16').exp(), 'exp: takes one f32 or i32 tensor'],
    ['logic on numbers', (x) => x.and(x), 'and: takes two tensors'],
    ['names that differ', (x) => x.add(input(['tokens', 3, 4])), 'add: shapes must be equal or broadcast'],
    ['reshape to another size', (x) => x.reshape([3, 4]), 'reshape: both shapes must hold the same number of elements'],
    ['reshape that does not divide', (x) => x.reshape([-1, 5]), 'reshape: one dimension may be -1, and must follow exactly'],
    ['reshape with two open dimensions', (x) => x.reshape([-1, -1]), 'reshape: one dimension may be -1'],
    ['transpose that loses an axis', (x) => x.transpose([0, 1]), 'transpose: axes must name each axis'],
    ['transpose with an axis twice', (x) => x.transpose([0, 1, 1]), 'transpose: axes must name each axis'],
    ['transpose of a vector', () => input([3]).transpose(), 'transpose: axis must be a whole number from -1 to 0'],
    ['broadcastTo a smaller shape', (x) => x.broadcastTo([3, 4]), 'broadcastTo: each dimension must be 1'],
    ['slice past the end', (x) => x.slice(1, 2, 4), 'slice: 0 <= start <= stop <= 3'],
    ['slice that runs backwards', (x) => x.slice(1, 2, 1), 'slice: 0 <= start <= stop <= 3'],
    ['slice from before the start', (x) => x.slice(0, -1, 'batch'), 'slice: 0 <= start'],
    ['slice past a named end', (x) => x.slice(0, 1, addDims('batch', 1)), 'slice: 0 <= start <= stop <= batch'],
    ['pad by less than nothing', (x) => x.pad(1, -1, 0), 'pad: widths must not be negative'],
    ['unsqueeze past the end', (x) => x.unsqueeze(4), 'unsqueeze: axis must be a whole number from -4 to 3'],
    ['split into other sizes', (x) => x.split(1, [1, 1]), 'split: sizes must add up to axis 1'],
    ['split into one other size', (x) => x.split(1, [2]), 'split: sizes must add up to axis 1'],
    ['concat of other widths', (x) => x.concat([input(['batch', 3, 5])], 1), 'concat: tensors must have one dtype'],
    ['gather by floats', (x) => x.gather(input([2])), 'gather: takes a table and i32 ids'],
    ['pick of another shape', (x) => x.pick(input(['batch', 4], 'i32')), 'pick: takes a tensor and i32 ids'],
    ['softmax of a scalar', (x) => x.sum().softmax(), 'softmax: takes an f32 tensor with at least one axis'],
    ['where on numbers', (x) => x.where(1, 0), 'where: takes a bool condition'],
    ['a sum of bools', (x) => x.greater(0).sum(), 'sum: takes an f32 or i32 tensor'],
    ['a matrix times a vector', (x) => x.matmul(input([4])), 'matmul: takes two f32 tensors of rank 2 or more'],
    ['argmax of bools', (x) => x.greater(0).argmax(), 'argmax: takes an f32 or i32 tensor'],
    ['cumsum of bools', (x) => x.greater(0).cumsum(0), 'cumsum: takes an f32 or i32 tensor'],
  ])('of %s', (_, f, message) => {
    expect(() => f(x)).toThrow(message)
    expect(() => f(x)).toThrow(expect.objectContaining({ code: 'shape' }))
  })
})

it('a constant keeps its array', async () => {
  const table = random([3, 2])
  const rows = await evaluate((i: Tensor) => constant(table).gather(i), [ids([2, 0, -1])])
  expectClose(
    rows,
    [4, 5, 0, 1, 4, 5].map((i) => table.data[i]),
    0,
  )
  expect(constant(table)).toBeInstanceOf(Tensor)
})
