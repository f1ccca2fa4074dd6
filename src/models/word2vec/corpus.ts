/**
 * Texts of any amount → word numbers on disk and a vocabulary. The texts are read once: words are numbered as they come, rare ones
 * drop out when all counts are known.
 */
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, FormatError } from '../../errors.ts'
import { readCounts } from '../../formats/word2vec.ts'
import { writeCounts } from '../../formats/word2vec-write.ts'
import type { Word2VecConfig } from './config.ts'
import { IdWriter, readIds, SENTENCE_END } from './id-file.ts'
import { joinPhrases } from './phrases.ts'
import { WordCounts } from './word-counts.ts'
import { wordSegmenter } from './words.ts'

/** Distinct words held while counting, about a hundred bytes each; a JavaScript map takes sixteen million. */
const MOST_DISTINCT_WORDS = 4_000_000
/** Texts between two reports. */
const REPORT_EVERY = 1000

export type CorpusSummary = {
  texts: number
  /** Words read, phrases counted as one. */
  words: number
  /** Words that are in the vocabulary. */
  wordsKept: number
  /** Numbers in the file, ends of sentences included. */
  ids: number
  /** Of the file, its first 16 digits. */
  sha256: string
  /** Words (and pairs of phrases) may be counted too low by this much, as there were too many distinct ones to hold. */
  undercount: number
}

/** The words that are learnt, the most frequent first. */
export type Vocabulary = { words: string[]; counts: Float64Array }

/** A corpus that is ready to be trained on. */
export type Corpus = { summary: CorpusSummary; vocabulary: Vocabulary; path: string }

export type CorpusProgress =
  | { type: 'reading'; texts: number; words: number; distinctWords: number }
  | { type: 'phrases'; pass: number; joined: number; phrases: number }

type Options = { onProgress?: (progress: CorpusProgress) => void; signal?: AbortSignal; mostDistinctWords?: number }

const IDS = 'ids.bin'
const WORDS = 'vocabulary.txt'

/**
 * Reads texts into a folder that exists. Windows never reach over the end of a line or a text.
 *
 * @throws DataError where no word occurs often enough, or the disk is full; the signal's reason where it aborts
 */
export async function writeCorpus(
  texts: AsyncIterable<{ text: string }> | Iterable<{ text: string }>,
  config: Word2VecConfig,
  folder: string,
  { onProgress, signal, mostDistinctWords = MOST_DISTINCT_WORDS }: Options = {},
): Promise<CorpusSummary> {
  const path = join(folder, IDS)
  const counts = new WordCounts(mostDistinctWords)
  const read = await readWords(texts, wordSegmenter(config.segment), counts, path, { onProgress, signal })
  let undercount = counts.forgotten
  const words = read.words
  let joined = 0
  for (let pass = 1; config.phrases && pass <= config.phrases.passes; pass++) {
    signal?.throwIfAborted()
    const found = joinPhrases(path, `${path}.joined`, counts, config.phrases)
    await rename(`${path}.joined`, path)
    onProgress?.({ type: 'phrases', pass, joined: found.joined, phrases: found.phrases })
    undercount = Math.max(undercount, found.forgotten)
    joined += found.joined
  }
  const { vocabulary, numbers } = settle(counts, config.minCount)
  if (vocabulary.words.length === 0) throw noWords(words, counts.distinct, config.minCount)
  const renumbered = renumber(path, numbers)
  await writeCounts(join(folder, WORDS), vocabulary.words, vocabulary.counts)
  return { texts: read.texts, words: words - joined, undercount, ...renumbered }
}

/**
 * The corpus that `writeCorpus` left in a folder.
 *
 * @throws FormatError where its files are not those of the summary
 */
export async function openCorpus(folder: string, summary: CorpusSummary): Promise<Corpus> {
  const path = join(folder, IDS)
  const size = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  if (size === summary.ids * 4) return { summary, vocabulary: await readVocabulary(join(folder, WORDS)), path }
  const [rule, got] = [`must hold ${summary.ids} numbers of four bytes`, `${size} bytes`]
  throw new FormatError({ place: path, rule, got, hint: `remove ${folder}: the texts are then read again` })
}

/** A file of `word count` lines, in its order. */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  const counts = await readCounts(path)
  return { words: [...counts.keys()], counts: Float64Array.from(counts.values()) }
}

async function readWords(
  texts: AsyncIterable<{ text: string }> | Iterable<{ text: string }>,
  wordsOf: (text: string) => readonly string[],
  counts: WordCounts,
  path: string,
  { onProgress, signal }: Options,
): Promise<{ texts: number; words: number }> {
  using writer = new IdWriter(path)
  let [read, words] = [0, 0]
  const report = () => onProgress?.({ type: 'reading', texts: read, words, distinctWords: counts.distinct })
  for await (const { text } of texts) {
    for (const line of text.includes('\n') ? text.split('\n') : [text]) {
      const found = wordsOf(line)
      for (const word of found) writer.add(counts.add(word))
      if (found.length > 0) writer.add(SENTENCE_END)
      words += found.length
    }
    if (++read % REPORT_EVERY === 0) {
      signal?.throwIfAborted()
      report()
    }
  }
  writer.finish()
  report()
  return { texts: read, words }
}

/** The words that occur often enough, the most frequent first; of equal ones the one that came first. And number of old → new. */
function settle(counts: WordCounts, minCount: number): { vocabulary: Vocabulary; numbers: Int32Array } {
  const frequent: [word: string, id: number][] = []
  for (const [word, id] of counts.entries()) if (counts.count(id) >= minCount) frequent.push([word, id])
  frequent.sort(([, a], [, b]) => counts.count(b) - counts.count(a) || a - b)
  const numbers = new Int32Array(counts.size).fill(DROPPED)
  for (const [i, [, id]] of frequent.entries()) numbers[id] = i
  const vocabulary = { words: frequent.map(([word]) => word), counts: Float64Array.from(frequent, ([, id]) => counts.count(id)) }
  return { vocabulary, numbers }
}

const DROPPED = -2

/** Writes the file over with new numbers, without the words that dropped out and the sentences that lost all. */
function renumber(path: string, numbers: Int32Array): { wordsKept: number; ids: number; sha256: string } {
  using writer = new IdWriter(path, 'r+')
  let wordsKept = 0
  let last = SENTENCE_END
  for (const piece of readIds(path)) {
    for (const id of piece) {
      const number = id < 0 ? SENTENCE_END : numbers[id]
      if (number === DROPPED || (number === SENTENCE_END && last === SENTENCE_END)) continue
      writer.add(number)
      if (number >= 0) wordsKept++
      last = number
    }
  }
  const { length: ids } = writer
  return { wordsKept, ids, sha256: writer.finish() }
}

function noWords(words: number, distinct: number, minCount: number): DataError {
  if (words === 0)
    return new DataError({ place: 'word2vec', rule: 'there must be words to learn from', got: 'none in the texts' })
  return new DataError({
    place: 'word2vec',
    rule: `a word is learnt where it occurs at least ${minCount} times`,
    got: `${words} words, ${distinct} distinct, none so often`,
    hint: 'give more text, or lower --min-count',
  })
}
