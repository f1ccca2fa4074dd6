import { defineOp, type Op } from '../op.ts'
import { expectTypes } from '../shape.ts'
import { apply1, type Tensor } from '../tensor.ts'

export type RotaryAttrs = { interleaved: boolean }

/** The two coordinates that turn together: neighbours, or one from each half. */
function pairs(x: Tensor, interleaved: boolean): [Tensor, Tensor] {
  const [B, H, T, D] = x.dims(4)
  const half = (D as number) / 2
  const axis = interleaved ? 4 : 3
  const split = interleaved ? [B, H, T, half, 2] : [B, H, T, 2, half]
  const [first, second] = x.reshape(split).split(axis, [1, 1])
  return [first.reshape([B, H, T, half]), second.reshape([B, H, T, half])]
}

function unpair(first: Tensor, second: Tensor, interleaved: boolean): Tensor {
  const axis = interleaved ? 4 : 3
  const [B, H, T, half] = first.dims(4)
  return first
    .unsqueeze(axis)
    .concat([second.unsqueeze(axis)], axis)
    .reshape([B, H, T, 2 * (half as number)])
}

export const rotaryOp: Op<RotaryAttrs> = defineOp({
  name: 'rotary',
  infer(inputs) {
    const [x, cos, sin] = inputs
    const [T, D] = x.shape.slice(-2)
    const fit =
      x.shape.length === 4 &&
      [cos, sin].every(({ shape }) => shape.length === 2 && shape[0] === T && shape[1] === (D as number) / 2)
    expectTypes(fit, 'rotary', 'takes x [B,H,T,D] and cos, sin [T, D/2]', inputs)
    return [x]
  },
  lower(b, [x, cos, sin], { attrs: { interleaved } }) {
    const fromZero = b.ints([0])
    return b.contrib('RotaryEmbedding', [x, fromZero, cos, sin], { interleaved: { i: Number(interleaved) } })
  },
  decompose([x, cos, sin], { interleaved }) {
    const [first, second] = pairs(x, interleaved)
    return [unpair(first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin)), interleaved)]
  },
  gradient([g], { inputs: [x, cos, sin], attrs: { interleaved } }) {
    if (!g) return []
    const [x1, x2] = pairs(x, interleaved)
    const [g1, g2] = pairs(g, interleaved)
    const back = apply1(rotaryOp, [g, cos, sin.neg()], { interleaved }) // the transpose of a rotation turns back
    return [back, g1.mul(x1).add(g2.mul(x2)).sum([0, 1]), g2.mul(x1).sub(g1.mul(x2)).sum([0, 1])]
  },
})

/**
 * Rotary position embedding: turns pairs of coordinates by an angle that grows with the position.
 *
 * Su et al. 2021. Pairs are one coordinate of each half (Llama, GPT-NeoX) or neighbours (`interleaved`, GPT-J).
 *
 * @param x  [B, H, T, D]
 * @param cos  [T, D/2], the cosines of position × frequency; `sin` likewise
 */
export const rotary = (x: Tensor, cos: Tensor, sin: Tensor, { interleaved = false } = {}): Tensor =>
  apply1(rotaryOp, [x, cos, sin], { interleaved })
