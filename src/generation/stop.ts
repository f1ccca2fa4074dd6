import { ConfigError } from '../errors.ts'

/**
 * Finds stop strings in a text that arrives in pieces. What may be the beginning of one is held back until that is decided, so
 * nothing is ever shown that belongs to a stop string; the match that begins first ends the text. No piece ends within a surrogate
 * pair, unless that is where the text ends.
 *
 * Time grows with the text, not with the length of the stop strings, as these may come from outside.
 */
export class StopStrings {
  readonly #matchers: readonly Matcher[]
  #held = ''
  /** Where in `#held` a match begins that one begun earlier may still displace. */
  #cut = Number.POSITIVE_INFINITY
  #stopped = false

  /**
   * @param stops  empty ones are ignored
   * @throws ConfigError for half a surrogate pair, which would cut characters in two
   */
  constructor(stops: readonly string[]) {
    for (const stop of stops) {
      if (!/\p{Surrogate}/u.test(stop)) continue
      throw new ConfigError({ place: 'stop', rule: 'a stop string must be made of whole characters', got: JSON.stringify(stop) })
    }
    this.#matchers = stops.filter((stop) => stop !== '').map((stop) => new Matcher(stop))
  }

  /** Whether a stop string was met; what is pushed after it is lost. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** What is certain to lie before any stop string. */
  push(piece: string): string {
    if (this.#stopped) return ''
    const text = this.#held + piece
    for (let i = this.#held.length; i < text.length; i++) {
      for (const matcher of this.#matchers) {
        const start = i + 1 - matcher.stop.length
        if (matcher.push(text.charCodeAt(i)) && start < this.#cut) this.#cut = start
      }
      if (this.#cut <= this.#undecided(i + 1)) return this.#end(text)
    }
    const certain = Math.min(this.#undecided(text.length), text.length - (endsInHighSurrogate(text) ? 1 : 0))
    this.#held = text.slice(certain)
    this.#cut -= certain
    return text.slice(0, certain)
  }

  /** What was held back, when nothing more comes. */
  finish(): string {
    if (this.#cut < Number.POSITIVE_INFINITY) return this.#end(this.#held)
    const text = this.#held
    this.#held = ''
    return text
  }

  #end(text: string): string {
    const certain = text.slice(0, this.#cut)
    this.#stopped = true
    this.#held = ''
    this.#cut = Number.POSITIVE_INFINITY
    return certain
  }

  /** Where in the first `length` units of text the earliest stop string begins that more text may complete; `length` where none does. */
  #undecided(length: number): number {
    let earliest = length
    for (const { matched } of this.#matchers) if (length - matched < earliest) earliest = length - matched
    return earliest
  }
}

/** Looks for one stop string, a code unit at a time (Knuth, Morris & Pratt 1977). */
class Matcher {
  readonly stop: string
  /** For each beginning of the stop string, the length of its longest proper beginning that is also its end. */
  readonly #borders: Int32Array
  #matched = 0

  constructor(stop: string) {
    this.stop = stop
    this.#borders = new Int32Array(stop.length)
    for (let length = 2; length < stop.length; length++) {
      this.#borders[length] = this.#extended(this.#borders[length - 1], stop.charCodeAt(length - 1))
    }
  }

  /** How much of the stop string, but not all of it, the text so far ends with. */
  get matched(): number {
    return this.#matched
  }

  /** @returns  whether the stop string ends here */
  push(unit: number): boolean {
    this.#matched = this.#extended(this.#matched, unit)
    if (this.#matched < this.stop.length) return false
    this.#matched = 0 // a second match of the same stop string begins later, so it is never asked for
    return true
  }

  /** How much is matched one unit after `length` was. */
  #extended(length: number, unit: number): number {
    let matched = length
    while (matched > 0 && this.stop.charCodeAt(matched) !== unit) matched = this.#borders[matched]
    return this.stop.charCodeAt(matched) === unit ? matched + 1 : matched
  }
}

const endsInHighSurrogate = (text: string): boolean => /[\ud800-\udbff]$/.test(text)
