import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { outputsOf, softmax } from './linear.ts'
import { fitNaiveBayes, linearOf } from './naive-bayes.ts'
import { rowAt } from './sparse-rows.ts'
import { fitSvm } from './svm.ts'
import { holdOut, marginScale } from './svm-probabilities.ts'
import { Vectorizer } from './vectorizer.ts'

type Golden = {
  weighting: 'count' | 'tf-idf'
  C: number
  alpha: number
  corpus: [label: string, text: string][]
  terms: string[]
  termLogProbabilities: number[][]
  labelLogProbabilities: number[]
  logProbabilities: number[][]
  coefficients: number[][]
  intercepts: number[]
  objectives: number[]
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../../../test/golden/bag_of_words_vectors.json', import.meta.url), 'utf8'),
).classifiers

function dataOf({ weighting, corpus, terms }: Pick<Golden, 'weighting' | 'corpus' | 'terms'>) {
  const vectorizer = new Vectorizer({ weighting, tokens: 'scikit-learn', ngramRange: [1, 2] })
  const rows = vectorizer.fitTransform(corpus.map(([, text]) => text))
  expect(vectorizer.terms).toEqual(terms)
  const labels = [...new Set(corpus.map(([label]) => label))].sort()
  const targets = Int32Array.from(corpus, ([label]) => labels.indexOf(label))
  return { rows, targets, labelCount: labels.length }
}

describe.each(golden)('$weighting with C = $C and alpha = $alpha', (one) => {
  const data = dataOf(one)
  const V = one.terms.length
  const L = data.labelCount

  it('naive Bayes has the log-probabilities of scikit-learn', () => {
    const bayes = fitNaiveBayes(data, one.alpha)
    for (let k = 0; k < L; k++) {
      expect(Math.abs(bayes.labelLogProbabilities[k]! - one.labelLogProbabilities[k]!)).toBeLessThan(1e-9)
      for (let v = 0; v < V; v++) {
        expect(Math.abs(bayes.termLogProbabilities[v * L + k]! - one.termLogProbabilities[k]![v]!)).toBeLessThan(1e-9)
      }
    }
    const linear = linearOf(bayes)
    one.logProbabilities.forEach((want, row) => {
      const probabilities = new Float64Array(L)
      softmax(outputsOf(linear, rowAt(data.rows, row)), probabilities)
      want.forEach((logProbability, k) => {
        expect(Math.abs(Math.log(probabilities[k]!) - logProbability)).toBeLessThan(1e-9)
      })
    })
  })

  const objectives = (weight: Float64Array, bias: Float64Array) =>
    Array.from(bias, (b, k) => {
      const K = bias.length
      let norm = b * b
      for (let v = 0; v < V; v++) norm += weight[v * K + k]! ** 2
      let loss = 0
      data.targets.forEach((target, row) => {
        const sign = target === (L === 2 ? 1 : k) ? 1 : -1
        const margin = outputsOf({ weight, bias }, rowAt(data.rows, row))[k]!
        loss += Math.max(0, 1 - sign * margin) ** 2
      })
      return norm / 2 + one.C * loss
    })

  it('the SVM has the coefficients of scikit-learn, and at the default precision a value as low', () => {
    const exact = [...fitSvm(data, one.C, { tolerance: 1e-10, maxIterations: 100_000 })].at(-1)!.linear
    const K = one.intercepts.length
    for (let k = 0; k < K; k++) {
      expect(Math.abs(exact.bias[k]! - one.intercepts[k]!)).toBeLessThan(1e-6)
      for (let v = 0; v < V; v++) {
        expect(Math.abs(exact.weight[v * K + k]! - one.coefficients[k]![v]!)).toBeLessThan(1e-6)
      }
    }
    const usual = [...fitSvm(data, one.C, { tolerance: 1e-4, maxIterations: 1000 })].at(-1)!.linear
    objectives(usual.weight, usual.bias).forEach((objective, k) => {
      expect(objective / one.objectives[k]!).toBeLessThan(1 + 1e-6)
    })
  })
})

describe('margins as probabilities', () => {
  it('are as sure as the rows held out allow', () => {
    // margins 1 and -1, right in nine of ten: the factor is ln 9
    const rows = {
      starts: Int32Array.from({ length: 21 }, (_, i) => i),
      ids: new Int32Array(20),
      values: new Float64Array(20),
      columns: 1,
    }
    const targets = new Int32Array(20)
    for (let i = 0; i < 20; i++) {
      rows.values[i] = i % 2 === 0 ? 1 : -1
      targets[i] = (i % 2 === 0) === i < 18 ? 1 : 0
    }
    const linear = { weight: Float64Array.of(1), bias: Float64Array.of(0) }
    expect(marginScale(linear, { rows, targets, labelCount: 2 })).toBeCloseTo(Math.log(9), 3)
  })

  it('hold out a fifth of every label that has five rows', () => {
    const targets = Int32Array.from({ length: 14 }, (_, i) => (i < 10 ? 0 : 1))
    const rows = { starts: new Int32Array(15), ids: new Int32Array(0), values: new Float64Array(0), columns: 1 }
    const { train, held } = holdOut({ rows, targets, labelCount: 2 })
    expect([[...train.targets], [...held.targets]]).toEqual([
      [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0],
    ])
  })
})
