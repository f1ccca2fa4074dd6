import { isTensor } from './autodiff.ts'
import { attentionOp, attentionWithWeightsOp } from './composites/attention.ts'
import { Rewriter, topological } from './graph.ts'
import { tap } from './ops/source.ts'
import { apply, type Tensor } from './tensor.ts'
import { leavesOf, withLeaves } from './tree.ts'

/**
 * A graph together with values inside it that carry the given names, each name's in the order of the model.
 *
 * A name inside a composite (the weights of `attention`) makes that composite run decomposed; nothing else pays.
 */
export function withTaps<T>(result: T, names: readonly string[]): { result: T; taps: Record<string, Tensor[]> } {
  const wanted = new Set(names)
  const rewriter = new Rewriter(({ op, inputs, attrs }) => {
    if (op !== attentionOp || !wanted.has(attrs.tap)) return undefined
    const [y, weights] = apply(attentionWithWeightsOp, inputs, attrs)
    found.push(weights.tap(attrs.tap))
    return [y]
  })
  const found: Tensor[] = []
  const outputs = rewriter.rewrite(leavesOf(result, isTensor).map(([, tensor]) => tensor))
  for (const { op, attrs, outputs: results } of topological(outputs)) {
    if (op === tap && wanted.has(attrs.name)) found.push(...results)
  }
  const taps = Object.fromEntries(names.map((name) => [name, found.filter(({ call }) => call.attrs.name === name)]))
  return { result: withLeaves(result, isTensor, outputs) as T, taps }
}
