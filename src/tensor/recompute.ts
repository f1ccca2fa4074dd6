import { backward, isTensor, makeDifferentiable } from './autodiff.ts'
import { type Body, closeOver, inline, placeholder, tensorsIn } from './body.ts'
import { defineOp } from './op.ts'
import { apply } from './tensor.ts'
import { withLeaves } from './tree.ts'

export const recomputeOp = defineOp<{ body: Body }>({
  name: 'recompute',
  infer: (_, { body }) => body.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  decompose: (inputs, { body }) => inline(body, inputs.slice(0, body.params.length), inputs.slice(body.params.length)),
  gradient(gradients, { inputs, attrs: { body } }) {
    const args = inputs.slice(0, body.params.length)
    const free = inputs.slice(body.params.length)
    const token = gradients.find((g) => g !== undefined)!.sum()
    const again = args.map((arg) => (arg.dtype === 'f32' ? arg.after(token) : arg))
    const outputs = makeDifferentiable(inline(body, again, free), [...again, ...free])
    return backward(outputs, gradients, [...again, ...free])
  },
})

/**
 * A function whose inner values are not kept for the gradient but computed again: memory for time.
 *
 * Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost". Tensors that `f` captures are differentiated too.
 */
export function recompute<Args extends readonly unknown[], Out>(f: (...args: Args) => Out): (...args: Args) => Out {
  return (...args) => {
    const given = tensorsIn(args)
    const params = given.map(placeholder)
    const result = f(...(withLeaves(args, isTensor, params) as unknown as Args))
    const { body, free } = closeOver(params, tensorsIn(result))
    return withLeaves(result, isTensor, apply(recomputeOp, [...given, ...free], { body })) as Out
  }
}
