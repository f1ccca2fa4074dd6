import { describe, expect, it } from 'vitest'
import {
  allocate,
  bfloatToNumber,
  byteSize,
  convert,
  type DType,
  halfToNumber,
  numberToBfloat,
  numberToHalf,
  stores,
} from './dtype.ts'

const patterns = Array.from({ length: 65536 }, (_, bits) => bits)
const isNaNHalf = (bits: number) => (bits & 0x7fff) > 0x7c00
const isNaNBfloat = (bits: number) => (bits & 0x7fff) > 0x7f80

describe('f16', () => {
  it('returns to the same bits from every number', () => {
    const lost = patterns.filter((bits) => !isNaNHalf(bits) && numberToHalf(halfToNumber(bits)) !== bits)
    expect(lost).toEqual([])
    expect(patterns.filter((bits) => isNaNHalf(bits) !== Number.isNaN(halfToNumber(bits)))).toEqual([])
  })

  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14], // the smallest normal
    [0x03ff, 2 ** -14 - 2 ** -24], // the largest subnormal
    [0x0001, 2 ** -24],
    [0x8000, -0],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ])('bits %i are %d', (bits, number) => {
    expect(halfToNumber(bits)).toBe(number)
    expect(numberToHalf(number)).toBe(bits)
  })

  it('rounds to the nearest, ties to even, in both ranges', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)]
      const middle = (low + high) / 2
      const even = bits % 2 === 0 ? bits : bits + 1
      const step = (high - low) / 64
      expect([numberToHalf(middle), numberToHalf(middle - step), numberToHalf(middle + step)]).toEqual([even, bits, bits + 1])
    }
  })

  it('overflows to infinity from halfway past the largest number', () => {
    expect([65519.99, 65520, 1e30, -65520].map(numberToHalf)).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00])
  })

  it('keeps NaN', () => {
    expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN()
  })
})

describe('bf16', () => {
  it('returns to the same bits from every number', () => {
    const lost = patterns.filter((bits) => !isNaNBfloat(bits) && numberToBfloat(bfloatToNumber(bits)) !== bits)
    expect(lost).toEqual([])
    expect(patterns.filter((bits) => isNaNBfloat(bits) !== Number.isNaN(bfloatToNumber(bits)))).toEqual([])
  })

  it.each([
    [0x3f80, 1],
    [0xc000, -2],
    [0x4049, 3.140625],
    [0x8000, -0],
    [0x0001, 2 ** -133],
    [0x7f80, Number.POSITIVE_INFINITY],
  ])('bits %i are %d', (bits, number) => {
    expect(bfloatToNumber(bits)).toBe(number)
    expect(numberToBfloat(number)).toBe(bits)
  })

  it('rounds to the nearest, ties to even', () => {
    const ulp = 2 ** -7
    expect([1 + ulp / 2, 1 + (3 * ulp) / 2, 1 + ulp / 2 + 2 ** -20, 1 + ulp / 4].map(numberToBfloat)).toEqual([
      0x3f80, 0x3f82, 0x3f81, 0x3f80,
    ])
    expect(numberToBfloat(3.4e38)).toBe(0x7f80)
    expect(bfloatToNumber(numberToBfloat(Number.NaN))).toBeNaN()
  })
})

describe('i4', () => {
  it('packs two signed values a byte, low nibble first', () => {
    const packed = allocate('i4', 5)
    convert([-8, -1, 0, 7, 3], 'i32', packed, 'i4', 5)
    expect([...packed]).toEqual([0xf8, 0x70, 0x03])
    const back = new Float32Array(5)
    convert(packed, 'i4', back, 'f32', 5)
    expect([...back]).toEqual([-8, -1, 0, 7, 3])
  })

  it('overwrites one nibble and leaves its neighbour', () => {
    const packed = Uint8Array.of(0xff)
    convert([2], 'i32', packed, 'i4', 1)
    expect([...packed]).toEqual([0xf2])
  })
})

describe('conversion', () => {
  it('truncates toward zero from floats to integers', () => {
    const to = new Int32Array(4)
    convert([1.9, -1.9, 0.5, -0.5], 'f32', to, 'i32', 4)
    expect([...to]).toEqual([1, -1, 0, 0])
  })

  it('makes a bool of anything but zero', () => {
    const to = new Uint8Array(4)
    convert([0, 0.25, -3, Number.NaN], 'f32', to, 'bool', 4)
    expect([...to]).toEqual([0, 1, 1, 1])
  })
})

describe('storage', () => {
  it.each<[DType, number, number]>([
    ['f32', 5, 20],
    ['f16', 5, 10],
    ['bool', 5, 5],
    ['i4', 5, 3],
    ['i4', 0, 0],
  ])('%s: %d elements take %d bytes', (dtype, count, bytes) => {
    expect(byteSize(dtype, count)).toBe(bytes)
    const data = allocate(dtype, count)
    expect(data.byteLength).toBe(bytes)
    expect(stores(data, dtype, count)).toBe(true)
  })

  it('knows an array of another type or length', () => {
    expect(stores(new Uint16Array(4), 'f16', 4)).toBe(true)
    expect(stores(new Float32Array(4), 'f16', 8)).toBe(false)
    expect(stores(new Uint16Array(4), 'bf16', 3)).toBe(false)
  })
})
