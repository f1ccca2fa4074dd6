import { internal } from '../../errors.ts'
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxInitialiser,
  type OnnxNode,
  type OnnxType,
  type OnnxValue,
  onnxTypes,
} from '../../formats/onnx.ts'
import { type Dim, isName, type Shape, terms } from '../dims.ts'
import type { DType, TypedArray } from '../dtype.ts'
import type { TensorType } from '../shape.ts'

export type Attributes = Readonly<Record<string, OnnxAttribute>>

/** Collects the nodes and constants of one ONNX graph while operations lower themselves into it. */
export class OnnxBuilder {
  readonly #nodes: OnnxNode[] = []
  readonly #root: OnnxBuilder
  readonly #initialisers: OnnxInitialiser[] = []
  readonly #constants = new Map<string, string>()
  readonly #symbols = new Map<string, { input: string; axis: number }>()
  #names = 0

  constructor(parent?: OnnxBuilder) {
    this.#root = parent ? parent.#root : this
  }

  /** A name that nothing else in the model has. */
  fresh(stem: string): string {
    return `${stem}_${this.#root.#names++}`
  }

  /** Adds a standard operator with one output and returns the output's name. */
  emit(op: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.emitMany(op, inputs, 1, attributes)[0]
  }

  emitMany(op: string, inputs: readonly string[], outputs: number, attributes?: Attributes, domain?: string): string[] {
    const names = Array.from({ length: outputs }, () => this.fresh(op))
    this.#nodes.push({ op, domain, inputs, outputs: names, attributes })
    return names
  }

  /** Adds an operator of ONNX Runtime's own domain. */
  contrib(op: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.emitMany(op, inputs, 1, attributes, 'com.microsoft')[0]
  }

  /** Adds a conversion to another element type. */
  cast(x: string, type: OnnxType): string {
    return this.emit('Cast', [x], { to: { i: onnxTypes[type] } })
  }

  constant(type: OnnxType, dims: readonly number[], data: ArrayBufferView): string {
    const name = this.fresh('constant')
    this.#root.#initialisers.push({ name, type, dims, data })
    return name
  }

  /** A rank-0 constant; equal ones are shared. */
  scalar(dtype: DType, value: number): string {
    return this.#shared(`${dtype} ${Object.is(value, -0) ? '-0' : value}`, () => {
      const data: TypedArray =
        dtype === 'f32' ? Float32Array.of(value) : dtype === 'i32' ? Int32Array.of(value) : Uint8Array.of(value)
      return this.constant(dtype, [], data)
    })
  }

  /** An int64 vector, as axes and shapes are given; equal ones are shared. */
  ints(values: readonly number[]): string {
    return this.#shared(`ints ${values}`, () => this.constant('i64', [values.length], BigInt64Array.from(values.map(BigInt))))
  }

  #shared(key: string, make: () => string): string {
    const known = this.#root.#constants.get(key)
    if (known) return known
    const name = make()
    this.#root.#constants.set(key, name)
    return name
  }

  /** Notes that an input's axes carry the named dimensions, so that shapes can be computed from them. */
  declareSymbols(input: string, shape: Shape): void {
    for (const [axis, dim] of shape.entries()) {
      if (isName(dim) && !this.#symbols.has(dim)) this.#symbols.set(dim, { input, axis })
    }
  }

  /** One dimension as an int64 vector of length 1. */
  dim(dim: Dim): string {
    if (typeof dim === 'number') return this.ints([dim])
    return this.#shared(`dim ${dim}`, () => this.#root.#computeDim(dim))
  }

  #computeDim(dim: string): string {
    const products = terms(dim).map(({ coefficient, names }) => {
      const factors = names.map((name) => this.#symbol(name))
      if (coefficient !== 1 || factors.length === 0) factors.unshift(this.ints([coefficient]))
      return factors.reduce((a, b) => this.emit('Mul', [a, b]))
    })
    return products.reduce((a, b) => this.emit('Add', [a, b]))
  }

  #symbol(name: string): string {
    const source = this.#symbols.get(name)
    if (!source) throw internal(`dimension '${name}' is on no input`)
    return this.#shared(`symbol ${name}`, () =>
      this.emit('Shape', [source.input], { start: { i: source.axis }, end: { i: source.axis + 1 } }),
    )
  }

  /** A shape as an int64 vector. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.ints(shape)
    return this.#shared(`shape ${shape}`, () =>
      this.#root.emit(
        'Concat',
        shape.map((dim) => this.dim(dim)),
        { axis: { i: 0 } },
      ),
    )
  }

  reshape(x: string, shape: Shape): string {
    const names = shape.filter((dim) => typeof dim === 'string').length
    if (names === 1 && !shape.includes(0)) {
      return this.emit('Reshape', [x, this.ints(shape.map((dim) => (typeof dim === 'string' ? -1 : dim)))])
    }
    return this.emit('Reshape', [x, this.shape(shape)], { allowzero: { i: 1 } })
  }

  /** Zeros of a shape and type. */
  zeros({ shape, dtype }: TensorType): string {
    return this.emit('Expand', [this.scalar(dtype, 0), this.shape(shape)])
  }

  /** A graph that runs inside a node of this one and may use every name of it. */
  subgraph(build: (inner: OnnxBuilder) => { inputs: OnnxValue[]; outputs: OnnxValue[] }): OnnxGraph {
    const inner = new OnnxBuilder(this)
    const { inputs, outputs } = build(inner)
    return { name: this.fresh('body'), nodes: inner.#nodes, initialisers: [], inputs, outputs }
  }

  /** Gives a value a second name. */
  alias(value: string, name: string): void {
    this.#nodes.push({ op: 'Identity', inputs: [value], outputs: [name] })
  }

  finish(name: string, inputs: OnnxValue[], outputs: OnnxValue[]): OnnxGraph {
    return { name, nodes: this.#nodes, initialisers: this.#initialisers, inputs, outputs }
  }
}
