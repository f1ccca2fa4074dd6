/**
 * Texts with the places they come from, searched by meaning (their vectors) or by words (BM25). A folder: `index.json` says what it
 * is, `texts.jsonl` holds the texts, `vectors.safetensors` their vectors.
 */
import { ConfigError, DataError } from '../errors.ts'
import { Bm25 } from './bm25.ts'
import { VectorIndex, type VectorIndexOptions } from './vector-index.ts'

export type TextEntry = {
  /** Where the text begins, unlike any other's: 'news.csv: line 3'. */
  place: string
  text: string
  /** The file it is of. */
  source: string
}

export type TextHit = TextEntry & { score: number }

/** What ranks the texts. `model` is the reference of the model that made the vectors. */
export type Ranking = { type: 'bm25' } | { type: 'vectors'; model: string }

/** Cosine from which two vectors of one text are of the same model: engines and batches round differently. */
const SAME_MODEL = 0.999
/** Longest text, in UTF-16 code units: a line of the folder must be readable again. */
const MAX_TEXT_LENGTH = 2 ** 23

export class TextIndex implements Disposable {
  readonly ranking: Ranking
  /** What an entry is of a text: how texts were cut. */
  readonly chunk: string
  readonly #entries = new Map<string, TextEntry>()
  #vectors: VectorIndex | undefined
  #words: { index: Bm25; entries: TextEntry[] } | undefined

  /** @param vectors  an index whose keys are the places of the entries; only where the ranking is by vectors */
  constructor(ranking: Ranking, chunk: string, vectors?: VectorIndex, entries: Iterable<TextEntry> = []) {
    this.ranking = ranking
    this.chunk = chunk
    this.#vectors = vectors
    for (const entry of entries) this.#entries.set(entry.place, entry)
  }

  get size(): number {
    return this.#entries.size
  }

  get vectors(): VectorIndex | undefined {
    return this.#vectors
  }

  entries(): IterableIterator<TextEntry> {
    return this.#entries.values()
  }

  /**
   * Adds texts, or replaces those of the same places.
   *
   * @param embeddings  one of each entry, where the ranking is by vectors
   * @throws DataError or ShapeError for texts and vectors that the index cannot take; nothing is added then
   */
  add(entries: readonly TextEntry[], embeddings?: readonly Float32Array[], options?: Omit<VectorIndexOptions, 'width'>): void {
    if (entries.length === 0) return
    const long = entries.find(({ text }) => text.length > MAX_TEXT_LENGTH)
    if (long !== undefined) {
      const rule = `a text of an index has at most ${MAX_TEXT_LENGTH} characters`
      throw new DataError({ place: long.place, rule, got: `${long.text.length}`, hint: 'cut texts smaller with --chunk' })
    }
    if (this.ranking.type === 'vectors') this.#addVectors(entries, embeddings ?? [], options)
    for (const entry of entries) this.#entries.set(entry.place, entry)
    this.#words = undefined
  }

  #addVectors(entries: readonly TextEntry[], embeddings: readonly Float32Array[], options?: Omit<VectorIndexOptions, 'width'>) {
    this.#vectors ??= new VectorIndex({ ...options, width: embeddings[0].length })
    const { width } = this.#vectors
    const matrix = new Float32Array(entries.length * width)
    for (const [i, { place }] of entries.entries()) {
      this.#checkWidth(embeddings[i], place)
      matrix.set(embeddings[i], i * width)
    }
    this.#vectors.add(
      entries.map(({ place }) => place),
      matrix,
    )
  }

  /** Removes every text of a file; how many there were. */
  removeSource(source: string): number {
    const places = [...this.#entries.values()].filter((entry) => entry.source === source).map(({ place }) => place)
    for (const place of places) {
      this.#entries.delete(place)
      this.#vectors?.remove(place)
    }
    this.#words = undefined
    return places.length
  }

  /** The k nearest texts, where the ranking is by vectors. */
  searchVector(query: Float32Array, k: number, options?: { ef?: number; exact?: boolean }): TextHit[] {
    this.#checkWidth(query, 'query')
    const found = this.#vectors?.search(query, k, options) ?? []
    return found.map(({ key, score }) => ({ ...this.#entries.get(key)!, score }))
  }

  /** The k texts that best match the words of a query; none without a common word. */
  searchWords(query: string, k: number): TextHit[] {
    this.#words ??= this.#indexWords()
    const { index, entries } = this.#words
    const { ids, scores } = index.search(query, k)
    return Array.from(ids, (id, i) => ({ ...entries[id], score: scores[i] }))
  }

  #indexWords() {
    const entries = [...this.#entries.values()]
    return { index: new Bm25(entries.map(({ text }) => text)), entries }
  }

  /**
   * Makes sure that a model is the one whose vectors are here, by a text that was embedded before.
   *
   * @throws ConfigError where it is not
   */
  async checkModel(embed: (texts: readonly string[]) => Promise<Float32Array[]>, reference: string): Promise<void> {
    const [known] = this.#entries.values()
    const before = known === undefined ? undefined : this.#vectors?.get(known.place)
    if (before === undefined) return
    const [now] = await embed([known.text])
    this.#checkWidth(now, reference)
    const [dot, norm] = now.reduce(([dot, norm], x, i) => [dot + x * before[i], norm + x * x], [0, 0])
    if (dot >= SAME_MODEL * Math.sqrt(norm)) return
    throw new ConfigError({
      place: `search: ${reference}`,
      rule: 'an index is searched with the model that made its vectors',
      got: `another vector of the text at ${known.place}`,
      hint: 'the model was trained again or replaced: build the index again',
    })
  }

  #checkWidth(vector: Float32Array, place: string): void {
    const width = this.#vectors?.width ?? vector.length
    if (vector.length === width) return
    throw new DataError({
      place: `search: ${place}`,
      rule: `the vectors of this index have ${width} numbers`,
      got: `${vector.length}`,
      hint: 'use the model that the index was made with',
    })
  }

  [Symbol.dispose](): void {
    this.#vectors?.[Symbol.dispose]()
  }
}
