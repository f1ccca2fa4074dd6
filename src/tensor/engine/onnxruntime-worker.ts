import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { encodeOnnxModel } from '../../formats/onnx.ts'
import type { TypedArray } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import { type NdArray, ndarray } from '../ndarray.ts'
import { inputName, lower, outputName } from '../onnx/lower.ts'
import type { Engine, Executable } from './engine.ts'
import { engineError, hasKernel, isShared, loadBinding, sessionOptions, toOrt } from './onnxruntime.ts'

/**
 * ONNX Runtime with each program in a thread of its own: the caller's event loop stays free, and programs run side by
 * side. Arrays over a SharedArrayBuffer are read and written where they lie; others are copied on their way.
 */
export const onnxruntimeWorker: Engine = {
  name: 'onnxruntime-worker',
  runs: hasKernel,
  async load(graph, { threads = availableParallelism() }) {
    await loadBinding() // for its error: a worker that cannot start says less
    const session = new WorkerSession(graph)
    await session.open(encodeOnnxModel(lower(graph)), threads)
    return session
  },
}

type Reply = { results: Record<string, { data: TypedArray; dims: number[] }>; error?: string }
type Pending = { resolve: (reply: Reply) => void; reject: (error: Error) => void }

class WorkerSession implements Executable {
  readonly #graph: Graph
  readonly #worker = new Worker(new URL('./onnxruntime-session.js', import.meta.url))
  readonly #keys = new WeakMap<NdArray, number>()
  #nextKey = 0
  /** Runs that have not been answered, oldest first: the worker answers in order. */
  readonly #pending: Pending[] = []

  constructor(graph: Graph) {
    this.#graph = graph
    this.#worker.on('message', (reply: Reply) => {
      const { resolve, reject } = this.#pending.shift()!
      if (reply.error) reject(engineError('the graph was refused or failed while it ran', reply.error))
      else resolve(reply)
      if (this.#pending.length === 0) this.#worker.unref()
    })
    this.#worker.on('error', (cause) => this.#failAll(cause))
    this.#worker.on('exit', () => this.#failAll(new Error('the worker has ended')))
  }

  async open(model: Uint8Array<ArrayBuffer>, threads: number): Promise<void> {
    await this.#ask({ model, options: sessionOptions(threads) }, [model.buffer])
  }

  async run(inputs: readonly NdArray[], outputs: readonly (NdArray | undefined)[]): Promise<NdArray[]> {
    const feeds = Object.fromEntries(inputs.map((array, i) => [inputName(i), this.#wire(array)]))
    // Only shared memory can be written from there; what is not shared is copied here from the answer.
    const fetches = Object.fromEntries(
      this.#graph.outputs.map((_, i) => {
        const target = outputs[i]
        return [outputName(i), target && isShared(target) ? this.#wire(target) : null]
      }),
    )
    const { results } = await this.#ask({ feeds, fetches })
    return this.#graph.outputs.map(({ dtype }, i) => {
      const target = outputs[i]
      if (target && isShared(target)) return target
      const { data, dims } = results[outputName(i)]
      target?.data.set(data)
      return target ?? ndarray(data, dims, dtype)
    })
  }

  #wire(array: NdArray): unknown {
    const known = this.#keys.get(array)
    if (known !== undefined) return known
    if (!isShared(array)) return toOrt(array)
    this.#keys.set(array, this.#nextKey)
    return { key: this.#nextKey++, ...toOrt(array) }
  }

  #ask(message: unknown, transfer: ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage(message, transfer)
    })
  }

  #failAll(cause: unknown): void {
    for (const { reject } of this.#pending.splice(0)) reject(engineError('the engine thread failed', cause))
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate()
  }
}
