/** Where values come from, and operations that change none of them. */
import { EngineError } from '../../errors.ts'
import { addDims, type Dim, elements, type Shape } from '../dims.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import { expectTypes, type TensorType } from '../shape.ts'

/** A value that arrives when the program runs. */
export const input = defineOp<TensorType>({
  name: 'input',
  infer: (_, type) => [type],
  lower: () => unbound(),
  kernel: () => unbound(),
  gradient: 'none',
})

function unbound(): never {
  throw new EngineError({
    place: 'compile',
    rule: 'a graph may only use the inputs of the function that is compiled',
    hint: 'pass the tensor as an argument of the function',
  })
}

/** A value that is part of the program. */
export const constant = defineOp<{ value: NdArray }>({
  name: 'constant',
  infer: (_, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  lower(b, _, { attrs: { value } }) {
    const { dtype, shape, data } = value
    const simple = shape.length === 0 && (dtype === 'f32' || dtype === 'i32' || dtype === 'bool')
    return simple ? b.scalar(dtype, data[0]) : b.constant(dtype, shape, data)
  },
  kernel: ({ outputs: [y], attrs: { value } }) => y.data.set(value.data),
  gradient: 'none',
})

/** start, start + 1, … start + size − 1. */
export const iota = defineOp<{ size: Dim; start?: Dim }>({
  name: 'iota',
  infer: (_, { size }) => [{ shape: [size], dtype: 'i32' }],
  lower(b, _, { attrs: { size, start = 0 } }) {
    const bound = (dim: Dim) => b.cast(b.emit('Reshape', [b.dim(dim), b.ints([])]), 'i32')
    return b.emit('Range', [bound(start), bound(addDims(start, size)), b.scalar('i32', 1)])
  },
  kernel({ outputs: [y], attrs: { start = 0 }, size }) {
    const first = size(start)
    for (let i = 0; i < y.data.length; i++) y.data[i] = first + i
  },
  gradient: 'none',
})

/** A dimension as a number that can be computed with. */
export const dimension = defineOp<{ dim: Dim }>({
  name: 'dimension',
  infer: () => [{ shape: [], dtype: 'f32' }],
  lower: (b, _, { attrs: { dim } }) => b.cast(b.emit('Reshape', [b.dim(dim), b.ints([])]), 'f32'),
  kernel({ outputs: [y], attrs: { dim }, size }) {
    y.data[0] = size(dim)
  },
  gradient: 'none',
})

/** The value itself, under a name by which it can be requested. */
export const tap = defineOp<{ name: string }>({
  name: 'tap',
  infer: ([x]) => [x],
  lower: (_, [x]) => x,
  kernel: ({ inputs: [x], outputs: [y] }) => y.data.set(x.data),
  gradient: ([g]) => [g],
})

/** The value itself, through which no gradient flows. */
export const stopGradient = defineOp<Record<never, never>>({
  name: 'stopGradient',
  infer: ([x]) => [x],
  lower: (_, [x]) => x,
  kernel: ({ inputs: [x], outputs: [y] }) => y.data.set(x.data),
  gradient: 'none',
})

/**
 * The value itself, but not before `token` is known: keeps an engine from computing it early, or from
 * recognising it as something that it has computed already.
 */
export const after = defineOp<Record<never, never>>({
  name: 'after',
  infer([x, token]) {
    expectTypes(token.dtype === 'f32' && token.shape.length === 0, 'after', 'the token is an f32 scalar', [x, token])
    return [x]
  },
  lower: (b, [x, token]) => b.emit('Where', [b.cast(token, 'bool'), x, x]),
  kernel: ({ inputs: [x], outputs: [y] }) => y.data.set(x.data),
  gradient: ([g]) => [g, undefined],
})

// ── random numbers ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Uniform numbers in [0, 1), a pure function of a seed and a position: no state, the same on every engine.
 *
 * The 32-bit mix is `lowbias32` of Wellons, "Prospecting for Hash Functions" (2018); 24 bits of it make the f32.
 */
export const uniform = defineOp<{ shape: Shape; salt: number }>({
  name: 'uniform',
  infer([seed], { shape }) {
    expectTypes(seed.dtype === 'i32' && seed.shape.length === 0, 'uniform', 'the seed is an i32 scalar', [seed])
    return [{ shape, dtype: 'f32' }]
  },
  lower(b, [seed], { attrs: { shape, salt } }) {
    const u32 = (value: number) => b.constant('u32', [], Uint32Array.of(value))
    const xorShift = (x: string, by: number) =>
      b.emit('BitwiseXor', [x, b.emit('BitShift', [x, u32(by)], { direction: { s: 'RIGHT' } })])
    const mix = (x: string) => xorShift(multiply(xorShift(multiply(xorShift(x, 16), MIX_1), 15), MIX_2), 16)
    const multiply = (x: string, by: number) => b.emit('Mul', [x, u32(by)])
    const limit = b.cast(b.emit('Reshape', [b.dim(elements(shape)), b.ints([])]), 'i32')
    const index = b.cast(b.emit('Range', [b.scalar('i32', 0), limit, b.scalar('i32', 1)]), 'u32')
    const key = mix(b.emit('BitwiseXor', [b.cast(seed, 'u32'), u32(saltBits(salt))]))
    const bits = b.emit('BitShift', [mix(b.emit('BitwiseXor', [multiply(index, GOLDEN), key])), u32(8)], {
      direction: { s: 'RIGHT' },
    })
    return b.reshape(b.emit('Mul', [b.cast(bits, 'f32'), b.scalar('f32', 2 ** -24)]), shape)
  },
  kernel({ inputs: [seed], outputs: [y], attrs: { salt } }) {
    const key = mix32(seed.data[0] ^ saltBits(salt))
    for (let i = 0; i < y.data.length; i++) y.data[i] = (mix32(Math.imul(i, GOLDEN) ^ key) >>> 8) * 2 ** -24
  },
  gradient: 'none',
})

const MIX_1 = 0x7feb352d
const MIX_2 = 0x846ca68b
const GOLDEN = 0x9e3779b1

const saltBits = (salt: number): number => Math.imul(salt + 1, GOLDEN) >>> 0

function mix32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), MIX_1)
  x = Math.imul(x ^ (x >>> 15), MIX_2)
  return (x ^ (x >>> 16)) >>> 0
}
