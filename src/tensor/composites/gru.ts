import { mulDims } from '../dims.ts'
import { type Call, defineOp, type Gradient } from '../op.ts'
import { scan } from '../scan.ts'
import type { TensorType } from '../shape.ts'
import { apply, concat, type Tensor } from '../tensor.ts'
import {
  beside,
  choose,
  hide,
  inferRecurrent,
  inputGradients,
  maskSteps,
  named,
  type RecurrentAttrs,
  type RecurrentOptions,
  type RecurrentParams,
  recurrentInputs,
  sideways,
  stepsFirst,
  upright,
} from './recurrent.ts'

/** All steps. Outputs: y and h; and with `keep`, of every step, h before it, the slopes of h and gate z. */
function unroll(inputs: readonly Tensor[], attrs: RecurrentAttrs, keep: boolean): Tensor[] {
  const { x, weightInput, weightHidden, biasInput, biasHidden, first, mask } = named(inputs, 1, attrs)
  const H = weightHidden.shape[1]
  const gates = mulDims(2, H) // r and z add both biases, n has the state's inside the product with r
  const [biasGates, biasState] = biasHidden.split(0, [gates, H])
  const layout = keep ? sideways : upright
  const fromInput = layout.project(hide(x, mask), weightInput, biasInput.add(biasGates.pad(0, 0, H)))
  const step = (h: Tensor, [fromInput, real]: Tensor[]) => {
    const [xrz, xn] = fromInput.split(layout.axis, [gates, H])
    const [hrz, product] = layout.times(weightHidden, h).split(layout.axis, [gates, H])
    const [r, z] = xrz.add(hrz).sigmoid().split(layout.axis, [H, H])
    const hn = product.add(layout.bias(biasState))
    const n = r.mul(hn).add(xn).tanh()
    const change = h.sub(n)
    const next = n.add(z.mul(change))
    const kept = () => {
      const open = z.neg().add(1)
      const ofN = open.sub(open.mul(n).mul(n))
      const ofHidden = ofN.mul(r)
      return [h, concat([ofHidden.mul(hn.sub(hn.mul(r))), change.mul(z).mul(open), ofHidden, ofN], 0), z]
    }
    return { carry: choose(real, next, h), y: { next, kept: keep ? kept() : [] } }
  }
  const { carry, ys } = scan(step, layout.state(first[0]), [fromInput, ...maskSteps(layout, mask)], attrs)
  return [hide(layout.results(ys.next), mask), layout.state(carry), ...ys.kept]
}

function infer(inputs: readonly TensorType[], attrs: RecurrentAttrs, keep: boolean): TensorType[] {
  const { y, states, T, B, H } = inferRecurrent('gru', 3, 1, inputs, attrs)
  const kept = [H, 4 * (H as number), H].map((rows): TensorType => ({ shape: [T, rows, B], dtype: 'f32' }))
  return keep ? [y, ...states, ...kept] : [y, ...states]
}

/** Outputs: y and h, and what the gradient needs. What is differentiated. */
export const gruWithSlopesOp = defineOp<RecurrentAttrs>({
  name: 'gruWithSlopes',
  infer: (inputs, attrs) => infer(inputs, attrs, true),
  decompose: (inputs, attrs) => unroll(inputs, attrs, true),
  gradient: unrollBack,
})

/** Slopes are those of r, of z, and of n twice: with respect to the state's share of it, and to the input's. */
function unrollBack([gy, gh]: readonly Gradient[], { inputs, outputs, attrs }: Call<RecurrentAttrs>): Gradient[] {
  const { x, weightInput, weightHidden, mask } = named(inputs, 1, attrs)
  const [y, h, before, slopes, z] = outputs
  const H = weightHidden.shape[1] as number
  const across = weightHidden.transpose()
  type Step = { g: Tensor; slopes: Tensor; z: Tensor; real: Tensor[] }
  const step = (last: Tensor, { g, slopes, z, real: [real] }: Step) => {
    const ofH = g.add(last)
    const h = choose(real, ofH, 0)
    const [ofGates, ofState, ofInput] = concat([h, h, h, h], 0)
      .mul(slopes)
      .split(0, [2 * H, H, H])
    const state = ofGates.concat([ofState], 0)
    const ofBefore = across.matmul(state).add(choose(real, ofH.mul(z), ofH))
    return { carry: ofBefore, y: { state, input: ofGates.concat([ofInput], 0) } }
  }
  const start = (gh ?? h.zerosLike()).transpose()
  const steps: Step = { g: stepsFirst(hide(gy ?? y.zerosLike(), mask)), slopes, z, real: maskSteps(sideways, mask) }
  const { carry, ys } = scan(step, start, steps, { reverse: !attrs.reverse })
  const g = beside(ys.state) // [3H, T·B]
  const [gx, gInput, gBias] = inputGradients(beside(ys.input), hide(x, mask), weightInput)
  return [hide(gx, mask), gInput, g.matmul(beside(before), { transposeB: true }), gBias, g.sum(1), carry.transpose()]
}

export const gruOp = defineOp<RecurrentAttrs>({
  name: 'gru',
  infer: (inputs, attrs) => infer(inputs, attrs, false),
  decompose: (inputs, attrs) => unroll(inputs, attrs, false),
  differentiable: ({ inputs, attrs }) => apply(gruWithSlopesOp, inputs, attrs).slice(0, 2),
})

/**
 * Gated recurrent unit over a sequence: n = tanh(W x + r·(U h)), h = (1 − z)·n + z·h, with gates r and z from the input and the last h.
 *
 * Cho et al. 2014, with the reset gate after the product, as in PyTorch.
 *
 * @param p.input, p.hidden  weights [3·H, I] and [3·H, H], biases [3·H]: of r, z and n
 * @param x  [B, T, I]
 * @param first  h before the first step, [B, H]
 * @returns  y [B, T, H], 0 at masked steps, and h after the last step
 */
export function gru(
  p: RecurrentParams,
  x: Tensor,
  first: Tensor,
  { reverse = false, mask }: RecurrentOptions = {},
): [y: Tensor, h: Tensor] {
  return apply(gruOp, recurrentInputs(p, x, [first], mask), { reverse, masked: mask !== undefined }) as [Tensor, Tensor]
}
