import { availableParallelism } from 'node:os'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { EngineError } from '../../errors.ts'
import { encodeOnnxModel } from '../../formats/onnx.ts'
import type { DType, TypedArray } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import { castArray, type NdArray, ndarray } from '../ndarray.ts'
import { fedAs, inputName, lower, outputName } from '../onnx/lower.ts'
import type { Call } from '../op.ts'
import type { Engine, Executable } from './engine.ts'

type Ort = typeof import('onnxruntime-node')

/** ONNX Runtime's native kernels, in this thread: a run blocks it. */
export const onnxruntime: Engine = {
  name: 'onnxruntime',
  runs: hasKernel,
  async load(graph, { threads = availableParallelism() }) {
    const ort = await loadBinding()
    const model = encodeOnnxModel(lower(graph))
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(threads))
      return new Session(ort, session, graph)
    } catch (cause) {
      throw engineError('the graph was refused', cause)
    }
  },
}

export function hasKernel(call: Call): boolean {
  return call.op.lower !== undefined && (call.op.lowers?.(call) ?? true)
}

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: {
      // An idle session would burn a core, and two sessions fight over them.
      session: { force_spinning_stop: '1' },
    },
  }
}

class Session implements Executable {
  readonly #ort: Ort
  readonly #session: InferenceSession
  readonly #graph: Graph
  readonly #outputNames: string[]
  /** Wrappers of arrays that come again in every step, as parameters do. */
  readonly #wrapped = new WeakMap<NdArray, OrtTensor>()

  constructor(ort: Ort, session: InferenceSession, graph: Graph) {
    this.#ort = ort
    this.#session = session
    this.#graph = graph
    this.#outputNames = graph.outputs.map((_, i) => outputName(i))
  }

  async run(inputs: readonly NdArray[], outputs: readonly (NdArray | undefined)[]): Promise<NdArray[]> {
    const feeds = Object.fromEntries(inputs.map((array, i) => [inputName(i), this.#wrap(array)]))
    const fetches = Object.fromEntries(
      this.#outputNames.map((name, i) => {
        const target = outputs[i]
        return [name, target && !isShared(target) ? this.#wrap(target) : null]
      }),
    ) as InferenceSession.OnnxValueMapType
    try {
      const results = await this.#session.run(feeds, fetches)
      return this.#outputNames.map((name, i) => {
        const { data, dims } = results[name] as OrtTensor
        const target = outputs[i]
        if (target && isShared(target)) target.data.set(data as TypedArray)
        return target ?? ndarray(data as TypedArray, dims, this.#graph.outputs[i].dtype)
      })
    } catch (cause) {
      throw engineError('the graph failed while it ran', cause)
    }
  }

  #wrap(array: NdArray): OrtTensor {
    let tensor = this.#wrapped.get(array)
    if (!tensor) {
      const { type, data, dims } = toOrt(array)
      const own = isShared(array) ? data.slice() : data // the binding refuses shared memory
      tensor = new this.#ort.Tensor(type, own as never, dims)
      if (own === array.data) this.#wrapped.set(array, tensor) // a copy would miss what is written later
    }
    return tensor
  }

  [Symbol.dispose](): void {
    this.#session.release().catch(() => {}) // nothing can be done about a session that does not end
  }
}

export const isShared = ({ data }: NdArray): boolean => data.buffer instanceof SharedArrayBuffer

/** What the binding's Tensor takes, with the types it has none for widened. */
export function toOrt(array: NdArray): { type: OrtTensor.Type; data: TypedArray; dims: readonly number[] } {
  const { dtype, data, shape } = castArray(array, fedAs(array.dtype))
  return { type: ortTypes[dtype] as OrtTensor.Type, data, dims: shape }
}

const ortTypes: Partial<Record<DType, OrtTensor.Type>> = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  f16: 'float16',
  i8: 'int8',
  u8: 'uint8',
}

let binding: Promise<Ort> | undefined

/** Loads the native binding on first use, so that what needs no engine starts without it. */
export function loadBinding(): Promise<Ort> {
  binding ??= import('onnxruntime-node').catch((cause) => {
    binding = undefined
    throw new EngineError({
      place: 'onnxruntime',
      rule: 'the native engine could not be loaded on this system',
      got: `${process.platform} ${process.arch}: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`,
      hint: "npm install onnxruntime-node, or run on the slower engine: engine: 'reference'",
      cause,
    })
  })
  return binding
}

export function engineError(rule: string, cause: unknown): EngineError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new EngineError({ place: 'onnxruntime', rule, got: message.slice(0, 2000), cause })
}
