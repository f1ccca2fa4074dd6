import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BleuOptions, bleu, corpusBleu, sentenceBleu } from './bleu.ts'
import { type ChrfOptions, chrf, corpusChrf, sentenceChrf } from './chrf.ts'
import {
  type CorpusMetric,
  corpusStatistics,
  pairedBootstrapTest,
  type References,
  scoreInterval,
  scoreOf,
} from './corpus-metric.ts'

type Case<Options> = { set: string; options: Options; score: number; sentences: number[]; signature: string }
type BleuCase = Case<BleuOptions> & Record<'precisions' | 'matches' | 'totals' | 'lengths', number[]> & { brevityPenalty: number }
type ChrfCase = Case<ChrfOptions> & { name: string }
type Paired = { first: string[]; second: string[]; reference: string[]; results: Record<string, Record<string, number>> }
const golden: {
  sets: { title: string; hypotheses: string[]; references: References }[]
  bleu: BleuCase[]
  chrf: ChrfCase[]
  paired: Paired[]
} = JSON.parse(readFileSync(new URL('../../test/golden/translation_metrics.json', import.meta.url), 'utf8'))

const setOf = (title: string) => golden.sets.find((set) => set.title === title)!
const ofSentence = (references: References, i: number) =>
  references.map((list) => list[i]).filter((text) => typeof text === 'string')
const ours = (signature: string) => signature.replace('version:2.6.0', 'version:loquent-1')
const close = (found: number, wanted: number): void => {
  expect(Math.abs(found - wanted), `${found} for ${wanted}`).toBeLessThan(1e-9)
}

describe('BLEU equals SacreBLEU', () => {
  it.each(golden.bleu.map((want) => [want.set, JSON.stringify(want.options), want] as const))('%s %s', (title, _, want) => {
    const { hypotheses, references } = setOf(title)
    const found = corpusBleu(hypotheses, references, want.options)
    close(found.score, want.score)
    close(found.brevityPenalty, want.brevityPenalty)
    for (const [n, precision] of want.precisions.entries()) close(found.precisions[n]!, precision)
    expect([found.hypothesisLength, found.referenceLength]).toEqual(want.lengths)
    expect([found.matches, found.totals]).toEqual([want.matches, want.totals])
    expect(found.signature).toBe(ours(want.signature))
    for (const [i, text] of hypotheses.entries()) {
      close(sentenceBleu(text, ofSentence(references, i), want.options).score, want.sentences[i]!)
    }
  })
})

describe('chrF equals SacreBLEU', () => {
  it.each(golden.chrf.map((want) => [want.set, JSON.stringify(want.options), want] as const))('%s %s', (title, _, want) => {
    const { hypotheses, references } = setOf(title)
    const found = corpusChrf(hypotheses, references, want.options)
    close(found.score, want.score)
    expect(found.name).toBe(want.name)
    expect(found.signature).toBe(ours(want.signature))
    for (const [i, text] of hypotheses.entries()) {
      close(sentenceChrf(text, ofSentence(references, i), want.options).score, want.sentences[i]!)
    }
  })
})

describe('paired bootstrap', () => {
  const options = { resamples: 5000, seed: 1 }

  it.each(golden.paired)('finds about the p-values of SacreBLEU', ({ first, second, reference, results }) => {
    for (const metric of [bleu(), chrf()]) {
      const [a, b] = [first, second].map((system) => corpusStatistics(metric, system, [reference]))
      const { difference, firstWins, pValue } = pairedBootstrapTest(metric, a!, b!, options)
      const want = results[metric.name.slice(0, 4)] ?? results.BLEU!
      close(difference.value, want.first! - want.second!)
      expect(Math.abs(pValue - want.pValue!)).toBeLessThan(0.02)
      expect(firstWins > 0.5).toBe(want.first! > want.second!)
      expect(difference.low).toBeLessThan(difference.value)
      expect(difference.high).toBeGreaterThan(difference.value)
    }
  })

  it('finds nothing between a system and itself', () => {
    const { first, reference } = golden.paired[0]!
    const same = corpusStatistics(bleu(), first, [reference])
    const test = pairedBootstrapTest(bleu(), same, same, { resamples: 100 })
    expect(test).toEqual({ difference: { value: 0, low: 0, high: 0, level: 0.95 }, firstWins: 0.5, pValue: 1 / 101 })
  })

  it('refuses systems that translated other test sets', () => {
    const statistics = (size: number) => corpusStatistics(bleu(), Array(size).fill('a'), [Array(size).fill('a')])
    expect(() => pairedBootstrapTest(bleu(), statistics(2), statistics(3))).toThrow('2 and 3 sentences')
  })
})

describe('a corpus score', () => {
  const { first, reference } = golden.paired[1]!

  it('lies in its bootstrap interval, the same for the same seed', () => {
    const statistics = corpusStatistics(bleu(), first, [reference])
    const interval = scoreInterval(bleu(), statistics, { seed: 4, resamples: 500 })
    close(interval.value, corpusBleu(first, [reference]).score)
    expect(interval.low).toBeLessThan(interval.value)
    expect(interval.high).toBeGreaterThan(interval.value)
    expect(scoreInterval(bleu(), statistics, { seed: 4, resamples: 500 })).toEqual(interval)
  })

  it('of some sentences is the score of a corpus that holds these alone', () => {
    const sample = [3, 9, 9, 41]
    const picked = (texts: readonly string[]) => sample.map((i) => texts[i]!)
    const metrics: CorpusMetric[] = [bleu(), chrf({ wordOrder: 2 })]
    for (const metric of metrics) {
      const alone = scoreOf(metric, corpusStatistics(metric, picked(first), [picked(reference)]))
      expect(scoreOf(metric, corpusStatistics(metric, first, [reference]), sample)).toEqual(alone)
    }
  })
})

describe('what cannot be scored', () => {
  it.each([
    [[], [[]], 'at least one hypothesis'],
    [['a'], [], 'at least one list of references'],
    [['a', 'b'], [['a', 'b'], ['a']], '2 hypotheses, 1 references in list 2'],
    [['a', 'b'], [['a', null]], 'none for hypothesis 2'],
  ] as [string[], References, string][])('%j against %j', (hypotheses, references, message) => {
    expect(() => corpusBleu(hypotheses, references)).toThrow(message)
    expect(() => corpusChrf(hypotheses, references)).toThrow(message)
  })

  it.each([
    [{ tokenize: 'ja-mecab' }, /13a, none, intl, zh, char\n.*a dictionary or a model/],
    [{ tokenize: 'toString' }, /tokenize must be one of/],
    [{ smooth: 'exp', smoothValue: 1 }, /takes no value/],
    [{ smooth: 'constructor' }, /smooth must be one of exp, floor, add-k, none/],
    [{ smooth: 'floor', smoothValue: Number.NaN }, /smoothValue must be a number from 0/],
    [{ maxOrder: 0 }, /maxOrder/],
  ])('BLEU with %j', (options, message) => {
    expect(() => bleu(options as BleuOptions)).toThrow(message)
  })

  it.each([
    [{ charOrder: 0 }, /charOrder/],
    [{ wordOrder: -1 }, /wordOrder/],
    [{ beta: 1.5 }, /beta/],
  ])('chrF with %j', (options, message) => {
    expect(() => chrf(options)).toThrow(message)
  })
})
