import { ShapeError } from '../../errors.ts'
import { elements } from '../dims.ts'
import { defineOp } from '../op.ts'
import { expectTypes, formatShape, formatTypes } from '../shape.ts'
import { apply1, type Tensor } from '../tensor.ts'

export type LinearAttrs = { transposeWeight: boolean }

export const linearOp = defineOp<LinearAttrs>({
  name: 'linear',
  infer(inputs, { transposeWeight }) {
    const [x, weight, bias] = inputs
    expectTypes(weight.shape.length === 2 && x.shape.length >= 1, 'linear', 'x has at least one axis, the weight two', inputs)
    const [nIn, nOut] = transposeWeight ? weight.shape.toReversed() : weight.shape
    if (x.shape.at(-1) !== nIn || (bias && (bias.shape.length !== 1 || bias.shape[0] !== nOut))) {
      throw new ShapeError({
        place: 'linear',
        rule: `the last axis of x must be the weight's input size${bias ? ', the bias its output size' : ''}`,
        got: `${formatTypes(inputs)}, so ${nIn} in and ${nOut} out, x ends in ${x.shape.at(-1)}${bias ? `, bias ${formatShape(bias.shape)}` : ''}`,
        hint: 'a weight is [in, out]; where it is [out, in], say transposeWeight',
      })
    }
    return [{ shape: x.shape.with(-1, nOut), dtype: x.dtype }]
  },
  lower(b, [x, weight, bias], { inputs, outputs: [y], attrs: { transposeWeight } }) {
    const rows = b.reshape(x, [elements(inputs[0].shape.slice(0, -1)), inputs[0].shape.at(-1)!])
    const product = b.emit('Gemm', bias ? [rows, weight, bias] : [rows, weight], { transB: { i: Number(transposeWeight) } })
    return b.reshape(product, y.shape)
  },
  decompose([x, weight, bias], { transposeWeight }) {
    const rows = x.reshape([elements(x.shape.slice(0, -1)), x.shape.at(-1)!])
    const nOut = weight.shape[transposeWeight ? 0 : 1]
    const product = rows.matmul(weight, { transposeB: transposeWeight }).reshape(x.shape.with(-1, nOut))
    return [bias ? product.add(bias) : product]
  },
  gradient([g], { inputs: [x, weight, bias], attrs: { transposeWeight } }) {
    if (!g) return []
    const rows = elements(x.shape.slice(0, -1))
    const [x2, g2] = [x.reshape([rows, x.shape.at(-1)!]), g.reshape([rows, g.shape.at(-1)!])]
    const gx = g2.matmul(weight, { transposeB: !transposeWeight }).reshape(x.shape)
    const gw = transposeWeight ? g2.matmul(x2, { transposeA: true }) : x2.matmul(g2, { transposeA: true })
    return [gx, gw, bias && g2.sum(0)]
  },
})

/**
 * x · weight + bias.
 *
 * @param p.weight  [in, out], or [out, in] with `transposeWeight`
 * @param p.bias  [out], or absent
 * @param x  [..., in]
 * @returns  [..., out]
 * @throws ShapeError when the sizes do not meet
 */
export const linear = (p: { weight: Tensor; bias?: Tensor }, x: Tensor, { transposeWeight = false } = {}): Tensor =>
  apply1(linearOp, p.bias ? [x, p.weight, p.bias] : [x, p.weight], { transposeWeight })

export type QuantisedAttrs = { bits: number; block: number }

/** 4-bit values are stored from 0 to 15 and mean −8 to 7. */
const ZERO_POINT = 8

export const quantisedMatmulOp = defineOp<QuantisedAttrs>({
  name: 'quantisedMatmul',
  infer(inputs, { block }) {
    const [x, packed, scales] = inputs
    const [N, blocks, bytes] = packed.shape
    const fit =
      packed.dtype === 'u8' &&
      packed.shape.length === 3 &&
      bytes === block / 2 &&
      scales.shape.length === 2 &&
      scales.shape[0] === N &&
      scales.shape[1] === blocks &&
      x.shape.at(-1) === (blocks as number) * block
    expectTypes(fit, 'quantisedMatmul', `takes x [..., K], u8 [N, K/${block}, ${block / 2}], scales [N, K/${block}]`, inputs)
    return [{ shape: x.shape.with(-1, N), dtype: 'f32' }]
  },
  lower(b, inputs, { inputs: [x, packed], attrs: { bits, block } }) {
    const attributes = { K: x.shape.at(-1) as number, N: packed.shape[0] as number, bits, block_size: block, accuracy_level: 0 }
    return b.contrib('MatMulNBits', inputs, Object.fromEntries(Object.entries(attributes).map(([name, i]) => [name, { i }])))
  },
  decompose([x, packed, scales], { block }) {
    const [N, blocks] = packed.dims(3)
    const bytes = packed.cast('f32').unsqueeze(-1)
    const high = bytes.div(16).floor()
    const values = bytes.sub(high.mul(16)).concat([high], -1).reshape([N, blocks, block])
    const weight = values
      .sub(ZERO_POINT)
      .mul(scales.unsqueeze(-1))
      .reshape([N, x.shape.at(-1)!])
    return [linear({ weight }, x, { transposeWeight: true })]
  },
})

/**
 * x · weightᵀ, where the weight is stored in 4 bits: (value − 8) · scale, a scale a block.
 *
 * @param p.packed  u8 [N, K / block, block / 2], two values a byte, low nibble first
 * @param p.scales  f32 [N, K / block]
 * @param x  [..., K]
 * @returns  [..., N]
 */
export const quantisedMatmul = (p: { packed: Tensor; scales: Tensor }, x: Tensor, { block = 32 } = {}): Tensor =>
  apply1(quantisedMatmulOp, [x, p.packed, p.scales], { bits: 4, block })
