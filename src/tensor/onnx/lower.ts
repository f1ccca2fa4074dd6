/** From a graph of tensors to an ONNX graph. */
import { internal } from '../../errors.ts'
import type { OnnxGraph, OnnxValue } from '../../formats/onnx.ts'
import type { DType } from '../dtype.ts'
import { type Graph, topological } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { OnnxBuilder } from './builder.ts'

/** Names of the ONNX graph's inputs and outputs, in the order of `Graph`. */
export const inputName = (index: number): string => `input_${index}`
export const outputName = (index: number): string => `output_${index}`

export function lower({ inputs, outputs }: Graph): OnnxGraph {
  const builder = new OnnxBuilder()
  const names = new Map<Tensor, string>()
  for (const [i, tensor] of inputs.entries()) {
    names.set(tensor, inputName(i))
    builder.declareSymbols(inputName(i), tensor.shape)
  }
  lowerCalls(builder, outputs, names)
  for (const [i, tensor] of outputs.entries()) builder.alias(names.get(tensor)!, outputName(i))
  return builder.finish(
    'loquent',
    inputs.map((tensor, i) => onnxValue(tensor, inputName(i))),
    outputs.map((tensor, i) => onnxValue(tensor, outputName(i))),
  )
}

/** Emits what `outputs` need beyond the tensors that have a name already. */
export function lowerCalls(builder: OnnxBuilder, outputs: readonly Tensor[], names: Map<Tensor, string>): void {
  for (const call of topological(outputs, names)) {
    const lowered = call.op.lower?.(
      builder,
      call.inputs.map((tensor) => names.get(tensor)!),
      call,
    )
    if (lowered === undefined) throw internal(`${call.op.name} has no lowering and was not decomposed`)
    for (const [i, name] of [lowered].flat().entries()) names.set(call.outputs[i], name)
  }
}

/** Storage types that the engine takes as constants but not from outside arrive widened. */
export const fedAs = (dtype: DType): DType => (dtype === 'bf16' ? 'f32' : dtype === 'i4' ? 'i8' : dtype)

export const onnxValue = ({ dtype, shape }: Tensor, name: string): OnnxValue => ({
  name,
  type: fedAs(dtype),
  dims: shape,
})
