import { defineOp } from '../op.ts'
import { expectTypes, type TensorType } from '../shape.ts'
import { apply1, type Tensor } from '../tensor.ts'

function sameAsInput(place: string, [x]: readonly TensorType[]): TensorType[] {
  expectTypes(x.dtype === 'f32', place, 'takes an f32 tensor', [x])
  return [x]
}

export type GeluAttrs = { approximation: 'erf' | 'tanh' | 'quick' }

/** √(2/π) and the cubic coefficient of the tanh form. */
const TANH_SCALE = Math.sqrt(2 / Math.PI)
const TANH_CUBIC = 0.044715
const QUICK_SCALE = 1.702

/** Φ(x), the share of x that each form lets through. */
const gates: Record<GeluAttrs['approximation'], (x: Tensor) => Tensor> = {
  erf: (x) => x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5),
  tanh: (x) =>
    x
      .mul(
        x
          .square()
          .mul(2 * TANH_SCALE * TANH_CUBIC)
          .add(2 * TANH_SCALE),
      )
      .sigmoid(), // ½(1 + tanh u) = σ(2u)
  quick: (x) => x.mul(QUICK_SCALE).sigmoid(),
}

/** Derivatives of x·Φ(x), given the gate Φ(x). */
const slopes: Record<GeluAttrs['approximation'], (x: Tensor, gate: Tensor) => Tensor> = {
  erf: (x, gate) =>
    x
      .square()
      .mul(-0.5)
      .exp()
      .mul(x)
      .mul(1 / Math.sqrt(2 * Math.PI))
      .add(gate),
  tanh: (x, gate) =>
    gate
      .sub(gate.square())
      .mul(
        x.mul(
          x
            .square()
            .mul(6 * TANH_SCALE * TANH_CUBIC)
            .add(2 * TANH_SCALE),
        ),
      )
      .add(gate),
  quick: (x, gate) => gate.sub(gate.square()).mul(x.mul(QUICK_SCALE)).add(gate),
}

export const geluOp = defineOp<GeluAttrs>({
  name: 'gelu',
  infer: (inputs) => sameAsInput('gelu', inputs),
  lower: (b, inputs, { attrs: { approximation } }) =>
    approximation === 'quick'
      ? b.contrib('QuickGelu', inputs, { alpha: { f: QUICK_SCALE } })
      : b.emit('Gelu', inputs, { approximate: { s: approximation === 'erf' ? 'none' : 'tanh' } }),
  decompose: ([x], { approximation }) => [x.mul(gates[approximation](x))],
  gradient: ([g], { inputs: [x], attrs: { approximation } }) => [g?.mul(slopes[approximation](x, gates[approximation](x)))],
})

export const siluOp = defineOp<Record<never, never>>({
  name: 'silu',
  infer: (inputs) => sameAsInput('silu', inputs),
  lower: (b, inputs) => b.contrib('QuickGelu', inputs, { alpha: { f: 1 } }),
  decompose: ([x]) => [x.mul(x.sigmoid())],
  gradient([g], { inputs: [x], outputs: [y] }) {
    const gate = x.sigmoid()
    return [g?.mul(gate.add(y.sub(y.mul(gate))))]
  },
})

/**
 * Gaussian error linear unit, x·Φ(x): exactly (`erf`), by tanh as GPT-2 has it, or by a sigmoid (`quick`).
 *
 * Hendrycks & Gimpel 2016.
 */
export const gelu = (x: Tensor, approximation: GeluAttrs['approximation'] = 'erf'): Tensor =>
  apply1(geluOp, [x], { approximation })

/** x·σ(x). Elfwing et al. 2017. */
export const silu = (x: Tensor): Tensor => apply1(siluOp, [x])
