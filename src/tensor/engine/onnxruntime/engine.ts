import { availableParallelism } from 'node:os'
import { EngineError, internal } from '../../../errors.ts'
import { encodeOnnxModel } from '../../../formats/onnx.ts'
import { type DType, stores } from '../../dtype.ts'
import type { Graph } from '../../graph.ts'
import { castArray, type NdArray } from '../../ndarray.ts'
import { fedAs, inputName, lower, outputName } from '../../onnx/lower.ts'
import { count } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import type { Engine, Executable } from '../engine.ts'
import { type Handle, loadLibrary, type OrtLibrary, POOL_THREADS } from './library.ts'

/** ONNX Runtime's native kernels. Runs stay off the event loop and may overlap. */
export const onnxruntime: Engine = {
  name: 'onnxruntime',
  runsAtOnce: POOL_THREADS,
  runs: (call) => call.op.lower !== undefined && (call.op.lowers?.(call) ?? true),
  async load(graph, { threads = availableParallelism() }) {
    graph.outputs.forEach(expectNative)
    const library = await loadLibrary()
    const model = encodeOnnxModel(lower(graph))
    try {
      return new Session(library, await library.createSession(model, threads), graph)
    } catch (cause) {
      throw engineError('the graph was refused', cause)
    }
  },
}

class Session implements Executable {
  readonly #library: OrtLibrary
  readonly #session: Handle
  readonly #inputNames
  readonly #outputNames
  readonly #tensors: TensorCache
  /** The arrays of runs that have not ended, so that none is collected under the engine's feet. */
  readonly #running = new Set<unknown>()
  #disposed = false

  constructor(library: OrtLibrary, session: Handle, { inputs, outputs }: Graph) {
    this.#library = library
    this.#session = session
    this.#inputNames = library.names(inputs.map((_, i) => inputName(i)))
    this.#outputNames = library.names(outputs.map((_, i) => outputName(i)))
    this.#tensors = tensorsOf(library)
  }

  async run(inputs: readonly NdArray[], outputs: readonly NdArray[]): Promise<void> {
    if (this.#disposed) throw internal('a session was run after it was disposed of')
    const fed = inputs.map((array) => castArray(array, fedAs(array.dtype)))
    const inputValues = BigUint64Array.from(fed, (array) => this.#tensors.of(array))
    const outputValues = BigUint64Array.from(outputs, (array) => this.#tensors.of(array))
    const held = [fed, outputs, inputValues, outputValues]
    this.#running.add(held)
    try {
      await this.#library.run(this.#session, this.#inputNames.pointers, inputValues, this.#outputNames.pointers, outputValues)
    } catch (cause) {
      throw engineError('the graph failed while it ran', cause)
    } finally {
      this.#running.delete(held)
      this.#releaseWhenIdle()
    }
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#releaseWhenIdle()
  }

  #releaseWhenIdle(): void {
    if (this.#disposed && this.#running.size === 0) this.#library.releaseSession(this.#session)
  }
}

let tensors: TensorCache | undefined

/** One cache for all sessions: a tensor belongs to none, and outlives most. */
function tensorsOf(library: OrtLibrary): TensorCache {
  tensors ??= new TensorCache(library)
  return tensors
}

/** The engine's tensor over each array, made once, because most arrays come again in every step. */
class TensorCache {
  readonly #library: OrtLibrary
  readonly #tensors = new WeakMap<NdArray, Handle>()
  readonly #finalizers: FinalizationRegistry<Handle>

  constructor(library: OrtLibrary) {
    this.#library = library
    this.#finalizers = new FinalizationRegistry((tensor) => library.releaseValue(tensor))
  }

  of(array: NdArray): Handle {
    const { data, shape, dtype } = array
    if (!stores(data, dtype, count(shape)))
      throw internal('an array has lost its memory, as a transfer to another thread takes it')
    let tensor = this.#tensors.get(array)
    if (tensor === undefined) {
      tensor = this.#library.createTensor(data, shape, elementTypes[dtype]!)
      this.#tensors.set(array, tensor)
      this.#finalizers.register(array, tensor)
    }
    return tensor
  }
}

/** ONNXTensorElementDataType of what can be handed over as it is. */
const elementTypes: Partial<Record<DType, number>> = { f32: 1, u8: 2, i8: 3, i32: 6, bool: 9, f16: 10 }

function expectNative({ dtype }: Tensor): void {
  if (elementTypes[dtype] !== undefined) return
  throw new EngineError({
    place: 'compile',
    rule: `ONNX Runtime gives out ${Object.keys(elementTypes).join(', ')}`,
    got: `an output of ${dtype}`,
    hint: "cast it to 'f32' in the graph",
  })
}

function engineError(rule: string, cause: unknown): EngineError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new EngineError({ place: 'onnxruntime', rule, got: message.slice(0, 2000), cause })
}
