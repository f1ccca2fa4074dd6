/** Reading and writing by index. */
import { type Dim, elements } from '../dims.ts'
import type { OnnxBuilder } from '../onnx/builder.ts'
import { defineOp } from '../op.ts'
import { expectTypes, sameShape } from '../shape.ts'

type NoAttrs = Record<never, never>

/** Rows of a table: `ids.shape + table.shape[1:]`. */
export const gather = defineOp<NoAttrs>({
  name: 'gather',
  infer([table, ids]) {
    expectTypes(ids.dtype === 'i32' && table.shape.length > 0, 'gather', 'takes a table and i32 ids', [table, ids])
    return [{ shape: [...ids.shape, ...table.shape.slice(1)], dtype: table.dtype }]
  },
  lower: (b, inputs) => b.emit('Gather', inputs, { axis: { i: 0 } }),
  kernel({ inputs: [table, ids], outputs: [y] }) {
    const width = ids.data.length === 0 ? 0 : y.data.length / ids.data.length
    for (let i = 0; i < ids.data.length; i++) {
      const row = checkedIndex('gather', ids.data[i], table.shape[0]) * width
      y.data.set(table.data.subarray(row, row + width), i * width)
    }
  },
  gradient: ([g], { inputs: [table, ids] }) => [g && ids.scatterAdd(g, table.shape[0])],
})

/** A table of `rows` zero rows to which each update is added at its id; ids that recur add up. The transpose of `gather`. */
export const scatterAdd = defineOp<{ rows: Dim }>({
  name: 'scatterAdd',
  infer([ids, updates], { rows }) {
    const rank = ids.shape.length
    const fit = ids.dtype === 'i32' && updates.dtype === 'f32' && sameShape(updates.shape.slice(0, rank), ids.shape)
    expectTypes(fit, 'scatterAdd', 'takes i32 ids and f32 updates whose leading axes are those of the ids', [ids, updates])
    return [{ shape: [rows, ...updates.shape.slice(rank)], dtype: 'f32' }]
  },
  lower(b, [ids, updates], { inputs, outputs: [y], attrs: { rows } }) {
    const width = y.shape.slice(1)
    const N = elements(inputs[0].shape)
    const zeros = b.zeros(y)
    if (N === 0 || y.shape.includes(0)) return zeros
    const flat = b.reshape(updates, [N, ...width])
    if (typeof rows === 'number' && rows <= ONE_HOT_ROWS && width.length === 1) {
      const fromStart = b.emit('Mod', [b.reshape(ids, [N]), b.scalar('i32', rows)])
      return b.emit('MatMul', [lowerOneHot(b, fromStart, b.ints([rows]), 0), flat])
    }
    // ScatterND races where ids recur; ScatterElements along axis 0 does not.
    const indices = b.emit('Expand', [b.reshape(ids, [N, ...width.map(() => 1)]), b.emit('Shape', [flat])])
    return b.emit('ScatterElements', [zeros, indices, flat], { axis: { i: 0 }, reduction: { s: 'add' } })
  },
  kernel({ inputs: [ids, updates], outputs: [y] }) {
    const width = ids.data.length === 0 ? 0 : updates.data.length / ids.data.length
    for (let i = 0; i < ids.data.length; i++) {
      const row = checkedIndex('scatterAdd', ids.data[i], y.shape[0]) * width
      for (let k = 0; k < width; k++) y.data[row + k] += updates.data[i * width + k]
    }
  },
  gradient: ([g], { inputs: [ids] }) => [undefined, g?.gather(ids)],
})

/** Up to this many rows, a product with one-hot columns is faster than adding row by row. */
const ONE_HOT_ROWS = 512

/** One element of the last axis at each position: `x[..., ids]`. */
export const pick = defineOp<NoAttrs>({
  name: 'pick',
  infer([x, ids]) {
    const fit = ids.dtype === 'i32' && x.shape.length > 0 && sameShape(x.shape.slice(0, -1), ids.shape)
    expectTypes(fit, 'pick', 'takes a tensor and i32 ids of its shape without the last axis', [x, ids])
    return [{ shape: ids.shape, dtype: x.dtype }]
  },
  lower(b, [x, ids], { inputs }) {
    const rank = inputs[1].shape.length
    const picked = b.emit('GatherElements', [x, b.emit('Unsqueeze', [ids, b.ints([rank])])], { axis: { i: rank } })
    return b.emit('Squeeze', [picked, b.ints([rank])])
  },
  kernel({ inputs: [x, ids], outputs: [y] }) {
    const width = x.shape.at(-1)!
    for (let i = 0; i < ids.data.length; i++) y.data[i] = x.data[i * width + checkedIndex('pick', ids.data[i], width)]
  },
  gradient: ([g], { inputs: [x, ids] }) => [g && x.zerosLike().addAt(ids, g)],
})

/** Values added to one element of the last axis at each position: `x[..., ids] += values`. The transpose of `pick`. */
export const addAt = defineOp<NoAttrs>({
  name: 'addAt',
  infer([x, ids, values]) {
    const leading = x.shape.slice(0, -1)
    const fit =
      x.dtype === 'f32' && ids.dtype === 'i32' && values.dtype === 'f32' && x.shape.length > 0 && sameShape(leading, ids.shape)
    expectTypes(fit && sameShape(leading, values.shape), 'addAt', 'takes f32 x [..., V], i32 ids and f32 values [...]', [
      x,
      ids,
      values,
    ])
    return [x]
  },
  lower(b, [x, ids, values], { inputs }) {
    const rank = inputs[1].shape.length
    const [at, what] = [ids, values].map((tensor) => b.emit('Unsqueeze', [tensor, b.ints([rank])]))
    return b.emit('ScatterElements', [x, at, what], { axis: { i: rank }, reduction: { s: 'add' } })
  },
  kernel({ inputs: [x, ids, values], outputs: [y] }) {
    const width = x.shape.at(-1)!
    y.data.set(x.data)
    for (let i = 0; i < ids.data.length; i++) y.data[i * width + checkedIndex('addAt', ids.data[i], width)] += values.data[i]
  },
  gradient: ([g], { inputs: [, ids] }) => [g, undefined, g?.pick(ids)],
})

export const oneHot = defineOp<{ depth: Dim }>({
  name: 'oneHot',
  infer([ids], { depth }) {
    expectTypes(ids.dtype === 'i32', 'oneHot', 'takes i32 ids', [ids])
    return [{ shape: [...ids.shape, depth], dtype: 'f32' }]
  },
  lower: (b, [ids], { attrs: { depth } }) => lowerOneHot(b, ids, b.dim(depth), -1),
  kernel({ inputs: [ids], outputs: [y] }) {
    const depth = y.shape.at(-1)!
    for (let i = 0; i < ids.data.length; i++) if (ids.data[i] >= 0 && ids.data[i] < depth) y.data[i * depth + ids.data[i]] = 1
  },
  gradient: 'none',
})

/** By comparison: the engine's own operator runs on one thread and wants 64-bit ids. */
function lowerOneHot(b: OnnxBuilder, ids: string, depth: string, axis: 0 | -1): string {
  const classes = b.emit('Range', [b.scalar('i32', 0), b.cast(b.emit('Squeeze', [depth]), 'i32'), b.scalar('i32', 1)])
  const [row, column] = axis === 0 ? [ids, classes] : [classes, ids]
  return b.cast(b.emit('Equal', [row, b.emit('Unsqueeze', [column, b.ints([-1])])]), 'f32')
}

function checkedIndex(place: string, id: number, size: number): number {
  const at = id < 0 ? id + size : id // as the ONNX operators count
  if (at < 0 || at >= size) throw new RangeError(`${place}: id ${id} is outside 0…${size - 1}`)
  return at
}
