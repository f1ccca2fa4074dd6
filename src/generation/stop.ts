/**
 * Finds stop strings in a text that arrives in pieces. What may be the beginning of one is held back until that is decided, so
 * nothing is ever shown that belongs to a stop string; the earliest match ends the text.
 */
export class StopStrings {
  readonly #stops: readonly string[]
  #held = ''
  #stopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** Whether a stop string was met; what is pushed after it is lost. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** What is certain to lie before any stop string. */
  push(piece: string): string {
    if (this.#stopped) return ''
    const text = this.#held + piece
    const at = this.#earliest(text)
    const undecided = this.#firstUndecided(text)
    // A longer stop that began earlier may still be completed.
    if (at < undecided || (at === undecided && at < text.length)) {
      this.#stopped = true
      this.#held = ''
      return text.slice(0, at)
    }
    this.#held = text.slice(undecided)
    return text.slice(0, undecided)
  }

  /** What was held back, when nothing more comes. */
  finish(): string {
    const text = this.#held
    this.#held = ''
    const at = this.#earliest(text)
    this.#stopped ||= at < text.length
    return text.slice(0, at)
  }

  /** Where the earliest match begins; infinity where there is none. */
  #earliest(text: string): number {
    const starts = this.#stops.map((stop) => text.indexOf(stop)).filter((start) => start >= 0)
    return Math.min(...starts)
  }

  /** Where the earliest tail begins that is the beginning of a stop string; the length of the text where there is none. */
  #firstUndecided(text: string): number {
    const longest = Math.max(0, ...this.#stops.map(({ length }) => length - 1))
    for (let start = Math.max(0, text.length - longest); start < text.length; start++) {
      const tail = text.slice(start)
      if (this.#stops.some((stop) => stop.length > tail.length && stop.startsWith(tail))) return start
    }
    return text.length
  }
}
