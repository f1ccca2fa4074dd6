import { ConfigError, DataError } from '../../errors.ts'
import { CosineSearch } from './cosine-search.ts'
import { highest } from './highest.ts'
import { type CosmulQuery, count, queryItems, type SimilarOptions, type VectorQuery } from './query.ts'
import { unknownWord } from './unknown-word.ts'
import { cosine, dotRow, meanVector, unit } from './vector-math.ts'

export type WordSimilarity = { word: string; similarity: number }

export type KeyedVectorsParts = {
  /** Distinct, most frequent first where the order has a meaning. */
  words: readonly string[]
  /** [V, C], row-major. It is kept, not copied. */
  vectors: Float32Array
  /** How often each word was seen. */
  counts?: ArrayLike<number>
  /** A vector for a word that is not among `words`, such as fastText puts together from its n-grams; undefined where it cannot. */
  unknown?: (word: string) => Float32Array | undefined
}

/** Words that a query names but the vocabulary lacks are an error, or are left out. */
type UnknownWords = { skipUnknown?: boolean }

const PLACE = 'word vectors'
/** What a JavaScript Map can hold. */
const MAX_WORDS = 2 ** 24 - 1

/**
 * Words with a vector each, and the questions one asks of them. Results are those of gensim's `KeyedVectors`; sums run in double
 * precision, and of equally similar words the one with the lower index comes first.
 *
 * Axes: V words · C width of a vector
 */
export class KeyedVectors {
  readonly words: readonly string[]
  readonly vectors: Float32Array
  readonly counts: ArrayLike<number> | undefined
  readonly width: number
  readonly #index: Map<string, number>
  readonly #search: CosineSearch
  readonly #unknown: KeyedVectorsParts['unknown']

  /** @throws DataError for no words, a word given twice, vectors that do not divide among the words, or NaN and infinity in them */
  constructor({ words, vectors, counts, unknown }: KeyedVectorsParts) {
    if (words.length === 0 || words.length > MAX_WORDS) {
      throw new DataError({ place: PLACE, rule: `there must be 1 to ${MAX_WORDS} words`, got: String(words.length) })
    }
    this.width = vectors.length / words.length
    if (this.width < 1 || !Number.isInteger(this.width)) {
      const got = `${vectors.length} numbers for ${words.length} words`
      throw new DataError({ place: PLACE, rule: 'every word has a vector of the same width, at least 1', got })
    }
    if (counts !== undefined && counts.length !== words.length) {
      throw new DataError({
        place: PLACE,
        rule: 'every word has a count',
        got: `${counts.length} counts, ${words.length} words`,
      })
    }
    this.words = words
    this.vectors = vectors
    this.counts = counts
    this.#unknown = unknown
    this.#index = new Map()
    this.#search = new CosineSearch(vectors, this.width)
    for (const [i, word] of words.entries()) {
      if (this.#index.has(word)) throw new DataError({ place: PLACE, rule: 'words are distinct', got: `${quoted(word)} twice` })
      this.#index.set(word, i)
      if (Number.isFinite(this.#search.norm(i))) continue
      throw new DataError({ place: `${PLACE}: ${quoted(word)}`, rule: 'vectors hold finite numbers', got: 'NaN or infinity' })
    }
  }

  /** How many words there are. */
  get size(): number {
    return this.words.length
  }

  /** Whether the word is in the vocabulary; one that only its n-grams know is not. */
  has(word: string): boolean {
    return this.#index.has(word)
  }

  /** Whether the word has a vector, of its own or put together from its n-grams. */
  knows(word: string): boolean {
    return this.#find(word) !== undefined
  }

  /** @throws DataError, with a near spelling, for a word that is not in the vocabulary */
  indexOf(word: string): number {
    const index = this.#index.get(word)
    if (index === undefined) throw unknownWord(word, this.words)
    return index
  }

  /**
   * @returns a view: writing to it changes the model
   * @throws DataError, with a near spelling, for a word that has none
   */
  vector(word: string): Float32Array {
    const vector = this.#find(word)
    if (vector === undefined) throw unknownWord(word, this.words)
    return vector
  }

  /** Cosine of two words. */
  similarity(a: string, b: string): number {
    return cosine(this.vector(a), this.vector(b))
  }

  /** 1 - cosine. */
  distance(a: string, b: string): number {
    return 1 - this.similarity(a, b)
  }

  /** Cosine of the means of two groups of words. */
  nSimilarity(a: readonly string[], b: readonly string[], { skipUnknown = false }: UnknownWords = {}): number {
    const mean = (words: readonly string[]) => meanVector(this.#all('nSimilarity', words, skipUnknown).vectors, this.width)
    return cosine(mean(a), mean(b))
  }

  /**
   * The words nearest to the mean of unit vectors, positive ones pulling and negative ones pushing (3CosAdd; Mikolov et al. 2013).
   * A vector counts with the length it has. Words of the query are never among the answers.
   */
  mostSimilar({ topn = 10, restrictVocab, ...query }: VectorQuery & SimilarOptions): WordSimilarity[] {
    const { indices } = this.#query('mostSimilar', query)
    const wanted = count('topn', topn) + indices.size
    return this.#named(this.#search.best(this.queryVector(query), this.#rows(restrictVocab), wanted), indices, topn)
  }

  /** The vector that `mostSimilar` looks for, in length 1. */
  queryVector(query: VectorQuery): Float64Array {
    const { items } = this.#query('mostSimilar', query)
    const vectors = items.map(({ vector, word }) => (word !== undefined ? unit(vector) : vector))
    const weights = items.map(({ weight }) => weight)
    return unit(meanVector(vectors, this.width, weights))
  }

  /**
   * Like `mostSimilar`, with similarities multiplied instead of added, so that no large one drowns the others (3CosMul).
   *
   * Levy & Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word Representations", eq. 4, cosines shifted to [0, 1].
   */
  mostSimilarCosmul({ topn = 10, restrictVocab, ...query }: CosmulQuery & SimilarOptions): WordSimilarity[] {
    const { items, indices } = this.#query('mostSimilarCosmul', query)
    if (query.positive.length === 0) throw new ConfigError({ place: 'mostSimilarCosmul', rule: 'needs something to be near to' })
    const rows = this.#rows(restrictVocab)
    const scores = new Float64Array(rows).fill(1)
    const below = scores.slice()
    for (const { vector, word, weight } of items) {
      const into = weight > 0 ? scores : below
      const cosines = this.#search.scores(word !== undefined ? unit(vector) : Float64Array.from(vector), rows)
      for (let i = 0; i < into.length; i++) into[i] *= (1 + cosines[i]) / 2
    }
    for (let i = 0; i < scores.length; i++) scores[i] /= below[i] + 1e-6
    const best = highest(scores, count('topn', topn) + indices.size).map((row) => ({ row, score: scores[row] }))
    return this.#named(best, indices, topn)
  }

  /** The words nearest to a vector. */
  similarByVector(vector: ArrayLike<number>, options: SimilarOptions = {}): WordSimilarity[] {
    return this.mostSimilar({ ...options, positive: [vector] })
  }

  /** The words by their cosine with the mean of their unit vectors, highest first. */
  rankByCentrality(words: readonly string[], { skipUnknown = false }: UnknownWords = {}): WordSimilarity[] {
    const { names, vectors } = this.#all('doesntMatch', words, skipUnknown)
    const units = vectors.map(unit)
    const mean = unit(meanVector(units, this.width))
    const ranked = names.map((word, i) => ({ word, similarity: dotRow(units[i], 0, mean) }))
    return ranked.sort((a, b) => b.similarity - a.similarity || (a.word < b.word ? 1 : -1))
  }

  /** The word that fits least among the others. */
  doesntMatch(words: readonly string[], options: UnknownWords = {}): string {
    return this.rankByCentrality(words, options).at(-1)!.word
  }

  /** Words that are nearer to `a` than `b` is, in the order of the vocabulary. */
  closerThan(a: string, b: string): string[] {
    const cosines = this.#search.scores(unit(this.vector(a)), this.size)
    const limit = cosines[this.indexOf(b)]
    return this.words.filter((word, i) => cosines[i] > limit && word !== a)
  }

  /** How many-th nearest neighbour `b` is to `a`; 1 is the nearest. */
  rank(a: string, b: string): number {
    return this.closerThan(a, b).length + 1
  }

  #row(index: number): Float32Array {
    return this.vectors.subarray(index * this.width, (index + 1) * this.width)
  }

  #find(word: string): Float32Array | undefined {
    const index = this.#index.get(word)
    return index === undefined ? this.#unknown?.(word) : this.#row(index)
  }

  #all(name: string, words: readonly string[], skipUnknown: boolean): { names: string[]; vectors: Float32Array[] } {
    const names = skipUnknown ? words.filter((word) => this.knows(word)) : [...words]
    if (names.length > 0) return { names, vectors: names.map((word) => this.vector(word)) }
    const got = words.length === 0 ? 'none' : `${words.length} words, none of them in the vocabulary`
    throw new DataError({ place: name, rule: 'needs at least one word', got })
  }

  #query(name: string, query: VectorQuery) {
    const items = queryItems(name, query, this)
    const indices = new Set(items.map(({ word }) => (word === undefined ? undefined : this.#index.get(word))))
    return { items, indices }
  }

  #rows(restrictVocab = this.size): number {
    return Math.min(this.size, count('restrictVocab', restrictVocab))
  }

  #named(found: readonly { row: number; score: number }[], excluded: ReadonlySet<number | undefined>, topn: number) {
    const others = found.filter(({ row }) => !excluded.has(row)).slice(0, topn)
    return others.map(({ row, score }) => ({ word: this.words[row], similarity: score }))
  }
}

const quoted = (word: string): string => JSON.stringify(word.slice(0, 100))
