import { describe, expect, it } from 'vitest'
import type { GrowthPoint, TranslateRow } from './comparison.ts'
import { growthSentences, growthTable } from './growth-report.ts'
import { metricFor, scoresOf } from './judge.ts'
import { advise, type Judged } from './verdict.ts'

const WORDS = 'the cat sees a dog that follows two birds over old roofs near our river while rain falls on green fields'.split(
  ' ',
)
const targets = Array.from({ length: 60 }, (_, i) =>
  Array.from({ length: 8 }, (_, j) => WORDS[(i * 7 + j * (1 + (i % 5))) % WORDS.length]).join(' '),
)

/** A contestant whose first sentences are right and whose others are cut. */
function judged(model: string, right: number, latencyMsP50: number, more: Partial<TranslateRow> = {}): Judged {
  const answers = targets.map((text, i) => ({
    predicted: i < right ? text : text.split(' ').slice(0, 3).join(' '),
    finishReason: 'stop',
  }))
  const { scores, statistics } = scoresOf(answers, { sources: targets, targets })
  const row = { model, trainSeconds: 1, secondsToEqualLoss: null, latencyMsP50, ...scores, ...more } as TranslateRow
  return { row, statistics }
}

describe('the verdict on translators', () => {
  it('takes the cheapest that is not significantly worse than the best', () => {
    const all = [judged('rnn', 10, 1), judged('rnn-attention', 57, 2), judged('transformer', 58, 6)]
    expect(advise(all, 'bleu').chosen).toBe('rnn-attention')
    expect(advise(all, 'bleu').verdict).toMatch(
      /^Take rnn-attention with BLEU .*The best, transformer with BLEU .* is not significantly better .* takes 3\.0 times as long a sentence/,
    )
  })

  it('takes the best where the cheaper ones are really worse', () => {
    const all = [judged('rnn', 10, 1), judged('transformer', 58, 6)]
    expect(advise(all, 'bleu').verdict).toMatch(
      /^Take transformer .* significantly above rnn .* and no cheaper contestant comes close\.$/,
    )
    expect(advise(all, 'chrf').verdict).toContain('chrF')
  })

  it('says what equal loss took, the fastest first', () => {
    const all = [judged('rnn', 58, 1, { secondsToEqualLoss: 50 }), judged('transformer', 58, 6, { secondsToEqualLoss: 20 })]
    expect(advise(all, 'bleu').verdict).toContain(
      'To reach a loss that all of them reached, training took transformer 20 s, rnn 50 s.',
    )
  })

  it('takes nothing where nothing was learned, and speaks of one and of none', () => {
    const none = targets.map(() => ({ predicted: 'zebra', finishReason: 'stop' }))
    const { scores, statistics } = scoresOf(none, { sources: targets, targets })
    const zero = { row: { ...judged('rnn', 1, 1).row, ...scores }, statistics }
    expect(advise([zero, { ...zero, row: { ...zero.row, model: 'b' } }], 'bleu').verdict).toMatch(
      /^None of them translates well enough/,
    )
    expect(advise([judged('rnn', 58, 1)], 'bleu').verdict).toMatch(/^Only one contestant was measured: rnn with BLEU/)
    expect(advise([], 'bleu')).toEqual({ verdict: 'No contestant finished.' })
  })
})

describe('scores', () => {
  it('are whole for perfect translations, in all ranges of lengths', () => {
    const { row } = judged('x', targets.length, 1)
    expect(row).toMatchObject({ bleu: expect.closeTo(100), chrf: expect.closeTo(100), exactMatch: 1 })
    expect(row.byLength.reduce((sum, { sentences }) => sum + sentences, 0)).toBe(targets.length)
    expect(row.byLength.every(({ bleu, chrf }) => bleu > 99.9 && chrf > 99.9)).toBe(true)
  })

  it('count characters where there are no words, or too few for BLEU', () => {
    expect(metricFor(targets)).toBe('bleu')
    expect(metricFor(['这是一个没有空格的比较长的中文句子。'])).toBe('chrf')
    expect(metricFor(['guten Tag', 'auf Wiedersehen'])).toBe('chrf')
  })
})

describe('what length does to speed', () => {
  const point = (length: number, train: number, decode: number): GrowthPoint => ({
    ...{ length, batch: 1, trainTokensPerSecond: train, decodeTokensPerSecond: decode },
    ...{ trainGflopsPerSecond: 1, decodeGflopsPerSecond: 1, trainSerialSteps: 1, decodeSerialSteps: 1 },
  })
  const row = (model: string, ...growth: GrowthPoint[]) => ({ model, growth }) as TranslateRow

  it('says where recurrence wins and where it does not', () => {
    const rows = [
      row('rnn', point(16, 300, 90), point(256, 100, 80)),
      row('transformer', point(16, 200, 30), point(256, 200, 20)),
    ]
    expect(growthSentences(rows)).toEqual([
      'In training, rnn ran at 0.50 to 1.50 times the speed of transformer: recurrence wins here at 16 tokens by 1, else the Transformer.',
      'In decoding, rnn ran at 3.00 to 4.00 times the speed of transformer: recurrence wins here at every length and batch.',
    ])
    expect(growthTable(rows)[0].cells.map(([model, length]) => `${model} ${length}`)).toEqual([
      'rnn 16',
      'transformer 16',
      'rnn 256',
      'transformer 256',
    ])
  })

  it('says nothing of what was not measured', () => {
    expect(growthSentences([row('rnn', point(16, 1, 1))])).toEqual([])
    expect(growthTable([{ model: 'rnn' } as TranslateRow])).toEqual([])
  })
})
