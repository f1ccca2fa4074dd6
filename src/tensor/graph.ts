/** Walking and rewriting graphs. */
import type { Call } from './op.ts'
import { apply, type Tensor } from './tensor.ts'

/** A traced function: what it takes and returns, in order. */
export type Graph = { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }

type Membership = { has(tensor: Tensor): boolean }

/** Every call that `outputs` depend on, each after those that it depends on. Stops at `leaves`. */
export function topological(outputs: readonly Tensor[], leaves: Membership = new Set<Tensor>()): Call[] {
  const order: Call[] = []
  const state = new Map<Call, 'open' | 'done'>()
  const stack: Call[] = outputs.filter((tensor) => !leaves.has(tensor)).map(({ call }) => call)
  stack.reverse()
  while (stack.length > 0) {
    const call = stack.at(-1)!
    if (state.get(call) === undefined) {
      state.set(call, 'open')
      for (const tensor of call.inputs.toReversed()) {
        if (!leaves.has(tensor) && state.get(tensor.call) === undefined) stack.push(tensor.call)
      }
    } else {
      stack.pop()
      if (state.get(call) === 'open') order.push(call)
      state.set(call, 'done')
    }
  }
  return order
}

/**
 * Rebuilds a graph. `replace` sees each call with its rewritten inputs and may return other outputs for it; what it
 * returns is rewritten in turn.
 */
export class Rewriter {
  readonly #replace: (call: Call) => readonly Tensor[] | undefined
  readonly #done: Map<Tensor, Tensor>

  constructor(replace: (call: Call) => readonly Tensor[] | undefined, known: Iterable<readonly [Tensor, Tensor]> = []) {
    this.#replace = replace
    this.#done = new Map(known)
  }

  rewrite(outputs: readonly Tensor[]): Tensor[] {
    for (const call of topological(outputs, this.#done)) {
      const renewed = this.#renew(call)
      const replaced = this.#replace(renewed)
      const results = replaced ? this.rewrite(replaced) : renewed.outputs
      for (const [i, tensor] of call.outputs.entries()) {
        this.#done.set(tensor, results[i])
        this.#done.set(results[i], results[i])
      }
    }
    return outputs.map((tensor) => this.#done.get(tensor)!)
  }

  /** The same call on rewritten inputs; itself where none changed. */
  #renew(call: Call): Call {
    const inputs = call.inputs.map((tensor) => this.#done.get(tensor)!)
    if (inputs.every((tensor, i) => tensor === call.inputs[i])) return call
    return apply(call.op, inputs, call.attrs)[0].call
  }
}

/** The same graph with some tensors exchanged for others. */
export const substitute = (outputs: readonly Tensor[], exchange: Iterable<readonly [Tensor, Tensor]>): Tensor[] =>
  new Rewriter(() => undefined, exchange).rewrite(outputs)

/** The calls among `order` that depend on any of `sources`. */
export function dependents(order: readonly Call[], sources: ReadonlySet<Tensor>): Set<Call> {
  const found = new Set<Call>()
  for (const call of order) {
    if (call.inputs.some((tensor) => sources.has(tensor) || found.has(tensor.call))) found.add(call)
  }
  return found
}
