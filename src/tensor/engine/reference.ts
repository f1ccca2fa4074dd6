import { EngineError } from '../../errors.ts'
import { bindInputs } from '../bind.ts'
import { type Bindings, bindDim, bindShape } from '../dims.ts'
import { type Graph, topological } from '../graph.ts'
import { type NdArray, zeros } from '../ndarray.ts'
import type { Call } from '../op.ts'
import type { Tensor } from '../tensor.ts'
import type { Engine } from './engine.ts'

/** Runs graphs in plain TypeScript, one kernel after another: slow, simple, and the oracle of the others. */
export const reference: Engine = {
  name: 'reference',
  runsAtOnce: 1,
  runs: ({ op }) => op.kernel !== undefined,
  async load(graph) {
    return {
      run: async (inputs, outputs) => runGraph(graph, inputs, outputs),
      [Symbol.dispose]() {},
    }
  },
}

function runGraph(graph: Graph, inputs: readonly NdArray[], outputs: readonly NdArray[]): void {
  const results = evaluate(graph, inputs, bindInputs(graph.inputs, inputs))
  for (const [i, { data }] of results.entries()) outputs[i].data.set(data)
}

/** Values of a graph's outputs, given those of its inputs and of the dimensions' names. */
export function evaluate({ inputs, outputs }: Graph, arrays: readonly NdArray[], bindings: Bindings): NdArray[] {
  const values = new Map<Tensor, NdArray>(inputs.map((tensor, i) => [tensor, arrays[i]]))
  for (const call of topological(outputs, values)) {
    const results = runKernel(
      call,
      call.inputs.map((tensor) => values.get(tensor)!),
      bindings,
    )
    for (const [i, tensor] of call.outputs.entries()) values.set(tensor, results[i])
  }
  return outputs.map((tensor) => values.get(tensor)!)
}

function runKernel({ op, attrs, outputs: types }: Call, inputs: NdArray[], bindings: Bindings): NdArray[] {
  const outputs = types.map(({ shape, dtype }) => zeros(bindShape(shape, bindings), dtype))
  try {
    op.kernel!({ inputs, attrs, outputs, bindings, size: (dim) => bindDim(dim, bindings) })
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new EngineError({ place: 'reference engine', rule: cause.message, cause })
  }
  return outputs
}
