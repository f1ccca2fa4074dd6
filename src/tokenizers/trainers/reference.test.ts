import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { line } from '../../../test/golden/tokenizer-lines.ts'
import { tokenizerFromJSON } from '../load.ts'
import { trainBpe } from './bpe.ts'
import { trainTokenizer } from './train.ts'
import { trainUnigram } from './unigram.ts'
import { trainWordLevel } from './word-level.ts'

type Case = {
  title: string
  model: 'bpe' | 'wordpiece' | 'word' | 'unigram'
  words: Record<string, number>
  options: any
  vocab?: string[]
  tokens?: string[]
  merges?: [string, string][]
  pieces?: [string, number | null][]
  unkId?: number | null
}
type Golden = {
  cases: Case[]
  lines: { lines: number; vocabSize: number; merges: [string, string][] }
  novels: Record<'bpe' | 'wordpiece' | 'unigram', any> & { heldOut: string }
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../../test/golden/tokenizer_trainers.json', import.meta.url), 'utf8'))
const ofModel = (...models: string[]) => golden.cases.filter(({ model }) => models.includes(model))
const novels = new URL('../../../../shared/data/corpora/novels/', import.meta.url)
const present = existsSync(novels)
const skipped = present ? '' : ' (skipped: ../shared/data is absent)'

describe('the trainers of Hugging Face tokenizers', () => {
  it.each(ofModel('bpe', 'wordpiece'))(
    'merge the same pairs: $title',
    async ({ model, words, options, vocab, tokens, merges }) => {
      const prefix = model === 'wordpiece' ? { continuingSubwordPrefix: '##' } : {}
      const trained = await trainBpe(new Map(Object.entries(words)), { ...prefix, ...options })
      if (vocab) expect(trained.tokens).toEqual(vocab)
      if (tokens) expect([...trained.tokens].sort()).toEqual([...tokens].sort())
      if (merges) expect(trained.merges).toEqual(merges)
    },
  )

  it.each(ofModel('word'))('take the same words: $title', ({ words, options, vocab }) => {
    expect(trainWordLevel(new Map(Object.entries(words)), options)).toEqual(vocab)
  })

  it.each(ofModel('unigram'))('choose the same pieces: $title', async ({ words, options, pieces, unkId }) => {
    const trained = await trainUnigram(new Map(Object.entries(words)), options)
    const scores = new Map(trained.pieces)
    expect([...scores.keys()].sort()).toEqual(pieces!.map(([piece]) => piece).sort())
    expect(trained.unkId ?? null).toBe(unkId)
    for (const [piece, score] of pieces!) if (score !== null) expect(scores.get(piece)).toBeCloseTo(score, 6)
  })

  it('merge the same bytes of many scripts', async () => {
    const texts = Array.from({ length: golden.lines.lines }, (_, i) => line(i))
    const json = await trainTokenizer(texts, { model: 'bpe', vocabSize: golden.lines.vocabSize })
    expect((json.model as any).merges).toEqual(golden.lines.merges)
  })
})

/** Whole novels in the order of their names, until there are so many bytes. */
function readNovels(bytes: number): string[] {
  const texts: string[] = []
  let read = 0
  for (const name of readdirSync(novels).sort()) {
    if (read >= bytes) break
    const data = readFileSync(new URL(name, novels))
    read += data.length
    texts.push(data.toString('utf8'))
  }
  return texts
}

describe.skipIf(!present)(`a vocabulary of 8,000 from novels${skipped}`, () => {
  const heldOut = () => readFileSync(new URL(golden.novels.heldOut, novels), 'utf8').split('\n')
  const count = (json: unknown) => {
    const tokenizer = tokenizerFromJSON(json, 'trained')
    return heldOut().reduce((sum, text) => sum + tokenizer.encode(text).length, 0)
  }

  it('has the merges of Hugging Face tokenizers', async () => {
    const { bytes, merges, sha256, first, last } = golden.novels.bpe
    const json = await trainTokenizer(readNovels(bytes), { model: 'bpe', vocabSize: 8000 })
    const found = (json.model as any).merges as [string, string][]
    expect([found.length, found.slice(0, 5), found.slice(-5)]).toEqual([merges, first, last])
    expect(
      createHash('sha256')
        .update(found.map((merge) => merge.join(' ')).join('\n'))
        .digest('hex'),
    ).toBe(sha256)
  }, 60_000)

  it.each(['wordpiece', 'unigram'] as const)(
    'needs as many tokens by %s for another novel',
    async (model) => {
      const { bytes, tokens } = golden.novels[model]
      const found = count(await trainTokenizer(readNovels(bytes), { model, vocabSize: 8000 }))
      expect(Math.abs(found / tokens - 1)).toBeLessThan(0.005)
    },
    120_000,
  )
})
