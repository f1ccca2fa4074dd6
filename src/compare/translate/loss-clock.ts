/** Training time by the loss that it reached, evaluations not counted. */
import type { TrainingEvent } from '../../training/events.ts'
import type { LossPoint } from './comparison.ts'

/** Listens to a training and keeps the time. */
export class LossClock {
  readonly curve: LossPoint[] = []
  readonly #now: () => number
  #began: number | undefined
  #last = 0
  #evaluating = 0
  /** Examples that were trained on. */
  #examples = 0

  /** @param now  in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  hear(event: TrainingEvent): void {
    const now = this.#now()
    if (event.type === 'step') {
      // The first step is told once it is over; what is left of the plan says how long it took.
      this.#began ??= now - (event.steps > event.step ? (1000 * event.etaSeconds) / (event.steps - event.step) : 0)
      this.#last = now
      this.#examples = event.examplesPerSecond * ((now - this.#began) / 1000) // a second since the beginning, evaluations counted
    } else if (event.type === 'evaluation' && this.#began !== undefined) {
      this.curve.push({ step: event.step, seconds: this.seconds, loss: event.metrics.loss })
      this.#evaluating += now - this.#last
      this.#last = now
    }
  }

  /** Of training, up to the last step. */
  get seconds(): number {
    return this.#began === undefined ? 0 : (this.#last - this.#began - this.#evaluating) / 1000
  }

  /** Examples in a second of training, undefined before there was any. */
  get examplesPerSecond(): number | undefined {
    return this.seconds > 0 ? this.#examples / this.seconds : undefined
  }
}

/**
 * When a loss was first reached: between two evaluations in proportion.
 *
 * @returns  seconds, undefined where it never was
 */
export function secondsToLoss(curve: readonly LossPoint[], loss: number): number | undefined {
  const at = curve.findIndex((point) => point.loss <= loss)
  if (at < 0) return undefined
  const [before, reached] = [curve[at - 1], curve[at]]
  if (before === undefined) return reached.seconds
  const share = (before.loss - loss) / (before.loss - reached.loss)
  return before.seconds + share * (reached.seconds - before.seconds)
}

/** The lowest loss of the curve that stayed highest: what all of them reached. */
export const equalLoss = (curves: readonly (readonly LossPoint[])[]): number =>
  Math.max(...curves.map((curve) => Math.min(...curve.map(({ loss }) => loss))))
