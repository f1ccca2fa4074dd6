import type { Bindings, Dim } from './dims.ts'
import type { NdArray } from './ndarray.ts'
import type { OnnxBuilder } from './onnx/builder.ts'
import type { TensorType } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** One application of an operation: what went in, its attributes, what comes out. */
export type Call<Attrs = any> = {
  readonly op: Op<Attrs>
  readonly inputs: readonly Tensor[]
  readonly attrs: Attrs
  readonly outputs: readonly Tensor[]
}

/** The same for a kernel: real arrays, outputs allocated and zeroed. */
export type KernelCall<Attrs = any> = {
  readonly inputs: readonly NdArray[]
  readonly attrs: Attrs
  readonly outputs: readonly NdArray[]
  readonly bindings: Bindings
  /** The size of a dimension in this run. */
  readonly size: (dim: Dim) => number
}

/** Gradient with respect to an output or input; undefined where nothing flows. */
export type Gradient = Tensor | undefined

/**
 * One row of the op table.
 *
 * A primitive has `lower`, `kernel` and `gradient`. A composite has `decompose`, which every engine and autodiff
 * understand, and may add a fused `lower` or a shorter `gradient` of its own.
 */
export interface Op<Attrs = any> {
  readonly name: string
  /** Shape and dtype rule. Throws ShapeError. */
  infer(inputs: readonly TensorType[], attrs: Attrs): TensorType[]
  /** Emits ONNX nodes and returns the names of the outputs. */
  lower?(builder: OnnxBuilder, inputs: readonly string[], call: Call<Attrs>): string | string[]
  /** Whether `lower` covers this call; always, where absent. */
  lowers?(call: Call<Attrs>): boolean
  /** Reference kernel in plain TypeScript: fills the outputs. */
  kernel?(call: KernelCall<Attrs>): void
  /** Gradients of the inputs from those of the outputs; 'none' where the op is constant or discrete by nature. */
  gradient?: 'none' | ((gradients: readonly Gradient[], call: Call<Attrs>) => Gradient[])
  /** The same outputs, built from other ops. */
  decompose?(inputs: readonly Tensor[], attrs: Attrs): Tensor[]
  /** An equivalent that keeps what its gradient will need; replaces the call where it is differentiated. */
  differentiable?(call: Call<Attrs>): Tensor[] | undefined
  /** Attributes with the graph inside them rewritten, for an op that carries one; the same object where nothing changed. */
  rewriteBody?(attrs: Attrs, rewrite: (outputs: readonly Tensor[]) => Tensor[]): Attrs
}

/** Keeps the attribute type of an op while the table is written. */
export const defineOp = <Attrs>(op: Op<Attrs>): Op<Attrs> => op
