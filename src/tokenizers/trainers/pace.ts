/** How a training that keeps the processor busy stays reachable: it reports progress, and can be cancelled. */
import { setImmediate as nextTurn } from 'node:timers/promises'

export type TrainingProgress = {
  stage: string
  done: number
  /** How many there will be; undefined while reading a stream. */
  total: number | undefined
}

export type Watch = {
  onProgress?: (progress: TrainingProgress) => void
  /** Cancels: the promise is rejected with the signal's reason. */
  signal?: AbortSignal
}

/** Called in an inner loop; what it returns now and then is awaited. */
export type Rest = () => Promise<void> | undefined

/** Long enough that turns of the event loop cost nothing, short enough for a person who presses Ctrl-C. */
const TURN_MS = 100

/** Calls of `isDue` between looks at the clock. */
const CALLS_PER_LOOK = 64

export class Pace {
  readonly #watch: Watch
  #last = performance.now()
  #calls = 0

  constructor(watch: Watch) {
    this.#watch = watch
    watch.signal?.throwIfAborted()
  }

  /** Cheap enough for an inner loop. */
  isDue(): boolean {
    if (++this.#calls < CALLS_PER_LOOK) return false
    this.#calls = 0
    return performance.now() - this.#last > TURN_MS
  }

  /** Reports, and lets the event loop turn, so that a signal can be heard. */
  async turn(stage: string, done: number, total?: number): Promise<void> {
    this.#watch.onProgress?.({ stage, done, total })
    await nextTurn()
    this.#watch.signal?.throwIfAborted()
    this.#last = performance.now()
  }
}
