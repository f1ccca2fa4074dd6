import type { Graph } from '../graph.ts'
import type { NdArray } from '../ndarray.ts'
import type { Call } from '../op.ts'

export type EngineOptions = {
  /** Threads that one operation may use. Default: what the machine has. */
  threads?: number
}

/**
 * Runs graphs. Every engine gives the same numbers within rounding; `engine.contract.ts` holds them to it.
 *
 * The interface is asynchronous and speaks only of graphs and arrays, so that an engine may live in a worker or a browser.
 */
export interface Engine {
  readonly name: string
  /** Whether it has a kernel for the call; what it lacks is decomposed first. */
  runs(call: Call): boolean
  /** Prepares a graph. @throws EngineError when the engine refuses it */
  load(graph: Graph, options: EngineOptions): Promise<Executable>
}

/** A graph that is ready to run. Disposing frees its memory. */
export interface Executable extends Disposable {
  /**
   * Runs the graph once.
   *
   * @param inputs  one array an input of the graph, whose shapes have been checked
   * @param outputs  where results are written: an array of the right type and shape an output, or undefined to allocate
   * @returns  one array an output; the given ones where given
   */
  run(inputs: readonly NdArray[], outputs: readonly (NdArray | undefined)[]): Promise<NdArray[]>
}
