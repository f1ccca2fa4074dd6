/**
 * Element types. `f32`, `i32` and `bool` are computed with; the others are storage, widened by `cast`.
 *
 * `i4` packs two signed values a byte, low nibble first.
 */
export type DType = 'f32' | 'i32' | 'bool' | 'f16' | 'bf16' | 'i8' | 'u8' | 'i4'

export type TypedArray = Float32Array | Int32Array | Uint16Array | Uint8Array | Int8Array

type Storage = { bits: number; array: new (source: number | ArrayBufferLike, byteOffset?: number, length?: number) => TypedArray }

const storage: Record<DType, Storage> = {
  f32: { bits: 32, array: Float32Array },
  i32: { bits: 32, array: Int32Array },
  bool: { bits: 8, array: Uint8Array },
  f16: { bits: 16, array: Uint16Array },
  bf16: { bits: 16, array: Uint16Array },
  i8: { bits: 8, array: Int8Array },
  u8: { bits: 8, array: Uint8Array },
  i4: { bits: 4, array: Uint8Array },
}

/** Bytes that `count` elements take. */
export function byteSize(dtype: DType, count: number): number {
  return Math.ceil((storage[dtype].bits * count) / 8)
}

/** A zeroed array that holds `count` elements. */
export function allocate(dtype: DType, count: number): TypedArray {
  const { array } = storage[dtype]
  return new array(byteSize(dtype, count) / bytesPerSlot(dtype))
}

/** True when `data` is the typed array that stores `count` elements of `dtype`. */
export function stores(data: TypedArray, dtype: DType, count: number): boolean {
  return data instanceof storage[dtype].array && data.byteLength === byteSize(dtype, count)
}

export const arrayName = (dtype: DType): string => storage[dtype].array.name

const bytesPerSlot = (dtype: DType): number => Math.max(1, storage[dtype].bits / 8)

const word = new DataView(new ArrayBuffer(4))

/** IEEE half precision to a number. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** A number to IEEE half precision, rounded to nearest, ties to even. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude >= 65520) return sign | 0x7c00
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)))
  const scaled = roundHalfToEven(magnitude * 2 ** (10 - exponent)) // 1024…2048 where normal, less where subnormal
  return sign | (scaled + ((exponent + 14) << 10)) // a carry out of the fraction lands in the exponent
}

/** bfloat16 (the upper half of an f32) to a number. */
export function bfloatToNumber(bits: number): number {
  word.setUint32(0, bits << 16)
  return word.getFloat32(0)
}

/** A number to bfloat16, rounded to nearest, ties to even. */
export function numberToBfloat(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  word.setFloat32(0, value)
  const bits = word.getUint32(0)
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

const readers: Record<DType, (data: ArrayLike<number>, i: number) => number> = {
  f32: (data, i) => data[i],
  i32: (data, i) => data[i],
  bool: (data, i) => data[i],
  i8: (data, i) => data[i],
  u8: (data, i) => data[i],
  f16: (data, i) => halfToNumber(data[i]),
  bf16: (data, i) => bfloatToNumber(data[i]),
  i4: (data, i) => ((data[i >> 1] >> (4 * (i & 1))) << 28) >> 28,
}

const writers: Record<DType, (data: TypedArray, i: number, value: number) => void> = {
  f32: assign,
  i32: assign,
  i8: assign,
  u8: assign,
  bool: (data, i, value) => assign(data, i, value === 0 ? 0 : 1), // NaN is true, as in C
  f16: (data, i, value) => assign(data, i, numberToHalf(value)),
  bf16: (data, i, value) => assign(data, i, numberToBfloat(value)),
  i4: (data, i, value) => {
    const shift = 4 * (i & 1)
    data[i >> 1] = (data[i >> 1] & ~(0xf << shift)) | ((value & 0xf) << shift)
  },
}

function assign(data: TypedArray, i: number, value: number): void {
  data[i] = value
}

/** Copies `count` elements of one dtype into an array of another. Integers truncate toward zero. */
export function convert(from: ArrayLike<number>, fromType: DType, to: TypedArray, toType: DType, count: number): void {
  const read = readers[fromType]
  const write = writers[toType]
  for (let i = 0; i < count; i++) write(to, i, read(from, i))
}
