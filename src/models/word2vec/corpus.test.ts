import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTexts } from '../../text/texts.ts'
import { BigramCounts } from './bigram-counts.ts'
import { type phraseDefaults, type Word2VecConfig, word2vecDefaults } from './config.ts'
import { openCorpus, writeCorpus } from './corpus.ts'
import { readIds } from './id-file.ts'
import { WordCounts } from './word-counts.ts'
import { wordSegmenter } from './words.ts'

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/phrases.json', import.meta.url), 'utf8'))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-corpus-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const config = (options: Partial<Word2VecConfig>): Word2VecConfig => ({ ...word2vecDefaults, minCount: 1, ...options })
const textsOf = (texts: string[]) => texts.map((text) => ({ text }))

async function corpusOf(texts: string[], options: Partial<Word2VecConfig> = {}, mostDistinctWords?: number) {
  const summary = await writeCorpus(textsOf(texts), config(options), folder, { mostDistinctWords })
  const corpus = await openCorpus(folder, summary)
  const ids = [...readIds(corpus.path)].flatMap((piece) => Array.from(piece))
  return { ...corpus, ids }
}

describe('a corpus', () => {
  it('numbers words by how often they come, and keeps lines apart', async () => {
    const { vocabulary, ids, summary } = await corpusOf(['The cat. A cat\nsat', '…', 'a CAT'])
    expect(vocabulary.words).toEqual(['cat', 'a', 'the', 'sat'])
    expect(Array.from(vocabulary.counts)).toEqual([3, 2, 1, 1])
    expect(ids).toEqual([2, 0, 1, 0, -1, 3, -1, 1, 0, -1])
    expect(summary).toMatchObject({ texts: 3, words: 7, wordsKept: 7, ids: 10, undercount: 0 })
    expect(readdirSync(folder).sort()).toEqual(['ids.bin', 'vocabulary.txt'])
  })

  it('drops words below the min count, and sentences that lose all', async () => {
    const { vocabulary, ids, summary } = await corpusOf(['b a b', 'x y', 'z b a'], { minCount: 2 })
    expect(vocabulary.words).toEqual(['b', 'a'])
    expect(ids).toEqual([0, 1, 0, -1, 0, 1, -1])
    expect(summary).toMatchObject({ words: 8, wordsKept: 5 })
  })

  it('holds no more distinct words than it may, and says by how much counts may be too low', async () => {
    const rare = Array.from({ length: 300 }, (_, i) => `often r${i}`)
    const { vocabulary, summary, ids } = await corpusOf(rare, {}, 20)
    expect(vocabulary.words[0]).toBe('often')
    expect(vocabulary.counts[0]).toBe(300)
    expect(vocabulary.words.length).toBeLessThanOrEqual(20)
    expect(summary.undercount).toBeGreaterThan(0)
    expect(ids.filter((id) => id === 0)).toHaveLength(300)
  })

  it('tells of texts without words, and of words that are all too rare', async () => {
    await expect(corpusOf(['…', ''])).rejects.toThrow('there must be words to learn from')
    await expect(corpusOf(['a b c'], { minCount: 5 })).rejects.toThrow('at least 5 times')
  })

  it('tells of a file that was cut', async () => {
    const { summary } = await corpusOf(['a b'])
    await expect(openCorpus(folder, { ...summary, ids: 99 })).rejects.toThrow('must hold 99 numbers')
  })
})

describe('words', () => {
  it('are runs of letters and digits with apostrophes inside', () => {
    const runs = wordSegmenter('runs')
    expect(runs("Don't PANIC -- it's the 3rd 'quoted' one_two")).toEqual([
      "don't",
      'panic',
      "it's",
      'the',
      '3rd',
      'quoted',
      'one',
      'two',
    ])
    expect(runs('L’Été, naïve Straße!')).toEqual(["l'été", 'naïve', 'straße'])
    expect(runs('good 👩‍🔬👍!')).toEqual(['good', '👩‍🔬', '👍'])
    expect(runs('')).toEqual([])
  })

  it('are found by dictionary where languages write no spaces', () => {
    expect(wordSegmenter('words')('我们喜欢学习。 สวัสดีชาวโลก').length).toBeGreaterThan(5)
    expect(wordSegmenter('runs')('我们喜欢学习')).toHaveLength(1)
  })
})

describe('phrases', () => {
  it.each(golden.cases as (typeof phraseDefaults & { words: number; distinct: number; phrases: Record<string, number> })[])(
    'are those of gensim: $scoring, $passes pass(es), threshold $threshold',
    async ({ words, distinct, phrases: want, ...phrases }) => {
      const reviews = join(import.meta.dirname, '../../../samples/reviews.csv')
      const summary = await writeCorpus(readTexts([reviews], { text: 'text' }), config({ phrases }), folder)
      const { vocabulary } = await openCorpus(folder, summary)
      const found = vocabulary.words
        .map((word, i) => [word, vocabulary.counts[i]] as const)
        .filter(([word]) => word.includes('_'))
      expect(Object.fromEntries(found)).toEqual(want)
      expect(summary.words).toBe(words)
      expect(vocabulary.words).toHaveLength(distinct)
    },
  )

  it('are counted in bounded memory', () => {
    const pairs = new BigramCounts(2 ** 12)
    for (let n = 0; n < 50; n++) pairs.add(1, 2)
    for (let i = 0; i < 20_000; i++) pairs.add(i, 7 * i)
    expect(pairs.count(1, 2)).toBe(50)
    expect(pairs.count(2, 1)).toBe(0)
    expect(pairs.size).toBeLessThan(2 ** 12)
    expect(pairs.forgotten).toBeGreaterThan(0)
  })
})

it('a word that was forgotten is counted anew', () => {
  const counts = new WordCounts(2)
  const first = counts.add('a')
  counts.add('b')
  counts.add('b')
  counts.add('c') // 'a' goes
  expect(counts.add('a')).not.toBe(first)
})
