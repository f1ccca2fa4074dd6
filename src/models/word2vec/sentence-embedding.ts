/**
 * Vectors of sentences and documents, from those of their words. Axes: N texts · C width
 */
import { ConfigError } from '../../errors.ts'
import { sentences } from '../../text/segment.ts'
import type { KeyedVectors } from './keyed-vectors.ts'
import { knownWords } from './text-words.ts'
import { dotRow, norm } from './vector-math.ts'

export const WEIGHTINGS = ['mean', 'tf-idf', 'sif'] as const
/**
 * How much each word of a text counts:
 * - `mean`: every one the same;
 * - `tf-idf`: by ln((1 + n) / (1 + df)) + 1, of n texts of which df have the word;
 * - `sif`: smooth inverse frequency, a / (a + p) with p the word's share of all words, and the direction that all texts have in common
 *   taken out (Arora, Liang & Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", algorithm 1).
 */
export type Weighting = (typeof WEIGHTINGS)[number]

export type SentenceEmbeddingOptions = {
  weighting?: Weighting
  /** 'sentence': a text is one. 'document': a text's vector is the mean of its sentences'. Default 'sentence'. */
  level?: 'sentence' | 'document'
}

export type TextEmbedding = {
  /** [C]; zero where none of the words is known. */
  embedding: Float32Array
  /** How many words counted, and how many have no vector. */
  words: number
  unknown: number
}

const SIF_A = 1e-3
const POWER_ITERATIONS = 100
const CONVERGED = 1e-10

/** Turns texts into vectors with weights that were fitted on other texts, or the same. */
export class SentenceEmbedder {
  readonly vectors: KeyedVectors
  readonly weighting: Weighting
  readonly #weightOf: (word: string) => number
  /** [C], of length 1: what the texts have in common. */
  readonly #common: Float64Array | undefined

  /**
   * @param texts  give `tf-idf` its document frequencies and `sif` its common direction; word shares too, where the vectors have no counts.
   *   `mean` needs none.
   * @throws ConfigError where there are too few texts for the weighting
   */
  constructor(vectors: KeyedVectors, texts: readonly string[], { weighting = 'mean' }: { weighting?: Weighting } = {}) {
    this.vectors = vectors
    this.weighting = weighting
    this.#weightOf = () => 1
    if (weighting === 'mean') return
    const words = texts.map((text) => knownWords(text, (word) => vectors.knows(word)).words)
    const some = words.filter((words) => words.length > 0).length
    if (some < 2) {
      const rule = `${weighting} compares texts with one another: it needs at least two in which some word is known`
      throw new ConfigError({ place: 'embed', rule, got: String(some), hint: 'give all texts at once, or weight by mean' })
    }
    this.#weightOf = weighting === 'tf-idf' ? inverseDocumentFrequency(words) : smoothInverseFrequency(vectors, words)
    if (weighting === 'sif') this.#common = firstDirection(texts.map((text) => this.#weighted(text).sum))
  }

  /** One vector for each text, in order. */
  embed(texts: readonly string[], { level = 'sentence' }: { level?: 'sentence' | 'document' } = {}): TextEmbedding[] {
    return texts.map((text) => {
      const parts = (level === 'document' ? sentences(text).map(({ text }) => text) : [text]).map((part) => this.#weighted(part))
      const known = parts.filter(({ words }) => words > 0)
      const mean = new Float64Array(this.vectors.width)
      for (const { sum } of known) for (let c = 0; c < mean.length; c++) mean[c] += sum[c] / known.length
      const count = (of: 'words' | 'unknown') => parts.reduce((total, part) => total + part[of], 0)
      return { embedding: Float32Array.from(this.#withoutCommon(mean)), words: count('words'), unknown: count('unknown') }
    })
  }

  /** The weighted mean of a text's words: over how many they are for SIF, as its paper has it, otherwise over their weights. */
  #weighted(text: string): { sum: Float64Array; words: number; unknown: number } {
    const { words, unknown } = knownWords(text, (word) => this.vectors.knows(word))
    const sum = new Float64Array(this.vectors.width)
    let total = 0
    for (const word of words) {
      const weight = this.#weightOf(word)
      total += this.weighting === 'sif' ? 1 : weight
      const vector = this.vectors.vector(word)
      for (let c = 0; c < sum.length; c++) sum[c] += weight * vector[c]
    }
    if (total > 0) for (let c = 0; c < sum.length; c++) sum[c] /= total
    return { sum, words: words.length, unknown }
  }

  #withoutCommon(vector: Float64Array): Float64Array {
    const common = this.#common
    if (common === undefined) return vector
    const share = dotRow(vector, 0, common)
    return vector.map((x, c) => x - share * common[c])
  }
}

/** Vectors of texts, with weights from these texts themselves. */
export function embedTexts(
  vectors: KeyedVectors,
  texts: readonly string[],
  { weighting, level }: SentenceEmbeddingOptions = {},
): TextEmbedding[] {
  return new SentenceEmbedder(vectors, texts, { weighting }).embed(texts, { level })
}

function inverseDocumentFrequency(texts: readonly string[][]): (word: string) => number {
  const frequency = new Map<string, number>()
  for (const words of texts) for (const word of new Set(words)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  return (word) => Math.log((1 + texts.length) / (1 + (frequency.get(word) ?? 0))) + 1
}

function smoothInverseFrequency(vectors: KeyedVectors, texts: readonly string[][]): (word: string) => number {
  const { counts } = vectors
  const seen = new Map<string, number>()
  let total = 0
  if (counts === undefined) {
    for (const word of texts.flat()) seen.set(word, (seen.get(word) ?? 0) + 1)
    total = texts.reduce((sum, words) => sum + words.length, 0)
  } else for (let i = 0; i < counts.length; i++) total += counts[i]
  const countOf = (word: string) => (counts && vectors.has(word) ? counts[vectors.indexOf(word)] : (seen.get(word) ?? 0))
  return (word) => SIF_A / (SIF_A + countOf(word) / Math.max(1, total))
}

/** The first right singular vector of the rows, by power iteration; undefined where all of them are zero. */
function firstDirection(rows: readonly Float64Array[]): Float64Array | undefined {
  const longest = rows.reduce((a, b) => (norm(b) > norm(a) ? b : a))
  let direction = longest.slice()
  for (let iteration = 0, change = 1; iteration < POWER_ITERATIONS && change > CONVERGED; iteration++) {
    const length = norm(direction)
    if (length === 0) return undefined
    const before = direction.map((x) => x / length)
    direction = new Float64Array(before.length)
    for (const row of rows) {
      const share = dotRow(row, 0, before)
      for (let c = 0; c < row.length; c++) direction[c] += share * row[c]
    }
    const after = norm(direction)
    change = before.reduce((sum, x, c) => sum + Math.abs(x - direction[c] / after), 0)
  }
  const length = norm(direction)
  return length > 0 ? direction.map((x) => x / length) : undefined
}
