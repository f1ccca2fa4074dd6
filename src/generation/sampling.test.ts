import { describe, expect, it } from 'vitest'
import { Random } from '../tensor/random.ts'
import { Sampler } from './sampling.ts'
import type { SamplingOptions } from './sampling-options.ts'

const DRAWS = 20_000
const logits = Float32Array.of(2, 1, 1, 0, -1, -3)

function exp(scores: readonly number[], temperature = 1): number[] {
  return scores.map((score) => Math.exp(score / temperature))
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / total)
}

/** First draws of many samplers that differ only in their seed. */
function counts(options: SamplingOptions, row = logits, prompt: number[] = []): number[] {
  const counted = new Array<number>(row.length).fill(0)
  for (let seed = 0; seed < DRAWS; seed++) counted[new Sampler({ ...options, seed }, row.length, prompt).next(row).id]++
  return counted
}

/** Chi-square against exact probabilities; what must not be drawn never is. */
function expectDistribution(counted: readonly number[], probabilities: readonly number[]): void {
  let statistic = 0
  for (const [id, p] of probabilities.entries()) {
    if (p === 0) expect(counted[id], `token ${id}`).toBe(0)
    else statistic += (counted[id] - DRAWS * p) ** 2 / (DRAWS * p)
  }
  expect(statistic).toBeLessThan(20.5) // 5 degrees of freedom, p = 0.001; fewer make it stricter
}

describe('the distribution that is drawn from', () => {
  const plain = [2, 1, 1, 0, -1, -3]
  const kept = (weights: number[], ...ids: number[]) => normalised(weights.map((weight, id) => (ids.includes(id) ? weight : 0)))

  it.each<[string, SamplingOptions, number[], number[]?]>([
    ['nothing', {}, normalised(exp(plain))],
    ['temperature', { temperature: 0.5 }, normalised(exp(plain, 0.5))],
    ['top-k', { topK: 4 }, kept(exp(plain), 0, 1, 2, 3)],
    ['top-k with a tie at its end', { topK: 2 }, kept(exp(plain), 0, 1, 2)],
    ['top-k beyond the vocabulary', { topK: 60 }, normalised(exp(plain))],
    ['top-p, with the token that crosses it', { topP: 0.7 }, kept(exp(plain), 0, 1)],
    ['top-p that one token reaches', { topP: 0.3 }, kept(exp(plain), 0)],
    ['top-p after temperature', { topP: 0.9, temperature: 2 }, kept(exp(plain, 2), 0, 1, 2, 3, 4)],
    ['min-p', { minP: 0.3 }, kept(exp(plain), 0, 1, 2)],
    ['bias', { logitBias: { 5: 5, 0: -100 } }, normalised(exp([-98, 1, 1, 0, -1, 2]))],
    ['repetition penalty', { repetitionPenalty: 2 }, normalised(exp([1, 1, 1, 0, -2, -3])), [0, 4]],
    ['all together', { temperature: 0.8, topK: 5, topP: 0.95, minP: 0.05 }, kept(exp(plain, 0.8), 0, 1, 2, 3)],
  ])('%s', (_, options, probabilities, prompt) => {
    expectDistribution(counts(options, logits, prompt), probabilities)
  })

  it('a nucleus of a large vocabulary is that of a full sort', () => {
    const random = new Random(7)
    const row = Float32Array.from({ length: 5000 }, () => 3 * random.normal())
    const weights = normalised(exp([...row]))
    const order = [...row.keys()].sort((a, b) => row[b] - row[a])
    let reached = 0
    const nucleus = new Set<number>()
    for (const id of order) {
      if (reached >= 0.8) break
      nucleus.add(id)
      reached += weights[id]
    }
    for (let seed = 0; seed < 3000; seed++) expect(nucleus).toContain(new Sampler({ topP: 0.8, seed }, row.length).next(row).id)
  })

  it('frequency and presence penalties count what was generated, not the prompt', () => {
    const sampler = new Sampler({ temperature: 0, frequencyPenalty: 0.4, presencePenalty: 0.3 }, 6, [0, 0, 0])
    // Token 0 loses 0.7, then 0.4 each time: 2, 1.3, 0.9 against 1 and 1.
    expect(Array.from({ length: 5 }, () => sampler.next(logits).id)).toEqual([0, 0, 1, 2, 0])
  })
})

describe('a choice', () => {
  it('without temperature is the most probable token, the first of equal ones', () => {
    expect(new Sampler({ temperature: 0 }, 3).next(Float32Array.of(1, 5, 5)).id).toBe(1)
  })

  it('tells log-probabilities of the model itself', () => {
    const { id, logprob, topLogprobs } = new Sampler({ temperature: 0, topLogprobs: 3, logitBias: { 3: 50 } }, 6).next(logits)
    const logs = normalised(exp([...logits])).map(Math.log)
    expect(id).toBe(3)
    expect(logprob).toBeCloseTo(logs[3], 6)
    expect(topLogprobs.map(({ id }) => id)).toEqual([0, 1, 2])
    for (const { id, logprob } of topLogprobs) expect(logprob).toBeCloseTo(logs[id], 6)
  })

  it('repeats with its seed, and leaves the logits as they were', () => {
    const draw = (seed: number) => {
      const sampler = new Sampler({ seed, topP: 0.9, frequencyPenalty: 1 }, 6)
      return Array.from({ length: 50 }, () => sampler.next(logits).id).join()
    }
    expect(draw(3)).toBe(draw(3))
    expect(draw(3)).not.toBe(draw(4))
    expect([...logits]).toEqual([2, 1, 1, 0, -1, -3])
  })

  it('is among the infinite ones, where there are such', () => {
    const row = Float32Array.of(0, Number.POSITIVE_INFINITY, 5, Number.POSITIVE_INFINITY)
    const drawn = new Set(Array.from({ length: 50 }, (_, seed) => new Sampler({ seed }, 4).next(row).id))
    expect(drawn).toEqual(new Set([1, 3]))
  })
})

describe('what cannot be', () => {
  it.each<[SamplingOptions, string]>([
    [{ temperature: -1 }, 'temperature'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ topP: 0 }, 'topP'],
    [{ topP: 1.1 }, 'topP'],
    [{ topK: 1.5 }, 'topK'],
    [{ minP: -0.1 }, 'minP'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty'],
    [{ logitBias: { 6: 1 } }, 'logitBias'],
    [{ logitBias: { [-1]: 1 } }, 'logitBias'],
    [{ seed: 0.5 }, 'seed'],
  ])('%j is a ConfigError', (options, name) => {
    expect(() => new Sampler(options, 6)).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining(name) }),
    )
  })

  it.each([
    [Float32Array.of(0, Number.NaN, 1), 'NaN'],
    [Float32Array.of(Number.NaN, 0, 1), 'NaN'],
    [new Float32Array(3).fill(Number.NEGATIVE_INFINITY), 'nothing but'],
  ])('logits %s are an EngineError that names the token', (row, got) => {
    const sampler = new Sampler({}, 3)
    sampler.next(Float32Array.of(0, 1, 2))
    expect(() => sampler.next(row)).toThrow(
      expect.objectContaining({ code: 'engine', message: expect.stringMatching(`token 2.*\n.*${got}`) }),
    )
  })
})
