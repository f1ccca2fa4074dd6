/** The tokens before the next one, counted as the penalties count them: the repetition penalty looks at all, the others at generated ones. */
export class History {
  readonly #seen: Set<number>
  readonly #generated = new Map<number, number>()
  #length = 0

  constructor(prompt: Iterable<number> = []) {
    this.#seen = new Set(prompt)
  }

  /** Counts a token as generated. */
  push(id: number): void {
    this.#seen.add(id)
    this.#generated.set(id, (this.#generated.get(id) ?? 0) + 1)
    this.#length++
  }

  /** Each token of the prompt and of what was generated, once. */
  get seen(): Iterable<number> {
    return this.#seen
  }

  /** How often each token was generated. */
  get generated(): Iterable<readonly [id: number, times: number]> {
    return this.#generated
  }

  /** How many tokens were generated. */
  get length(): number {
    return this.#length
  }
}
