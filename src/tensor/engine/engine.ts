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
  /** How many runs make progress side by side. */
  readonly runsAtOnce: number
  /** Whether it has a kernel for the call; what it lacks is decomposed first. */
  runs(call: Call): boolean
  /** Prepares a graph. @throws EngineError when the engine refuses it */
  load(graph: Graph, options: EngineOptions): Promise<Executable>
}

/** A graph that is ready to run. Disposing frees its memory, once the runs on their way have ended. */
export interface Executable extends Disposable {
  /**
   * Runs the graph once. Runs may overlap.
   *
   * @param inputs  one array an input of the graph, whose shapes have been checked
   * @param outputs  where the results are written: an array of the right type and shape an output
   */
  run(inputs: readonly NdArray[], outputs: readonly NdArray[]): Promise<void>
}

/** How to spend threads on work that falls into parts: in runs side by side, each with its share of the threads. */
export function sideBySide({ runsAtOnce }: Engine, threads: number): { runs: number; threadsEach: number } {
  const runs = Math.max(1, Math.min(threads, runsAtOnce))
  return { runs, threadsEach: Math.max(1, Math.floor(threads / runs)) }
}
