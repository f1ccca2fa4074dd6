/**
 * Byte-pair encoding: merge the most frequent pair of neighbouring symbols, again and again.
 *
 * Gage 1994; Sennrich et al. 2016. Step for step the trainer of Hugging Face tokenizers 0.23, so that both end in the same merges, also
 * where they may surprise: a pair that comes to be again after it was queued, as a token can arise from two different merges, is
 * queued once more with its new words only, and so may be merged twice; the later time is its rank.
 */
import type { WordCounts } from './count-words.ts'
import { grown } from './int-list.ts'
import { MergeQueue } from './merge-queue.ts'
import { Pace, type Watch } from './pace.ts'
import { PairCounts } from './pair-counts.ts'
import { type AlphabetOptions, alphabetOf, type SymbolWords, symbolWords, Vocabulary } from './symbols.ts'
import { checkTrainer, checkVocabSize, checkWords } from './training-checks.ts'

export type BpeOptions = AlphabetOptions &
  Watch & {
    /** Special tokens, alphabet and merged tokens together. */
    vocabSize: number
    /** Pairs that occur less often are not merged. */
    minFrequency?: number
    /** In characters. As in the reference, only pairs that come to be by a merge must stay below it. */
    maxTokenLength?: number
  }

/** Tokens in the order of their ids, merges in the order of their ranks. */
export type BpeVocabulary = { tokens: string[]; merges: [string, string][] }

/**
 * @param wordCounts  words as the pre-tokenizer makes them, and how often each occurs
 * @throws ConfigError where the alphabet does not fit into `vocabSize`, or an option makes no sense
 * @throws DataError where there is no word
 */
export async function trainBpe(wordCounts: WordCounts, options: BpeOptions): Promise<BpeVocabulary> {
  checkTrainer(options)
  checkWords(wordCounts)
  const vocabulary = new Vocabulary()
  for (const token of options.specialTokens ?? []) vocabulary.add(token)
  const words = symbolWords(wordCounts, alphabetOf(wordCounts, options), vocabulary, options)
  checkVocabSize(options.vocabSize, vocabulary.tokens.length, options.specialTokens?.length ?? 0)
  const merges = await mergeAll(words, vocabulary, options)
  return { tokens: vocabulary.tokens, merges }
}

async function mergeAll(words: SymbolWords, vocabulary: Vocabulary, options: BpeOptions): Promise<[string, string][]> {
  const { vocabSize, minFrequency = 0, maxTokenLength = Number.POSITIVE_INFINITY, continuingSubwordPrefix: prefix = '' } = options
  const pace = new Pace(options)
  const pairs = new PairCounts()
  const queue = new MergeQueue(pairs)
  const merger = new WordMerger(words, pairs, maxTokenLength)
  merger.countPairs()
  queue.takeNew()
  // Keyed by pair: one that is merged twice has the rank of the second time.
  const merged = new Map<number, [string, string]>()
  const { tokens } = vocabulary
  while (tokens.length < vocabSize) {
    if (pace.isDue()) await pace.turn('merging', tokens.length, vocabSize)
    const entry = queue.take()
    if (entry < 0) break
    const pair = queue.pair.data[entry]
    if (queue.counts[entry] !== pairs.counts[pair]) {
      queue.counts[entry] = pairs.counts[pair]
      queue.put(entry)
      continue
    }
    if (queue.counts[entry] < Math.max(1, minFrequency)) break
    const left = tokens[pairs.left[pair]]
    const right = tokens[pairs.right[pair]]
    const token = left + (prefix !== '' && right.startsWith(prefix) ? right.slice(prefix.length) : right)
    merged.delete(pair)
    merged.set(pair, [left, right])
    merger.merge(pair, vocabulary.add(token), queue.positions.data.subarray(queue.start.data[entry], queue.end.data[entry]))
    queue.takeNew()
  }
  return [...merged.values()]
}

/** The words while they are merged, each in its own part of one array. */
class WordMerger {
  readonly #symbols: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #counts: Float64Array
  readonly #pairs: PairCounts
  readonly #maxTokenLength: number
  /** Length of each token in characters; 0 stands for 1. */
  #lengths: Int32Array = new Int32Array(2 ** 14)

  constructor({ symbols, starts, counts }: SymbolWords, pairs: PairCounts, maxTokenLength: number) {
    this.#symbols = symbols
    this.#starts = starts
    this.#ends = starts.slice(1)
    this.#counts = counts
    this.#pairs = pairs
    this.#maxTokenLength = maxTokenLength
  }

  countPairs(): void {
    const symbols = this.#symbols
    for (let word = 0; word < this.#ends.length; word++) {
      for (let i = this.#starts[word] + 1; i < this.#ends[word]; i++) {
        this.#pairs.add(this.#pairs.pairOf(symbols[i - 1], symbols[i]), this.#counts[word], word)
      }
    }
  }

  /** Replaces a pair by a token in some words, and counts the pairs that go and come. */
  merge(pair: number, token: number, words: Int32Array): void {
    const [left, right] = [this.#pairs.left[pair], this.#pairs.right[pair]]
    const length = this.#lengthOf(left) + this.#lengthOf(right)
    if (token >= this.#lengths.length) this.#lengths = grown(this.#lengths, token + 1)
    this.#lengths[token] = length
    for (let i = 0; i < words.length; i++) this.#mergeWord(words[i], left, right, token, length)
  }

  #mergeWord(word: number, left: number, right: number, token: number, length: number): void {
    const symbols = this.#symbols
    const start = this.#starts[word]
    const end = this.#ends[word]
    const count = this.#counts[word]
    let to = start
    for (let from = start; from < end; from++, to++) {
      if (symbols[from] !== left || from + 1 >= end || symbols[from + 1] !== right) {
        symbols[to] = symbols[from]
        continue
      }
      if (to > start) {
        this.#drop(symbols[to - 1], left, count)
        this.#introduce(symbols[to - 1], token, length + this.#lengthOf(symbols[to - 1]), count, word)
      }
      symbols[to] = token
      from++
      if (from + 1 < end) {
        this.#drop(right, symbols[from + 1], count)
        this.#introduce(token, symbols[from + 1], length + this.#lengthOf(symbols[from + 1]), count, word)
      }
    }
    this.#ends[word] = to
  }

  #drop(left: number, right: number, count: number): void {
    this.#pairs.counts[this.#pairs.pairOf(left, right)] -= count
  }

  #introduce(left: number, right: number, length: number, count: number, word: number): void {
    if (length < this.#maxTokenLength) this.#pairs.add(this.#pairs.pairOf(left, right), count, word)
  }

  #lengthOf(symbol: number): number {
    return this.#lengths[symbol] || 1
  }
}
