import { describe, expect, it } from 'vitest'
import { castArray, ndarray, zeros } from './ndarray.ts'

describe('ndarray', () => {
  it('wraps a typed array without a copy', () => {
    const data = Float32Array.of(1, 2, 3, 4)
    expect(ndarray(data, [2, 2]).data).toBe(data)
  })

  it('takes a view into a larger buffer', () => {
    const view = new Float32Array(10).subarray(3, 7)
    expect(ndarray(view, [4]).data).toBe(view)
  })

  it('makes an array from numbers, converted to the dtype', () => {
    expect(ndarray([1.5, -2.5], [2], 'i32').data).toEqual(Int32Array.of(1, -2))
    expect(ndarray([1, 0.5], [2], 'f16').data).toEqual(Uint16Array.of(0x3c00, 0x3800))
    expect(ndarray([2, 0], [2], 'bool').data).toEqual(Uint8Array.of(1, 0))
    expect(ndarray([7], []).data).toEqual(Float32Array.of(7))
    expect(ndarray([], [0, 3]).data).toEqual(new Float32Array(0))
  })

  it('says how an array of another type should be stored', () => {
    expect(() => ndarray(new Float32Array(6), [2, 3], 'i32')).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: ndarray: i32[2,3] is stored as Int32Array, 6 elements
        got    Float32Array of length 6
        try    check the shape and the dtype that belong to this data]
    `)
  })

  it('says how many numbers a shape takes', () => {
    expect(() => ndarray([1, 2, 3], [2, 2])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: ndarray: shape [2,2] takes 4 numbers
        got    3]
    `)
  })

  it('checks the length of packed storage by bytes', () => {
    expect(ndarray(new Uint8Array(2), [3], 'i4').data.length).toBe(2)
    expect(() => ndarray(new Uint8Array(3), [3], 'i4')).toThrow('i4')
  })
})

describe('castArray', () => {
  it('returns the array itself where the dtype is the same', () => {
    const array = zeros([2])
    expect(castArray(array, 'f32')).toBe(array)
  })

  it('widens storage', () => {
    expect(castArray(ndarray([1, -2, 0.5], [3], 'bf16'), 'f32')).toEqual(ndarray([1, -2, 0.5], [3]))
    expect(castArray(ndarray([-8, 7, 3], [3], 'i4'), 'i8')).toEqual(ndarray([-8, 7, 3], [3], 'i8'))
  })
})
