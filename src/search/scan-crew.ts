import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { internal } from '../errors.ts'
import type { Candidates, kernel, Layout, Memory, ScanTask } from './scan.js'
import { BLOCK, MAX_THREADS, Shortlist, scan } from './scan.js'

/** Rows below which a thread more takes longer to be told than to help. */
const SMALLEST_PART = 8192

/** Threads that scan codes together, each over rows of its own. The caller's thread is one of them. */
export class ScanCrew implements Disposable {
  readonly #memory: Memory
  readonly #layout: Layout
  readonly #others: Worker[] = []
  #busy: Promise<unknown> = Promise.resolve()

  constructor(memory: Memory, layout: Layout) {
    this.#memory = memory
    this.#layout = layout
  }

  /** How many threads so many rows are worth. */
  static parts(rows: number, threads: number): number {
    return Math.max(1, Math.min(threads, MAX_THREADS, Math.floor(rows / SMALLEST_PART)))
  }

  /**
   * @param task  called when it is this task's turn: the queries have one place in memory
   * @returns of each query: candidates in order of rows
   */
  scan(code: ReturnType<typeof kernel>, parts: number, task: () => Omit<ScanTask, 'start' | 'thread'>): Promise<Int32Array[]> {
    const turn = this.#busy.then(() => this.#scan(code, parts, task()))
    this.#busy = turn.catch(() => undefined)
    return turn
  }

  async #scan(code: ReturnType<typeof kernel>, parts: number, whole: Omit<ScanTask, 'start' | 'thread'>): Promise<Int32Array[]> {
    const size = Math.ceil(whole.end / parts / BLOCK) * BLOCK
    const part = (thread: number): ScanTask => {
      return { ...whole, thread, start: thread * size, end: Math.min(whole.end, (thread + 1) * size) }
    }
    const theirs = Array.from({ length: parts - 1 }, (_, i) => this.#ask(i, part(i + 1)))
    const mine = scan(this.#memory, code, this.#layout, part(0))
    const all = [mine, ...(await Promise.all(theirs))]
    return whole.queries.map((_, query) =>
      merge(
        all.map((found) => found[query]),
        whole.k,
      ),
    )
  }

  async #ask(i: number, task: ScanTask): Promise<Candidates[]> {
    const workerData = { memory: this.#memory, layout: this.#layout }
    this.#others[i] ??= new Worker(new URL('./scan-member.js', import.meta.url), { workerData })
    const worker = this.#others[i]
    const stop = new AbortController()
    const { signal } = stop
    try {
      worker.ref()
      worker.postMessage(task)
      const ended = once(worker, 'exit', { signal }).then(() => Promise.reject(internal('a thread of the search ended')))
      const [answer] = await Promise.race([once(worker, 'message', { signal }), ended]) // an 'error' rejects
      return answer
    } finally {
      stop.abort()
      worker.unref()
    }
  }

  [Symbol.dispose](): void {
    for (const worker of this.#others) void worker.terminate()
  }
}

/** What the candidates of several parts leave, given all their bounds. */
function merge(parts: Candidates[], k: number): Int32Array {
  const all = new Shortlist(k)
  for (const { rows, lower, upper } of parts) for (const [i, row] of rows.entries()) all.add(row, lower[i], upper[i])
  return all.candidates().rows
}
