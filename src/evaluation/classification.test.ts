import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { accuracy, classScores, confusionMatrix, macroF1, microF1 } from './classification.ts'

type Metrics = {
  title: string
  truth: string[]
  predicted: string[]
  labels: string[]
  counts: number[][]
  accuracy: number
  macroF1: number
  microF1: number
} & Record<'precision' | 'recall' | 'f1' | 'support', number[]>

const golden: Metrics[] = JSON.parse(readFileSync(new URL('../../test/golden/evaluation.json', import.meta.url), 'utf8')).metrics

describe('metrics of a classifier', () => {
  it.each(golden)('agree with scikit-learn: $title', ({ truth, predicted, ...want }) => {
    const matrix = confusionMatrix(truth, predicted)
    expect(matrix).toEqual({ labels: want.labels, counts: want.counts })
    classScores(matrix).forEach((scores, i) => {
      expect(scores.label).toBe(want.labels[i])
      for (const key of ['precision', 'recall', 'f1', 'support'] as const) expect(scores[key]).toBeCloseTo(want[key][i]!, 12)
    })
    expect(accuracy(truth, predicted)).toBeCloseTo(want.accuracy, 12)
    expect(macroF1(truth, predicted)).toBeCloseTo(want.macroF1, 12)
    expect(microF1(truth, predicted)).toBeCloseTo(want.microF1, 12)
  })

  it('takes labels that are names of object properties', () => {
    expect(confusionMatrix(['__proto__', 'constructor'], ['constructor', 'constructor'])).toEqual({
      labels: ['__proto__', 'constructor'],
      counts: [
        [0, 1],
        [0, 1],
      ],
    })
  })

  it.each([
    [[], []],
    [['a'], ['a', 'b']],
  ])('refuses lists that do not pair: %j and %j', (truth, predicted) => {
    for (const metric of [accuracy, confusionMatrix, macroF1, microF1])
      expect(() => metric(truth, predicted)).toThrow(/one prediction/)
  })
})
