import { ShapeError } from '../errors.ts'
import type { OnnxValue } from '../formats/onnx.ts'
import { isTensor } from './autodiff.ts'
import { type Body, closeOver, tensorsIn } from './body.ts'
import type { Dim } from './dims.ts'
import { evaluate } from './engine/reference.ts'
import { type NdArray, zeros } from './ndarray.ts'
import { lowerCalls, onnxValue } from './onnx/lower.ts'
import { defineOp, type KernelCall, type Op } from './op.ts'
import { keepResiduals, scanGradient, type Tape } from './scan-gradient.ts'
import { count, formatShape, formatTypes, sameShape } from './shape.ts'
import { apply, input, type Tensor } from './tensor.ts'
import { mapTree, withLeaves } from './tree.ts'

export type ScanAttrs = {
  /** Parameters: the carry, then one step of each sequence. Outputs: the next carry, then one step of each result. */
  body: Body
  carries: number
  length: Dim
  reverse: boolean
  /** What the gradient needs; present once the scan has been made differentiable. */
  tape?: Tape
}

export const scanOp: Op<ScanAttrs> = defineOp({
  name: 'scan',
  infer: (_, { body, carries, length }) =>
    body.outputs.map(({ shape, dtype }, i) => ({ shape: i < carries ? shape : [length, ...shape], dtype })),
  lower(b, inputs, { outputs, attrs: { body, carries, length, reverse } }) {
    if (length === 0) return outputs.map((y, i) => (i < carries ? inputs[i] : b.zeros(y))) // the engine's Scan takes a step at least
    const graph = b.subgraph((inner) => {
      const names = new Map<Tensor, string>(body.captured.map((tensor, i) => [tensor, inputs[body.params.length + i]]))
      const params = body.params.map((tensor): OnnxValue => {
        const name = inner.fresh('step')
        names.set(tensor, name)
        return onnxValue(tensor, name)
      })
      lowerCalls(inner, body.outputs, names)
      const results = body.outputs.map((tensor): OnnxValue => {
        const name = inner.fresh('result')
        inner.alias(names.get(tensor)!, name)
        return onnxValue(tensor, name)
      })
      return { inputs: params, outputs: results }
    })
    const sequences = body.params.length - carries
    const directions = (n: number) => ({ ints: Array.from({ length: n }, () => Number(reverse)) })
    const given = inputs.slice(0, body.params.length)
    return b.emitMany('Scan', given, outputs.length, {
      body: { g: graph },
      num_scan_inputs: { i: sequences },
      scan_input_directions: directions(sequences),
      scan_output_directions: directions(outputs.length - carries),
    })
  },
  kernel: runScan,
  rewriteBody(attrs, rewrite) {
    const outputs = rewrite(attrs.body.outputs)
    const same = outputs.every((tensor, i) => tensor === attrs.body.outputs[i])
    return same ? attrs : { ...attrs, body: { ...attrs.body, outputs } }
  },
  differentiable: (call) => (call.attrs.tape ? undefined : keepResiduals(scanOp, call)),
  gradient: (gradients, call) => scanGradient(scan, gradients, call),
})

function runScan({ inputs, outputs, attrs: { body, carries, reverse }, size, bindings }: KernelCall<ScanAttrs>): void {
  const sequences = inputs.slice(carries, body.params.length)
  const free = inputs.slice(body.params.length)
  const steps = size(outputs.length > carries ? outputs[carries].shape[0] : sequences[0].shape[0])
  const graph = { inputs: [...body.params, ...body.captured], outputs: body.outputs }
  let carry = inputs.slice(0, carries)
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i
    const results = evaluate(graph, [...carry, ...sequences.map((x) => stepOf(x, t)), ...free], bindings)
    carry = results.slice(0, carries)
    for (const [k, result] of results.slice(carries).entries()) outputs[carries + k].data.set(result.data, t * result.data.length)
  }
  for (const [i, value] of carry.entries()) outputs[i].data.set(value.data)
}

function stepOf({ dtype, shape, data }: NdArray, t: number): NdArray {
  const inner = shape.slice(1)
  const size = count(inner)
  const step = zeros(inner, dtype)
  step.data.set(data.subarray(t * size, (t + 1) * size))
  return step
}

/**
 * Applies a step along the first axis of sequences and hands a state on from step to step.
 *
 * The step is traced once; tensors that it captures are differentiated too. Differentiating a scan keeps what its
 * gradient needs of every step.
 *
 * @param step  (carry, x) → the next carry, of the same types, and one step of the result
 * @param carry  a tree of tensors: the first state
 * @param xs  a tree of sequences [T, ...]; the step sees them without the first axis
 * @param options.reverse  from the last step to the first
 * @returns  the last carry, and the results [T, ...]
 */
export function scan<Carry, X, Y>(
  step: (carry: Carry, x: X) => { carry: Carry; y: Y },
  carry: Carry,
  xs: X,
  { reverse = false } = {},
): { carry: Carry; ys: Y } {
  const sequences = tensorsIn(xs)
  const length = commonLength(sequences)
  const start = tensorsIn(carry)
  const stepCarry = mapTree(carry, isTensor, ({ shape, dtype }) => input(shape, dtype)) as Carry
  const stepX = mapTree(xs, isTensor, ({ shape, dtype }) => input(shape.slice(1), dtype)) as X
  const result = step(stepCarry, stepX)
  const next = tensorsIn(result.carry)
  checkCarry(start, next)
  const { body, free } = closeOver([...tensorsIn(stepCarry), ...tensorsIn(stepX)], [...next, ...tensorsIn(result.y)])
  const outputs = apply(scanOp, [...start, ...sequences, ...free], { body, carries: start.length, length, reverse })
  return {
    carry: withLeaves(carry, isTensor, outputs) as Carry,
    ys: withLeaves(result.y, isTensor, outputs.slice(start.length)) as Y,
  }
}

function commonLength(sequences: readonly Tensor[]): Dim {
  const length = sequences[0]?.shape[0]
  if (length !== undefined && sequences.every(({ shape }) => shape[0] === length)) return length
  throw new ShapeError({ place: 'scan', rule: 'needs sequences whose first axes are equal', got: formatTypes(sequences) })
}

function checkCarry(start: readonly Tensor[], next: readonly Tensor[]): void {
  const same =
    start.length === next.length &&
    start.every(({ shape, dtype }, i) => sameShape(shape, next[i].shape) && dtype === next[i].dtype)
  if (same) return
  throw new ShapeError({
    place: 'scan',
    rule: 'a step must return a carry of the types that it took',
    got: `took ${start.map(({ shape }) => formatShape(shape)).join(', ')}, returned ${formatTypes(next)}`,
  })
}
