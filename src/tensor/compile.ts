import { internal, ShapeError } from '../errors.ts'
import { isTensor } from './autodiff.ts'
import { bindInputs, expectArray } from './bind.ts'
import { type Bindings, bindShape, type Shape } from './dims.ts'
import type { DType } from './dtype.ts'
import type { Engine, EngineOptions, Executable } from './engine/engine.ts'
import { onnxruntime } from './engine/onnxruntime/engine.ts'
import { Rewriter } from './graph.ts'
import { isNdArray, type NdArray, zeros } from './ndarray.ts'
import { apply, input, type Tensor } from './tensor.ts'
import { leavesOf, type MapLeaves, mapTree, withLeaves } from './tree.ts'

/** Shape and dtype of a program's input. A dimension may be a name; then every size fits. */
export type InputSpec = { readonly kind: 'input'; readonly shape: Shape; readonly dtype: DType }

export const inputSpec = (shape: Shape, dtype: DType = 'f32'): InputSpec => ({ kind: 'input', shape, dtype })

/** The specs of arrays that exist already. */
export const specsOf = <T>(tree: T): MapLeaves<T, NdArray, InputSpec> =>
  mapTree(tree, isNdArray, ({ shape, dtype }) => inputSpec(shape, dtype))

export { isNdArray }

const isInputSpec = (value: unknown): value is InputSpec => (value as InputSpec | undefined)?.kind === 'input'

type Tensors<Specs> = MapLeaves<Specs, InputSpec, Tensor>
type Arrays<Specs> = MapLeaves<Specs, InputSpec, NdArray>
type Results<Out> = MapLeaves<Out, Tensor, NdArray>

/** A compiled function. Holds native memory: bind it with `using`, or dispose of it. */
export interface Program<Specs extends readonly unknown[], Out> extends Disposable {
  run(...args: { [K in keyof Specs]: Arrays<Specs[K]> }): Promise<Results<Out>>
  /** Writes the results into arrays of the caller instead of new ones. */
  runInto(target: Results<Out>, ...args: { [K in keyof Specs]: Arrays<Specs[K]> }): Promise<void>
}

export type CompileOptions = EngineOptions & { engine?: Engine }

/**
 * Traces a function once and prepares it to run on arrays.
 *
 * @param f  takes trees of tensors, one an argument, and returns a tree of tensors
 * @param specs  for each argument the tree of its input specs
 * @throws ShapeError while tracing, EngineError when the engine refuses the graph
 */
export async function compile<const Specs extends readonly unknown[], Out>(
  f: (...args: { [K in keyof Specs]: Tensors<Specs[K]> }) => Out,
  specs: Specs,
  { engine = onnxruntime, ...options }: CompileOptions = {},
): Promise<Program<Specs, Out>> {
  const args = mapTree(specs, isInputSpec, ({ shape, dtype }) => input(shape, dtype))
  const named = leavesOf(args, isTensor)
  const result = f(...(args as unknown as { [K in keyof Specs]: Tensors<Specs[K]> }))
  const inputs = named.map(([, tensor]) => tensor)
  const outputs = decomposeFor(
    engine,
    leavesOf(result, isTensor).map(([, tensor]) => tensor),
  )
  const executable = await engine.load({ inputs, outputs }, options)
  const names = named.map(([path]) => path)
  return new CompiledProgram(executable, inputs, names, result) as Program<Specs, Out>
}

/** Replaces the composites for which an engine has no kernel. */
export function decomposeFor(engine: Engine, outputs: readonly Tensor[]): Tensor[] {
  return new Rewriter((call) => {
    const { op, inputs, attrs } = call
    if (!engine.runs(call)) return op.decompose?.(inputs, attrs)
    const inside = op.rewriteBody?.(attrs, (body) => decomposeFor(engine, body)) ?? attrs
    return inside === attrs ? undefined : apply(op, inputs, inside)
  }).rewrite(outputs)
}

class CompiledProgram<Out> {
  readonly #executable: Executable
  readonly #inputs: readonly Tensor[]
  readonly #names: readonly string[]
  readonly #result: Out
  readonly #outputs: readonly [name: string, tensor: Tensor][]
  readonly #outputNames: readonly string[]
  #disposed = false

  constructor(executable: Executable, inputs: readonly Tensor[], names: readonly string[], result: Out) {
    this.#executable = executable
    this.#inputs = inputs
    this.#names = names
    this.#result = result
    this.#outputs = leavesOf(result, isTensor)
    this.#outputNames = this.#outputs.map(([name]) => name)
  }

  async run(...args: unknown[]): Promise<Results<Out>> {
    const { arrays, bindings } = this.#bind(args)
    const outputs = this.#outputs.map(([, { shape, dtype }]) => zeros(bindShape(shape, bindings), dtype))
    await this.#executable.run(arrays, outputs)
    return withLeaves(this.#result, isTensor, outputs)
  }

  async runInto(target: unknown, ...args: unknown[]): Promise<void> {
    const { arrays, bindings } = this.#bind(args)
    const targets = arraysOf(target, this.#outputNames, 'runInto: target')
    for (const [i, [name, tensor]] of this.#outputs.entries()) {
      expectArray(`runInto: target ${name}`, tensor, targets[i], bindings)
    }
    await this.#executable.run(arrays, targets)
  }

  #bind(args: unknown[]): { arrays: NdArray[]; bindings: Bindings } {
    if (this.#disposed) throw internal('a program was run after it was disposed of')
    const arrays = arraysOf(args, this.#names, 'run: input')
    return { arrays, bindings: bindInputs(this.#inputs, arrays, this.#names) }
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#executable[Symbol.dispose]()
    this.#disposed = true
  }
}

/** The arrays of a tree in the order of `names`, whatever the order of its keys. */
function arraysOf(tree: unknown, names: readonly string[], place: string): NdArray[] {
  const given = new Map(leavesOf(tree, isNdArray))
  const missing = names.find((name) => !given.has(name))
  if (missing === undefined && given.size === names.length) return names.map((name) => given.get(name)!)
  const known = new Set(names)
  const unknown = [...given.keys()].find((name) => !known.has(name))
  throw new ShapeError({
    place: `${place} ${missing ?? unknown}`,
    rule: missing === undefined ? 'the program knows no such array' : 'is missing',
    got: `${given.size} arrays for ${names.length}${missing !== undefined && unknown !== undefined ? `, among them ${unknown}` : ''}`,
  })
}
