import type { Decoder, Sink } from './decoder.ts'

/** Takes up to `start` times a character off the beginning of each token, and up to `stop` times off its end. */
export function strip(content: string, start: number, stop: number): Decoder {
  return { takesParts: true, open: (next) => new Stripping(next, content, start, stop) }
}

class Stripping implements Sink {
  readonly #next: Sink
  readonly #content: string
  readonly #start: number
  readonly #stop: number
  /** How often the character may still be taken off the beginning. */
  #left = 0
  #begins = true
  /** What may have to be taken off the end. */
  #held = ''
  #isOpen = false

  constructor(next: Sink, content: string, start: number, stop: number) {
    this.#next = next
    this.#content = content
    this.#start = start
    this.#stop = stop
  }

  push(piece: string, begins: boolean): void {
    if (begins) {
      this.#close()
      this.#left = this.#start
      this.#begins = true
      this.#isOpen = true
    }
    let text = this.#held + piece
    while (this.#left > 0 && text.startsWith(this.#content)) {
      text = text.slice(this.#content.length)
      this.#left--
    }
    if (text === '') {
      this.#held = ''
      return
    }
    this.#left = 0
    let end = text.length
    for (let i = 0; i < this.#stop && text.endsWith(this.#content, end); i++) end -= this.#content.length
    this.#held = text.slice(end)
    this.#put(text.slice(0, end))
  }

  end(): void {
    this.#close()
    this.#next.end()
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#held = ''
    if (this.#begins) this.#put('')
    this.#isOpen = false
  }

  #put(text: string): void {
    if (text === '' && !this.#begins) return
    this.#next.push(text, this.#begins)
    this.#begins = false
  }
}
