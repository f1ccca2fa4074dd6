/** How often each word occurs, in bounded memory. */

/** A word keeps its number for good; one that was forgotten gets another when it comes again. */
export class WordCounts {
  readonly #ids = new Map<string, number>()
  readonly #limit: number
  #counts = new Float64Array(2 ** 12)
  #size = 0
  #forgotten = 0

  /** @param limit  distinct words to be held at a time */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Numbers that have been given out. */
  get size(): number {
    return this.#size
  }

  /** Words that are held. */
  get distinct(): number {
    return this.#ids.size
  }

  /** A word may be counted too low by this much: what it had when it was forgotten, each time. 0 where all words fitted. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Counts an occurrence; the number of the word. */
  add(word: string): number {
    const id = this.#ids.get(word) ?? this.#new(word)
    this.#counts[id]++
    return id
  }

  count(id: number): number {
    return this.#counts[id]
  }

  /** Moves occurrences of two words to the word that they make together. */
  join(a: number, b: number, word: string): number {
    this.#counts[a]--
    this.#counts[b]--
    return this.add(word)
  }

  /** Every word that is held, with its number. */
  entries(): IterableIterator<[string, number]> {
    return this.#ids.entries()
  }

  #new(word: string): number {
    if (this.#ids.size >= this.#limit) this.#forget()
    if (this.#size === this.#counts.length) {
      const larger = new Float64Array(2 * this.#size)
      larger.set(this.#counts)
      this.#counts = larger
    }
    this.#ids.set(detached(word), this.#size)
    return this.#size++
  }

  /** Leaves out the rarest words until half of them are left, as ReduceVocab of word2vec.c leaves out some. */
  #forget(): void {
    for (let rarest = 1; this.#ids.size > this.#limit / 2; rarest++) {
      this.#forgotten++
      for (const [word, id] of this.#ids) {
        if (this.#counts[id] > rarest) continue
        this.#ids.delete(word)
        this.#counts[id] = 0
      }
    }
  }
}

/** V8 makes a longer part of a text a view that keeps the whole text in memory. */
function detached(word: string): string {
  return word.length < LONGEST_COPY ? word : Buffer.from(word, 'utf16le').toString('utf16le')
}

const LONGEST_COPY = 13
