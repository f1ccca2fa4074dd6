/** Empirical distributions against exact ones, by chi-square over many draws of one seeded stream. */
import { describe, expect, it } from 'vitest'
import { Random } from '../tensor/random.ts'
import { History } from './history.ts'
import { Sampler } from './sampling.ts'
import type { SamplingOptions } from './sampling-options.ts'

const DRAWS = 50_000

/** Chi-square at p = 0.001 by degrees of freedom: scipy.stats.chi2.isf(0.001, df). */
const CRITICAL: Record<number, number> = {
  1: 10.828,
  2: 13.816,
  3: 16.266,
  4: 18.467,
  5: 20.515,
  8: 26.124,
  19: 43.82,
  99: 148.23,
}

const logits = Float32Array.of(2, 1, 1, 0, -1, -3)

const normalised = (weights: readonly number[]): number[] => {
  const total = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / total)
}

const softmax = (scores: readonly number[], temperature = 1): number[] =>
  normalised(scores.map((score) => Math.exp(score / temperature)))

/** Only these tokens, with probabilities in proportion. */
const only = (probabilities: readonly number[], ...ids: number[]): number[] =>
  normalised(probabilities.map((p, id) => (ids.includes(id) ? p : 0)))

/** The cuts as their definitions say, by a full sort. */
function cutByDefinition(
  scores: readonly number[],
  { temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingOptions,
): number[] {
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b)
  const best = order.filter((id) => topK === 0 || scores[id] >= scores[order[Math.min(topK, order.length) - 1]])
  const weights = scores.map((score) => Math.exp((score - scores[order[0]]) / temperature))
  const sum = (ids: readonly number[]) => ids.reduce((total, id) => total + weights[id], 0)
  const nucleus = topP === 1 ? best : best.filter((_, i) => sum(best.slice(0, i)) < topP * sum(best))
  return only(weights, ...nucleus.filter((id) => weights[id] >= minP))
}

function count(options: SamplingOptions, row: Float32Array, history?: History): number[] {
  const sampler = new Sampler({ ...options, seed: 2024 }, row.length)
  const counts = new Array<number>(row.length).fill(0)
  for (let i = 0; i < DRAWS; i++) counts[sampler.next(row, history).id]++
  return counts
}

/** One degree of freedom less than there are possible outcomes; impossible ones must not occur. */
function expectDistribution(counts: readonly number[], probabilities: readonly number[], degrees: number): void {
  let statistic = 0
  for (const [id, p] of probabilities.entries()) {
    const expected = DRAWS * p
    if (p === 0) expect(counts[id], `outcome ${id}`).toBe(0)
    else statistic += (counts[id] - expected) ** 2 / expected
  }
  expect(probabilities.filter((p) => p > 0)).toHaveLength(degrees + 1)
  expect(statistic).toBeLessThan(degrees === 0 ? 1e-9 : CRITICAL[degrees])
}

/** Prompt 0, 4, 4; generated 1, 1, 5. */
function written(): History {
  const history = new History([0, 4, 4])
  for (const id of [1, 1, 5]) history.push(id)
  return history
}

describe('the distribution that is drawn from', () => {
  const plain = [...logits]

  it.each<[string, SamplingOptions, probabilities: number[], degrees: number]>([
    ['nothing', {}, softmax(plain), 5],
    ['temperature below 1', { temperature: 0.5 }, softmax(plain, 0.5), 5],
    ['temperature above 1', { temperature: 3 }, softmax(plain, 3), 5],
    ['top-k', { topK: 4 }, only(softmax(plain), 0, 1, 2, 3), 3],
    ['top-k with a tie at its end', { topK: 2 }, only(softmax(plain), 0, 1, 2), 2],
    ['top-k of one', { topK: 1 }, only(softmax(plain), 0), 0],
    ['top-k beyond the vocabulary', { topK: 60 }, softmax(plain), 5],
    // Shares: 0.529, 0.195, 0.195, 0.072, 0.026, 0.004.
    ['top-p, with the token that crosses it', { topP: 0.95 }, only(softmax(plain), 0, 1, 2, 3), 3],
    ['top-p that ends between equal tokens', { topP: 0.7 }, only(softmax(plain), 0, 1), 1],
    ['top-p that one token reaches', { topP: 0.3 }, only(softmax(plain), 0), 0],
    ['top-p after temperature', { topP: 0.9, temperature: 2 }, only(softmax(plain, 2), 0, 1, 2, 3, 4), 4],
    ['top-p of what top-k left', { topK: 3, topP: 0.57 }, only(softmax(plain), 0), 0],
    ['min-p', { minP: 0.3 }, only(softmax(plain), 0, 1, 2), 2],
    ['min-p after temperature', { minP: 0.3, temperature: 2 }, only(softmax(plain, 2), 0, 1, 2, 3), 3],
    ['bias', { logitBias: { 5: 5, 0: -100 } }, only(softmax([-98, 1, 1, 0, -1, 2]), 1, 2, 3, 4, 5), 4],
    ['bias of −∞', { logitBias: new Map([[0, Number.NEGATIVE_INFINITY]]) }, only(softmax(plain), 1, 2, 3, 4, 5), 4],
    ['repetition penalty', { repetitionPenalty: 2 }, softmax([1, 0.5, 1, 0, -2, -6]), 5],
    ['frequency penalty', { frequencyPenalty: 0.5 }, softmax([2, 0, 1, 0, -1, -3.5]), 5],
    ['presence penalty', { presencePenalty: 0.5 }, softmax([2, 0.5, 1, 0, -1, -3.5]), 5],
    ['both, and negative', { frequencyPenalty: -0.5, presencePenalty: -1 }, softmax([2, 3, 1, 0, -1, -1.5]), 5],
    [
      'all together',
      {
        logitBias: { 4: 3 },
        repetitionPenalty: 2,
        frequencyPenalty: 0.25,
        presencePenalty: 0.25,
        temperature: 0.8,
        topK: 4,
        topP: 0.95,
        minP: 0.05,
      },
      // Logits of 1, -0.25, 1, 0, 1, -6.5.
      only(softmax([1, -0.25, 1, 0, 1, -6.5], 0.8), 0, 2, 3, 4),
      3,
    ],
  ])('%s', (_, options, probabilities, degrees) => {
    expectDistribution(count(options, logits, written()), probabilities, degrees)
  })

  it.each<[SamplingOptions, degrees: number]>([
    [{ topK: 20 }, 19],
    [{ topK: 100, temperature: 1.5 }, 99],
  ])('%j of a larger vocabulary', (options, degrees) => {
    const random = new Random(7)
    const row = Float32Array.from({ length: 400 }, () => 2 * random.normal())
    expectDistribution(count(options, row), cutByDefinition([...row], options), degrees)
  })

  it('one token tells nothing about the next: pairs are spread as their product', () => {
    const row = Float32Array.of(1, 0, -1)
    const sampler = new Sampler({ seed: 5 }, 3)
    const pairs = new Array<number>(9).fill(0)
    for (let i = 0; i < DRAWS; i++) pairs[3 * sampler.next(row).id + sampler.next(row).id]++
    const p = softmax([...row])
    const product = p.flatMap((first) => p.map((second) => first * second))
    expectDistribution(pairs, product, 8)
  })
})

describe('cuts of random rows are those of a full sort', () => {
  const options: SamplingOptions[] = [
    { topK: 1 },
    { topK: 17 },
    { topP: 0.05 },
    { topP: 0.8 },
    { topP: 0.999, temperature: 2 },
    { minP: 0.02 },
    { topK: 100, topP: 0.9, minP: 0.1, temperature: 0.7 },
  ]
  it.each<[string, (random: Random) => number]>([
    ['no two equal', (random) => 3 * random.normal()],
    ['many equal', (random) => random.below(6) - 3],
    ['all equal', () => -2],
    ['far apart', (random) => 30 * random.normal()],
  ])('%s', (_, value) => {
    const random = new Random(11)
    for (const option of options) {
      const row = Float32Array.from({ length: 600 }, () => value(random))
      const exact = cutByDefinition([...row], option)
      const { ids, probabilities } = new Sampler(option, row.length).distribution(row)
      expect([...ids]).toEqual([...exact.keys()].filter((id) => exact[id] > 1e-44))
      for (const [i, id] of ids.entries()) expect(probabilities[i]).toBeCloseTo(exact[id], 6)
    }
  })
})
