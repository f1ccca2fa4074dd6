/**
 * The gradient of `scan`: one scan backwards over what the forward scan kept.
 *
 * A matrix that every step shares would collect its gradient step by step. Where a step's share is a product of two
 * matrices, the factors of all steps are laid one after another instead and multiplied once.
 */
import { internal } from '../errors.ts'
import { backward, makeDifferentiable } from './autodiff.ts'
import { type Body, placeholder } from './body.ts'
import { elements } from './dims.ts'
import { dependents, substitute, topological } from './graph.ts'
import type { Call, Gradient, Op } from './op.ts'
import { add } from './ops/elementwise.ts'
import { matmul } from './ops/matmul.ts'
import type { ScanAttrs, scan } from './scan.ts'
import { sameShape } from './shape.ts'
import { apply, type Tensor } from './tensor.ts'

/** The step's gradient as a graph over `seeds`, the body's own placeholders and `residuals`. */
export type Tape = {
  /** Placeholders for the gradients of the next carry and of a step's results. */
  seeds: readonly Tensor[]
  /** Values of a step, as tensors of the forward body, that the gradient needs. */
  residuals: readonly Tensor[]
  /** Gradients of the body's parameters and of what it captured. */
  gradients: readonly Gradient[]
  /** How many results the scan had before residuals were added. */
  results: number
}

/** The same scan, which also returns the residuals of every step. */
export function keepResiduals(op: Op<ScanAttrs>, { inputs, attrs, outputs }: Call<ScanAttrs>): Tensor[] {
  const { params, captured } = attrs.body
  const sources = [...params, ...captured].filter(({ dtype }) => dtype === 'f32')
  const results = makeDifferentiable(attrs.body.outputs, sources)
  const seeds = results.map(placeholder)
  const found = backward(results, seeds, sources)
  const gradients = [...params, ...captured].map((tensor) => found[sources.indexOf(tensor)])
  const residuals = residualsOf(gradients, seeds, params)
  const body: Body = { params, captured, outputs: [...results, ...residuals] }
  const tape: Tape = { seeds, residuals, gradients, results: outputs.length }
  return apply(op, inputs, { ...attrs, body, tape }).slice(0, outputs.length)
}

/** What the gradient reads of the forward step: tensors that depend on the step's parameters and on no seed. */
function residualsOf(gradients: readonly Gradient[], seeds: readonly Tensor[], params: readonly Tensor[]): Tensor[] {
  const outputs = gradients.filter((gradient) => gradient !== undefined)
  const order = topological(outputs, new Set(seeds))
  const onSeeds = dependents(order, new Set(seeds))
  const onParams = dependents(order, new Set(params))
  const read = [...outputs, ...[...onSeeds].flatMap(({ inputs }) => inputs)]
  const isForward = (tensor: Tensor) => !seeds.includes(tensor) && !onSeeds.has(tensor.call)
  return [...new Set(read.filter((tensor) => isForward(tensor) && (params.includes(tensor) || onParams.has(tensor.call))))]
}

export function scanGradient(
  runScan: typeof scan,
  gradients: readonly Gradient[],
  { inputs, outputs, attrs }: Call<ScanAttrs>,
): Gradient[] {
  const { body, carries, reverse } = attrs
  const tape = attrs.tape!
  if (gradients.slice(tape.results).some(Boolean)) throw internal('a scan cannot be differentiated twice')
  const incoming = outputs.slice(0, tape.results).map((tensor, i) => gradients[i] ?? tensor.zerosLike())
  const free = inputs.slice(body.params.length)
  const shared = tape.gradients.slice(body.params.length).map((gradient) => (gradient ? shares(gradient) : []))
  const factors = shared.flat().flatMap(({ stacked }) => stacked)
  const added = shared.flat().flatMap(({ summed }) => (summed ? [summed] : []))

  type Step = { results: Tensor[]; residuals: Tensor[] }
  type State = { carry: Tensor[]; sums: Tensor[] }
  const step = (state: State, { results, residuals }: Step) => {
    const exchange: [Tensor, Tensor][] = [
      ...tape.seeds.map((seed, i): [Tensor, Tensor] => [seed, i < carries ? state.carry[i] : results[i - carries]]),
      ...tape.residuals.map((tensor, i): [Tensor, Tensor] => [tensor, residuals[i]]),
      ...body.captured.map((tensor, i): [Tensor, Tensor] => [tensor, free[i]]),
    ]
    const own = body.params.map((tensor, i) => tape.gradients[i] ?? tensor.zerosLike())
    const renewed = substitute([...own, ...factors, ...added], exchange)
    const sums = renewed.slice(own.length + factors.length).map((share, i) => state.sums[i].add(share))
    return {
      carry: { carry: renewed.slice(0, carries), sums },
      y: { xs: renewed.slice(carries, own.length), factors: renewed.slice(own.length, own.length + factors.length) },
    }
  }
  const start = { carry: incoming.slice(0, carries), sums: added.map((share) => share.zerosLike()) }
  const sequences = { results: incoming.slice(carries), residuals: outputs.slice(tape.results) as Tensor[] }
  const { carry, ys } = runScan<State, Step, { xs: Tensor[]; factors: Tensor[] }>(step, start, sequences, { reverse: !reverse })

  const stacks = ys.factors.values()
  const sums = carry.sums.values()
  const ofShared = shared.map((list) =>
    sumOf(list.map((share) => (share.summed ? sums.next().value! : multiplyStacks(share.stacked, stacks)))),
  )
  return [...carry.carry, ...ys.xs, ...ofShared]
}

/** One term of a shared tensor's gradient: added up step by step, or two factors that are stacked and multiplied at the end. */
type Share = { summed?: Tensor; stacked: Tensor[] }

function shares(gradient: Tensor): Share[] {
  const { op, inputs, attrs } = gradient.call
  if (op === add && inputs.every((term) => sameShape(term.shape, gradient.shape))) return inputs.flatMap(shares)
  const product = op === matmul && attrs.transposeA && !attrs.transposeB && inputs.every(({ rank }) => rank === 2)
  return [product ? { stacked: [...inputs] } : { summed: gradient, stacked: [] }]
}

/** Σₜ aₜᵀ bₜ as one product over steps and rows. */
function multiplyStacks(factors: readonly Tensor[], stacks: Iterator<Tensor>): Tensor {
  const [a, b] = factors.map(() => {
    const stack = stacks.next().value as Tensor
    return stack.reshape([elements(stack.shape.slice(0, 2)), stack.shape[2]])
  })
  return a.matmul(b, { transposeA: true })
}

const sumOf = (terms: readonly Tensor[]): Gradient => (terms.length === 0 ? undefined : terms.reduce((a, b) => a.add(b)))
