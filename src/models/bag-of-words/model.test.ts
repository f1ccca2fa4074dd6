import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BagOfWordsConfig } from './config.ts'
import { fitLogisticRegression } from './logistic-regression.ts'
import { fitBagOfWords } from './model.ts'
import { rowAt } from './sparse-rows.ts'

type Golden = {
  config: BagOfWordsConfig
  labels: string[]
  corpus: [label: string, text: string][]
  firstVector: Record<string, number>
  coefficients: Record<string, number[]>
  intercepts: number[]
  unseen: string[]
  probabilities: number[][]
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../../../test/golden/bag_of_words.json', import.meta.url), 'utf8'),
).cases

describe.each(golden)('$labels with $config agree with scikit-learn', ({ config, labels, corpus, ...want }) => {
  const texts = corpus.map(([, text]) => text)
  const truth = corpus.map(([label]) => label)
  const fitted = fitBagOfWords(texts, truth, { ...config, tokens: 'words', termFrequency: 'count' })

  it('in the vocabulary and the vectors', async () => {
    const { vectorizer } = (await fitted).parts
    expect(vectorizer.terms).toEqual(Object.keys(want.coefficients).sort())
    const { ids, values } = rowAt(vectorizer.transform(texts), 0)
    expect(Array.from(ids, (id) => vectorizer.terms[id])).toEqual(Object.keys(want.firstVector).sort())
    ids.forEach((id, i) => {
      expect(values[i]).toBeCloseTo(want.firstVector[vectorizer.terms[id]!]!, 9)
    })
  })

  it('in the coefficients at the optimum', async () => {
    const { vectorizer } = (await fitted).parts
    const targets = Int32Array.from(truth, (label) => labels.indexOf(label))
    const options = { tolerance: 1e-10, maxIterations: 10_000 }
    const data = { rows: vectorizer.transform(texts), targets, labelCount: labels.length }
    const { linear } = [...fitLogisticRegression(data, config.C, options)].at(-1)!
    const K = want.intercepts.length
    vectorizer.terms.forEach((term, id) => {
      for (let k = 0; k < K; k++) expect(linear.weight[id * K + k]).toBeCloseTo(want.coefficients[term]![k]!, 5)
    })
    for (let k = 0; k < K; k++) expect(linear.bias[k]).toBeCloseTo(want.intercepts[k]!, 5)
  })

  it('in the probabilities of unseen texts, with the default precision', async () => {
    const answers = (await fitted).classify(want.unseen)
    answers.forEach(({ label, scores }, i) => {
      const probabilities = want.probabilities[i]!
      expect(Object.keys(scores)).toEqual(labels)
      labels.forEach((name, k) => {
        expect(Math.abs(scores[name]! - probabilities[k]!)).toBeLessThan(1e-4)
      })
      expect(label).toBe(labels[probabilities.indexOf(Math.max(...probabilities))])
    })
  })
})

describe('bag-of-words', () => {
  const texts = ['good soup', 'good warm soup', 'bad soup', 'bad cold soup']
  const truth = ['yes', 'yes', 'no', 'no']

  it('names the words that speak for each label, and only those', async () => {
    const model = await fitBagOfWords(texts, truth, { ngramRange: [1, 1] })
    expect(model.mostTelling('yes', 2).map(({ term }) => term)).toEqual(['good', 'warm'])
    expect(model.mostTelling('yes', 10).map(({ term }) => term)).not.toContain('bad')
    expect(model.mostTelling('no', 1).map(({ term }) => term)).toEqual(['bad'])
    expect(() => model.mostTelling('maybe', 1)).toThrow(/does not know this label/)
  })

  it('answers a text without a known word with what the labels alone say', async () => {
    const model = await fitBagOfWords([...texts, 'good', 'good'], [...truth, 'yes', 'yes'])
    const [unknown, empty] = model.classify(['entirely unheard', ''])
    expect(unknown).toEqual(empty)
    expect(unknown!.label).toBe('yes')
    expect(unknown!.scores.yes! + unknown!.scores.no!).toBeCloseTo(1, 12)
    expect(model.classify([])).toEqual([])
  })

  it('takes labels with odd names, duplicates, emoji and every script', async () => {
    const corpus = ['😀 素晴らしい', '😀 素晴らしい', '😡 سيئ', '😡 سيئ', 'שלום', 'שלום']
    const model = await fitBagOfWords(corpus, ['__proto__', '__proto__', '', '', 'constructor', 'constructor'])
    expect(model.labels).toEqual(['', '__proto__', 'constructor'])
    const answers = model.classify(['素晴らしい 😀', 'سيئ', 'שלום'])
    expect(answers.map(({ label }) => label)).toEqual(['__proto__', '', 'constructor'])
    expect(Object.keys(answers[0]!.scores)).toEqual(['', '__proto__', 'constructor'])
  })

  it('contradictory duplicates are a coin toss', async () => {
    const model = await fitBagOfWords(['same', 'same'], ['a', 'b'])
    expect(model.classify(['same'])[0]!.scores.a).toBeCloseTo(0.5, 6)
  })

  it.each([
    [[], [], /at least two labels/],
    [['a b'], ['x'], /all labelled "x"/],
    [['a', 'b'], ['x'], /one label for each text/],
    [['\u200b', ' '], ['x', 'y'], /no term of 1 to 2 words/],
  ])('refuses the texts %j with the labels %j', async (given, labels, message) => {
    await expect(fitBagOfWords(given, labels)).rejects.toThrow(message)
    await expect(fitBagOfWords(given, labels)).rejects.toMatchObject({ code: 'data' })
  })

  it.each([
    [{ ngramRange: [2, 1] as const }, /ngramRange/],
    [{ ngramRange: [1, 1e9] as const }, /ngramRange/],
    [{ minDocumentFrequency: 0 }, /minDocumentFrequency/],
    [{ minDocumentFrequency: 1.5 }, /minDocumentFrequency/],
    [{ maxDocumentFrequency: 0 }, /maxDocumentFrequency/],
    [{ maxDocumentFrequency: 2.5 }, /maxDocumentFrequency/],
    [{ minDocumentFrequency: 3, maxDocumentFrequency: 2 }, /must not be below minDocumentFrequency/],
    [{ maxFeatures: 0 }, /maxFeatures/],
    [{ tokens: 'letters' as 'words' }, /tokens must be/],
    [{ analyzer: 'sentence' as 'word' }, /analyzer must be/],
    [{ analyzer: 'char' as const, stopWords: 'english' as const }, /stopWords need the analyzer/],
    [{ stopWords: 'french' as 'english' }, /stopWords must be/],
    [{ stripAccents: 'yes' as 'none' }, /stripAccents/],
    [{ norm: 'max' as 'l1' }, /norm must be/],
    [{ termFrequency: 'log' as 'count' }, /termFrequency/],
    [{ weighting: 'hashing' as const, hashFeatures: 0 }, /hashFeatures/],
    [{ weighting: 'hashing' as const, minDocumentFrequency: 2 }, /keeps no vocabulary/],
    [{ classifier: 'forest' as 'svm' }, /classifier must be/],
    [{ classifier: 'naive-bayes' as const, alpha: 0 }, /alpha must be/],
    [{ classifier: 'naive-bayes' as const, weighting: 'hashing' as const }, /alternateSign must be false/],
    [{ weighting: 'bm25' as 'count' }, /weighting/],
    [{ C: 0 }, /C must be/],
    [{ C: Number.POSITIVE_INFINITY }, /C must be/],
  ])('refuses the options %j', async (options, message) => {
    await expect(fitBagOfWords(texts, truth, options)).rejects.toThrow(message)
  })

  it('reports falling losses and stops when asked', async () => {
    const losses: number[] = []
    await fitBagOfWords(texts, truth, {}, { onProgress: ({ loss }) => losses.push(loss) })
    expect(losses[0]).toBeCloseTo(Math.LN2, 12)
    expect(losses).toEqual(losses.toSorted((a, b) => b - a))

    const controller = new AbortController()
    const stopped = fitBagOfWords(texts, truth, {}, { onProgress: () => controller.abort('enough'), signal: controller.signal })
    await expect(stopped).rejects.toBe('enough')
  })
})
