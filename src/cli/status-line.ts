/** One line on stderr that is written over again and again; nothing where stderr is no terminal. */
export class StatusLine {
  readonly #enabled: boolean
  #next = 0

  constructor(enabled = process.stderr.isTTY === true) {
    this.#enabled = enabled
  }

  /** Shows a text, at most ten times a second. */
  show(text: () => string): void {
    if (!this.#enabled || performance.now() < this.#next) return
    this.#next = performance.now() + 100
    process.stderr.write(`\r\x1b[K${text().slice(0, (process.stderr.columns ?? 80) - 1)}`)
  }

  /** Leaves a line for good. */
  print(text: string): void {
    if (this.#enabled) process.stderr.write(`\r\x1b[K${text}\n`)
  }

  clear(): void {
    if (this.#enabled) process.stderr.write('\r\x1b[K')
  }
}
