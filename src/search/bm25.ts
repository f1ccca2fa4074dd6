/**
 * BM25, the ranking of lexical search: what a text shares with a query, rare words first, repeats counting ever less.
 *
 * Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", eq. 3.15; the inverse document frequency is
 * ln(1 + (N − n + ½) / (n + ½)), which is above 0 for every word (as in Lucene).
 *
 *     score(d, q) = Σ idf(w) · tf(w, d) · (k₁ + 1) / (tf(w, d) + k₁ · (1 − b + b · |d| / mean |d|)),  w over the words of q, repeats too
 */
import { checkWhole } from './checks.ts'
import { type Neighbors, nearest } from './top-k.ts'

export type Bm25Options = {
  /** How soon repeats stop counting. Default 1.2. */
  k1?: number
  /** How much long texts are held back, 0 to 1. Default 0.75. */
  b?: number
}

export class Bm25 {
  readonly #k1: number
  readonly #b: number
  /** Of each word: numbers of texts, and how often each has it. */
  readonly #postings = new Map<string, { texts: number[]; counts: number[] }>()
  readonly #lengths: Uint32Array
  readonly #meanLength: number

  constructor(texts: readonly string[], { k1 = 1.2, b = 0.75 }: Bm25Options = {}) {
    this.#k1 = k1
    this.#b = b
    this.#lengths = new Uint32Array(texts.length)
    for (const [i, text] of texts.entries()) this.#lengths[i] = this.#count(i, wordsOf(text))
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length)
  }

  #count(text: number, words: string[]): number {
    for (const word of words) {
      const posting = this.#postings.get(word)
      if (posting === undefined) this.#postings.set(word, { texts: [text], counts: [1] })
      else if (posting.texts.at(-1) === text) posting.counts[posting.counts.length - 1]++
      else {
        posting.texts.push(text)
        posting.counts.push(1)
      }
    }
    return words.length
  }

  /** The texts with the largest scores, those that share no word with the query left out. */
  search(query: string, k: number): Neighbors {
    checkWhole(k, 0, 'k')
    const scores = new Map<number, number>()
    for (const word of wordsOf(query)) {
      const { texts, counts } = this.#postings.get(word) ?? { texts: [], counts: [] }
      const idf = Math.log(1 + (this.#lengths.length - texts.length + 0.5) / (texts.length + 0.5))
      for (const [i, text] of texts.entries()) {
        const held = this.#k1 * (1 - this.#b + (this.#b * this.#lengths[text]) / this.#meanLength)
        scores.set(text, (scores.get(text) ?? 0) + (idf * counts[i] * (this.#k1 + 1)) / (counts[i] + held))
      }
    }
    return nearest(Int32Array.from(scores.keys()), (text) => scores.get(text)!, k)
  }
}

const RUN = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu
const WITHOUT_SPACES = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u
let segmenter: Intl.Segmenter | undefined

/** Words in lower case; scripts without spaces are cut by the dictionaries of ICU. */
export function wordsOf(text: string): string[] {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll('’', "'")
  const words = folded.match(RUN) ?? []
  return WITHOUT_SPACES.test(folded) ? words.flatMap((word) => (WITHOUT_SPACES.test(word) ? pieces(word) : [word])) : words
}

function pieces(word: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' })
  return Array.from(segmenter.segment(word), ({ segment }) => segment)
}
