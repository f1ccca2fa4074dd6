/** State of a generator: four 32-bit words. */
export type RandomState = readonly [number, number, number, number]

/**
 * Seeded random numbers on the host: `sfc32` of Doty-Humphrey's PractRand, 128 bits of state.
 *
 * A stream is named by a seed and a path, so that one parameter's values do not depend on which others exist.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter: number

  constructor(seed: number, path = '') {
    this.#a = seed | 0
    this.#b = hashText(path)
    this.#c = Math.floor(seed / 2 ** 32) | 0
    this.#counter = 1
    for (let i = 0; i < 15; i++) this.bits()
  }

  static from(state: RandomState): Random {
    const random = new Random(0)
    ;[random.#a, random.#b, random.#c, random.#counter] = state
    return random
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter]
  }

  /** 32 random bits, as an unsigned integer. */
  bits(): number {
    const out = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0
    return out >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Shuffles in place (Fisher & Yates). */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const swapped = items[i]
      items[i] = items[j]
      items[j] = swapped
    }
    return items
  }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
