import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { aligned } from './flat.ts'
import { adamW, combine, sumOfSquares } from './flat-kernels.js'

const kernels = { adamW, combine, sumOfSquares }
type Kernels = typeof kernels
type Rest<F> = F extends (start: number, end: number, ...rest: infer R) => unknown ? R : never

/** Elements below which a thread more takes longer to be told than to help. */
const SMALLEST_PART = 1 << 17

/**
 * Threads that walk over flat buffers together, each over a part of its own. The caller's thread is one of them.
 *
 * What a kernel sums depends on the parts, and so in its last bits on the number of threads.
 */
export class Crew implements Disposable {
  readonly #others: Worker[]

  constructor(threads: number, length: number) {
    const useful = Math.max(1, Math.min(threads, Math.floor(length / SMALLEST_PART)))
    this.#others = Array.from({ length: useful - 1 }, () => new Worker(new URL('./crew-member.js', import.meta.url)))
    for (const worker of this.#others) worker.unref()
  }

  /** Applies a kernel to the elements from 0 to `length`; the answers of the parts, in order. */
  async run<Name extends keyof Kernels>(
    name: Name,
    length: number,
    ...rest: Rest<Kernels[Name]>
  ): Promise<ReturnType<Kernels[Name]>[]> {
    const kernel = kernels[name] as (start: number, end: number, ...rest: unknown[]) => ReturnType<Kernels[Name]>
    const size = aligned(length / (this.#others.length + 1))
    const theirs = this.#others.map((worker, i) => ask(worker, name, [(i + 1) * size, Math.min((i + 2) * size, length), ...rest]))
    const mine = kernel(0, Math.min(size, length), ...rest)
    return [mine, ...((await Promise.all(theirs)) as ReturnType<Kernels[Name]>[])]
  }

  [Symbol.dispose](): void {
    for (const worker of this.#others) void worker.terminate()
  }
}

async function ask(worker: Worker, kernel: string, args: unknown[]): Promise<unknown> {
  worker.ref()
  worker.postMessage({ kernel, args })
  const [answer] = await once(worker, 'message') // an 'error' rejects
  worker.unref()
  return answer
}
