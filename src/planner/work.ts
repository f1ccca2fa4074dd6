/** How much work a graph is, and how much of it must wait for other work: by tracing, nothing is computed. */
import { decomposeFor } from '../tensor/compile.ts'
import { bindDim, type Dim } from '../tensor/dims.ts'
import { reference } from '../tensor/engine/reference.ts'
import { topological } from '../tensor/graph.ts'
import type { Call } from '../tensor/op.ts'
import type { ScanAttrs } from '../tensor/scan.ts'
import type { Tensor } from '../tensor/tensor.ts'

export type Work = {
  /** Multiplications and additions of all matrix products; what else there is hardly counts beside them. */
  flops: number
  /** The longest chain of matrix products of which each needs the one before, however many others could run beside it. */
  serialSteps: number
}

/** The work of computing some tensors, all of whose dimensions are numbers. */
export function workOf(outputs: readonly Tensor[]): Work {
  const { flops, depth } = measure(decomposeFor(reference, outputs), new Set())
  return { flops, serialSteps: outputs.length === 0 ? 0 : depth }
}

/** @param starts  where set, chains are counted from these tensors only, to the outputs */
function measure(outputs: readonly Tensor[], starts: ReadonlySet<Tensor>): { flops: number; depth: number } {
  const depths = new Map<Tensor, number>([...starts].map((tensor) => [tensor, 0]))
  const before = starts.size > 0 ? Number.NEGATIVE_INFINITY : 0
  const depthOf = (tensor: Tensor) => depths.get(tensor) ?? before
  let flops = 0
  for (const call of topological(outputs, starts)) {
    const own = workOfCall(call)
    flops += own.flops
    const longest = call.inputs.reduce((most, tensor) => Math.max(most, depthOf(tensor)), before)
    for (const tensor of call.outputs) depths.set(tensor, longest + own.depth)
  }
  return { flops, depth: outputs.reduce((most, tensor) => Math.max(most, depthOf(tensor)), before) }
}

function workOfCall({ op, inputs, outputs, attrs }: Call): { flops: number; depth: number } {
  if (op.name === 'matmul') {
    const inner = inputs[0].shape.at(attrs.transposeA ? -2 : -1)!
    return { flops: 2 * size(outputs[0].shape) * numberOf(inner), depth: 1 }
  }
  return op.name === 'scan' ? workOfScan(attrs) : { flops: 0, depth: 0 }
}

/** Steps wait for one another by what leads from carry to carry; the rest of a step could be done beside those after it. */
function workOfScan({ body, carries, length }: ScanAttrs): { flops: number; depth: number } {
  const steps = numberOf(length)
  const { flops, depth } = measure(body.outputs, new Set())
  const kept = measure(body.outputs.slice(0, carries), new Set(body.params.slice(0, carries))).depth
  const recurrence = Math.max(0, kept)
  return { flops: steps * flops, depth: steps * recurrence + (depth - recurrence) }
}

const NO_NAMES = new Map<string, number>()
const numberOf = (dim: Dim): number => bindDim(dim, NO_NAMES)
const size = (shape: readonly Dim[]): number => shape.reduce<number>((product, dim) => product * numberOf(dim), 1)
