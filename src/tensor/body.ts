/** Graphs inside a graph: a function traced on placeholders, with what it captures from outside made explicit. */
import { isTensor } from './autodiff.ts'
import { dependents, substitute, topological } from './graph.ts'
import { input, type Tensor } from './tensor.ts'
import { leavesOf } from './tree.ts'

/** A traced function. `captured[i]` inside stands for `free[i]` outside. */
export type Body = {
  readonly params: readonly Tensor[]
  readonly captured: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

export const placeholder = ({ shape, dtype }: Tensor): Tensor => input(shape, dtype)

/**
 * Closes a graph over its parameters: every tensor that it uses, but that does not depend on them, becomes a captured
 * placeholder. Constants stay inside.
 */
export function closeOver(params: readonly Tensor[], outputs: readonly Tensor[]): { body: Body; free: Tensor[] } {
  const own = new Set(params)
  const inner = dependents(topological(outputs, own), own)
  const isOwn = (tensor: Tensor) => own.has(tensor) || inner.has(tensor.call)
  const used = [...[...inner].flatMap(({ inputs }) => inputs), ...outputs]
  const free = [...new Set(used.filter((tensor) => !isOwn(tensor) && !isClosed(tensor)))]
  const captured = free.map(placeholder)
  const exchange = [...params.map((p) => [p, p] as const), ...free.map((tensor, i) => [tensor, captured[i]] as const)]
  return { body: { params, captured, outputs: substitute(outputs, exchange) }, free }
}

/** Depends on no input at all, so that it can be computed anywhere. */
const isClosed = (tensor: Tensor): boolean =>
  topological([tensor]).every(({ op }) => op.name !== 'input' && op.name !== 'dimension')

/** The body's outputs for given arguments. */
export const inline = ({ params, captured, outputs }: Body, args: readonly Tensor[], free: readonly Tensor[]): Tensor[] =>
  substitute(outputs, [...params.map((p, i) => [p, args[i]] as const), ...captured.map((c, i) => [c, free[i]] as const)])

export const tensorsIn = (tree: unknown): Tensor[] => leavesOf(tree, isTensor).map(([, tensor]) => tensor)
