/** Graphs of tensors: built lazily, differentiated, compiled, run. */
export { grad, valueAndGrad } from './autodiff.ts'
export { type CompileOptions, compile, type InputSpec, inputSpec, type Program, specsOf } from './compile.ts'
export { type GeluAttrs, gelu, silu } from './composites/activation.ts'
export { type AttentionOptions, attention } from './composites/attention.ts'
export { dropout, Rng } from './composites/dropout.ts'
export { gru as gruOver } from './composites/gru.ts'
export { linear, quantisedMatmul } from './composites/linear.ts'
export { crossEntropy } from './composites/loss.ts'
export { lstm as lstmOver } from './composites/lstm.ts'
export { layerNorm, rmsNorm } from './composites/norm.ts'
export { rotary } from './composites/rotary.ts'
export type { Dim, Shape } from './dims.ts'
export type { DType, TypedArray } from './dtype.ts'
export { type Engine, type EngineOptions, sideBySide } from './engine/engine.ts'
export { onnxruntime } from './engine/onnxruntime/engine.ts'
export { reference } from './engine/reference.ts'
export { castArray, type NdArray, ndarray, zeros } from './ndarray.ts'
export {
  countParams,
  type Initialiser,
  initParams,
  normal,
  ones,
  type ParamArrays,
  type ParamSpec,
  type ParamsOf,
  param,
  paramInputs,
  uniform,
  zeros as zeroInit,
} from './params.ts'
export { Random, type RandomState } from './random.ts'
export { recompute } from './recompute.ts'
export { scan } from './scan.ts'
export { withTaps } from './taps.ts'
export { concat, constant, iota, scalar, stack, type Tensor } from './tensor.ts'
