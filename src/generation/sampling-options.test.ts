import { describe, expect, it } from 'vitest'
import { type SamplingOptions, samplingOf } from './sampling-options.ts'

describe('sampling options', () => {
  it.each<[keyof SamplingOptions, unknown, string]>([
    ['temperature', -1, '-1'],
    ['temperature', Number.NaN, 'NaN'],
    ['temperature', Number.POSITIVE_INFINITY, 'Infinity'],
    ['topK', -1, '-1'],
    ['topK', 1.5, '1.5'],
    ['topK', Number.NaN, 'NaN'],
    ['topP', 0, '0'],
    ['topP', 1.1, '1.1'],
    ['topP', Number.NaN, 'NaN'],
    ['topP', '0.5', '"0.5"'],
    ['topP', null, 'null'],
    ['minP', -0.1, '-0.1'],
    ['minP', 1.1, '1.1'],
    ['minP', Number.NaN, 'NaN'],
    ['repetitionPenalty', 0, '0'],
    ['repetitionPenalty', -1, '-1'],
    ['repetitionPenalty', Number.NaN, 'NaN'],
    ['frequencyPenalty', Number.NaN, 'NaN'],
    ['frequencyPenalty', Number.POSITIVE_INFINITY, 'Infinity'],
    ['presencePenalty', Number.NaN, 'NaN'],
    ['topLogprobs', 101, '101'],
    ['topLogprobs', -1, '-1'],
    ['seed', 0.5, '0.5'],
    ['seed', 2 ** 60, `${2 ** 60}`],
    ['logitBias', { 6: 1 }, '"6": 1'],
    ['logitBias', { [-1]: 1 }, '"-1": 1'],
    ['logitBias', { word: 1 }, '"word": 1'],
    ['logitBias', { 0: Number.NaN }, '"0": NaN'],
    ['logitBias', { 0: '1' }, '"0": "1"'],
    ['logitBias', new Map([[6, 1]]), '6: 1'],
    ['logitBias', new Map([[0.5, 1]]), '0.5: 1'],
  ])('%s %j is a ConfigError with place, rule, what came and what to do', (name, value, got) => {
    const parts = new RegExp(`^sampling option ${name}: .+\n {2}got {4}${got}\n {2}try {4}.+`)
    expect(() => samplingOf({ [name]: value }, 6)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'config', message: expect.stringMatching(parts) }),
    )
  })

  it('left out or undefined change nothing', () => {
    const sampling = samplingOf({ temperature: undefined, seed: 1, logitBias: undefined }, 6)
    expect(sampling).toEqual({
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      logitBias: [],
      topLogprobs: 0,
      seed: 1,
    })
  })

  it('take a bias as a record or a map, up to the last token', () => {
    expect(samplingOf({ logitBias: { 0: -1, 5: 2 } }, 6).logitBias).toEqual([
      [0, -1],
      [5, 2],
    ])
    expect(samplingOf({ logitBias: new Map([[5, Number.NEGATIVE_INFINITY]]) }, 6).logitBias).toEqual([
      [5, Number.NEGATIVE_INFINITY],
    ])
  })
})
