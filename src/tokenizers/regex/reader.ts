/** What the parts of the translator share: where it is in the pattern, and how it refuses. */
import { FormatError } from '../../errors.ts'

export class PatternReader {
  readonly pattern: string
  readonly #place: string
  at = 0

  constructor(pattern: string, place: string) {
    this.pattern = pattern
    this.#place = place
  }

  get done(): boolean {
    return this.at >= this.pattern.length
  }

  /** Steps over a text if it comes next. */
  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Steps over what a sticky expression matches, if it does. */
  match(regex: RegExp): RegExpExecArray | undefined {
    regex.lastIndex = this.at
    const found = regex.exec(this.pattern)
    if (!found) return undefined
    this.at = regex.lastIndex
    return found
  }

  /** The next character. */
  next(): string {
    if (this.done) throw this.refusal('the pattern ends too early')
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at)!)
    this.at += character.length
    return character
  }

  refusal(rule: string): FormatError {
    return new FormatError({
      place: this.#place,
      rule: `not a regular expression that can be used here: ${rule}`,
      got: `${JSON.stringify(this.pattern.slice(0, 200))}, at ${this.at}`,
    })
  }
}
