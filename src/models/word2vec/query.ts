/** What one asks word vectors for. */
import { ConfigError, DataError } from '../../errors.ts'

/** A word, a vector of the same width as the words', or one of both with a weight. */
export type Query = string | ArrayLike<number> | readonly [item: string | ArrayLike<number>, weight: number]

/** What pulls, and what pushes away. */
export type VectorQuery = { positive?: readonly Query[]; negative?: readonly Query[] }

/** What pulls, and what pushes away, all with the same weight. */
export type CosmulQuery = {
  positive: readonly (string | ArrayLike<number>)[]
  negative?: readonly (string | ArrayLike<number>)[]
}

export type SimilarOptions = {
  /** How many words come back. Default 10. */
  topn?: number
  /** Search only among the first so many words. */
  restrictVocab?: number
}

type Vocabulary = { width: number; vector(word: string): Float32Array }

export type QueryItem = { vector: ArrayLike<number>; weight: number; word?: string }

/**
 * The vectors of a query with their weights: those given, or 1 for positive ones and -1 for negative ones.
 *
 * @throws DataError for an unknown word or a vector that does not fit, ConfigError for a weight that is no number, or nothing to look for
 */
export function queryItems(name: string, { positive = [], negative = [] }: VectorQuery, words: Vocabulary): QueryItem[] {
  const items = [
    ...positive.map((query) => queryItem(name, query, 1, words)),
    ...negative.map((query) => queryItem(name, query, -1, words)),
  ]
  if (items.length > 0) return items
  throw new ConfigError({ place: name, rule: 'needs at least one word or vector', got: 'none' })
}

function queryItem(name: string, query: Query, sign: number, words: Vocabulary): QueryItem {
  const [item, weight] = isWeighted(query) ? query : [query, sign]
  if (!Number.isFinite(weight)) {
    throw new ConfigError({ place: name, rule: 'a weight must be a finite number', got: String(weight) })
  }
  if (typeof item === 'string') return { vector: words.vector(item), weight, word: item }
  if (item.length === words.width && Array.prototype.every.call(item, Number.isFinite)) return { vector: item, weight }
  const rule = `a vector has ${words.width} finite numbers, as those of the words`
  throw new DataError({ place: name, rule, got: `${item.length} numbers` })
}

const isWeighted = (query: Query): query is readonly [string | ArrayLike<number>, number] =>
  Array.isArray(query) && query.length === 2 && typeof query[0] !== 'number'

/** @throws ConfigError for what is no count */
export function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new ConfigError({ place: name, rule: 'must be a whole number from 1', got: String(value) })
}
