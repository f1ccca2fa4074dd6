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

type State = { h: Tensor; c: Tensor }

/** What the gradient needs of every step, [T, …, B]: h before it, and slopes, of which the backward pass is made of products alone. */
type Kept = {
  before: Tensor
  /** Of c with respect to gates i, f and g, and of h with respect to gate o: [4 · H, B]. */
  gates: Tensor
  /** Of h with respect to c. */
  output: Tensor
  /** Of c with respect to the last c: the forget gate. */
  forget: Tensor
}

/** All steps. Outputs: y, h, c; and with `keep` what the gradient needs, in the layout in which it is needed. */
function unroll(inputs: readonly Tensor[], attrs: RecurrentAttrs, keep: boolean): Tensor[] {
  const { x, weightInput, weightHidden, biasInput, biasHidden, first, mask } = named(inputs, 2, attrs)
  const H = weightHidden.shape[1]
  const layout = keep ? sideways : upright
  const fromInput = layout.project(hide(x, mask), weightInput, biasInput.add(biasHidden))
  const step = ({ h, c }: State, [fromInput, real]: Tensor[]) => {
    const sums = layout.times(weightHidden, h).add(fromInput).split(layout.axis, [H, H, H, H])
    const [i, f, o] = [sums[0], sums[1], sums[3]].map((sum) => sum.sigmoid())
    const g = sums[2].tanh()
    const next = f.mul(c).add(i.mul(g))
    const bounded = next.tanh()
    const out = o.mul(bounded)
    const kept = (): Kept => ({
      before: h,
      gates: concat([g.mul(slope(i)), c.mul(slope(f)), i.sub(i.mul(g).mul(g)), bounded.mul(slope(o))], 0),
      output: o.sub(out.mul(bounded)),
      forget: f,
    })
    return { carry: { h: choose(real, out, h), c: choose(real, next, c) }, y: { out, kept: keep ? kept() : [] } }
  }
  const [h, c] = first.map(layout.state)
  const { carry, ys } = scan(step, { h, c }, [fromInput, ...maskSteps(layout, mask)], attrs)
  return [hide(layout.results(ys.out), mask), layout.state(carry.h), layout.state(carry.c), ...Object.values(ys.kept)]
}

/** Of the logistic function, where its value is y. */
const slope = (y: Tensor): Tensor => y.sub(y.mul(y))

function infer(inputs: readonly TensorType[], attrs: RecurrentAttrs, keep: boolean): TensorType[] {
  const { y, states, T, B, H } = inferRecurrent('lstm', 4, 2, inputs, attrs)
  const kept = [H, 4 * (H as number), H, H].map((rows): TensorType => ({ shape: [T, rows, B], dtype: 'f32' }))
  return keep ? [y, ...states, ...kept] : [y, ...states]
}

/** Outputs: y, h and c, and what the gradient needs. What is differentiated. */
export const lstmWithSlopesOp = defineOp<RecurrentAttrs>({
  name: 'lstmWithSlopes',
  infer: (inputs, attrs) => infer(inputs, attrs, true),
  decompose: (inputs, attrs) => unroll(inputs, attrs, true),
  gradient: unrollBack,
})

/** In the steps only what depends on the step after; the products for the weights are one over all steps. */
function unrollBack([gy, gh, gc]: readonly Gradient[], { inputs, outputs, attrs }: Call<RecurrentAttrs>): Gradient[] {
  const { x, weightInput, weightHidden, mask } = named(inputs, 2, attrs)
  const [y, h, c, before, gates, output, forget] = outputs
  const across = weightHidden.transpose()
  type Step = Omit<Kept, 'before'> & { g: Tensor; real: Tensor[] }
  const step = (last: State, { g, gates, output, forget, real: [real] }: Step) => {
    const ofH = g.add(last.h)
    const h = choose(real, ofH, 0)
    const ofC = last.c.add(h.mul(output))
    const c = choose(real, ofC, 0)
    const ofGates = concat([c, c, c, h], 0).mul(gates)
    const ofBefore = across.matmul(ofGates)
    const carry = {
      h: real ? ofBefore.add(real.where(0, ofH)) : ofBefore,
      c: choose(real, ofC.mul(forget), ofC),
    }
    return { carry, y: ofGates }
  }
  const start = { h: (gh ?? h.zerosLike()).transpose(), c: (gc ?? c.zerosLike()).transpose() }
  const steps: Step = { g: stepsFirst(hide(gy ?? y.zerosLike(), mask)), gates, output, forget, real: maskSteps(sideways, mask) }
  const { carry, ys } = scan(step, start, steps, { reverse: !attrs.reverse })
  const g = beside(ys) // [4H, T·B]
  const [gx, gInput, gBias] = inputGradients(g, hide(x, mask), weightInput)
  return [
    hide(gx, mask),
    gInput,
    g.matmul(beside(before), { transposeB: true }),
    gBias,
    gBias,
    carry.h.transpose(),
    carry.c.transpose(),
  ]
}

export const lstmOp = defineOp<RecurrentAttrs>({
  name: 'lstm',
  infer: (inputs, attrs) => infer(inputs, attrs, false),
  decompose: (inputs, attrs) => unroll(inputs, attrs, false),
  differentiable: ({ inputs, attrs }) => apply(lstmWithSlopesOp, inputs, attrs).slice(0, 3),
})

/**
 * Long short-term memory over a sequence: c = f·c + i·g, h = o·tanh(c), with gates i, f, g, o from the input and the last h.
 *
 * Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000.
 *
 * @param p.input, p.hidden  weights [4·H, I] and [4·H, H], biases [4·H], gate after gate
 * @param x  [B, T, I]
 * @param first  h and c before the first step, [B, H] each
 * @returns  y [B, T, H], 0 at masked steps, and h and c after the last step
 */
export function lstm(
  p: RecurrentParams,
  x: Tensor,
  first: State,
  { reverse = false, mask }: RecurrentOptions = {},
): [y: Tensor, h: Tensor, c: Tensor] {
  const inputs = recurrentInputs(p, x, [first.h, first.c], mask)
  return apply(lstmOp, inputs, { reverse, masked: mask !== undefined }) as [Tensor, Tensor, Tensor]
}
