import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError, DataError } from '../errors.ts'
import type { LabelledData } from './labelled.ts'
import { randomNumbers, shuffled } from './shuffle.ts'
import { splitLabelled } from './split.ts'

function data(...labels: string[]): LabelledData {
  const texts = labels.map((_, i) => `text ${i}`)
  return { texts, labels, labelNames: [...new Set(labels)].sort(), textColumn: 't', labelColumn: 'l', skipped: 0 }
}

const count = (labels: string[], name: string) => labels.filter((label) => label === name).length

test('both parts have the classes in proportion, together everything once, in the order of the file', () => {
  const all = data(...Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 'rare' : i % 2 ? 'a' : 'b')))
  const { train, test: held } = splitLabelled(all, { testFraction: 0.2, seed: 1 })
  expect(['rare', 'a', 'b'].map((name) => [count(train.labels, name), count(held.labels, name)])).toEqual([
    [8, 2],
    [40, 10],
    [32, 8],
  ])
  const order = (texts: string[]) => texts.map((text) => Number(text.slice(5)))
  expect([...order(train.texts), ...order(held.texts)].sort((a, b) => a - b)).toEqual(order(all.texts))
  expect(order(train.texts)).toEqual(order(train.texts).sort((a, b) => a - b))
  for (const part of [train, held])
    for (const [i, row] of order(part.texts).entries()) expect(part.labels[i]).toBe(all.labels[row])
})

test('whatever the sizes, a class of two or more is in both parts and a lone text is for training', () => {
  const labels = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 4, maxLength: 40 })
  fc.assert(
    fc.property(labels, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer(), (labels, testFraction, seed) => {
      const { train, test: held } = splitLabelled(data(...labels), { testFraction, seed })
      for (const name of new Set(labels)) {
        expect(count(train.labels, name)).toBeGreaterThan(0)
        expect(count(held.labels, name) > 0).toBe(count(labels, name) > 1)
      }
      expect(train.labels.length + held.labels.length).toBe(labels.length)
    }),
  )
})

test('the same seed gives the same split, another one another', () => {
  const all = data(...Array.from({ length: 60 }, (_, i) => (i % 2 ? 'a' : 'b')))
  const split = (seed: number) => splitLabelled(all, { testFraction: 0.25, seed }).test.texts
  expect(split(7)).toEqual(split(7))
  expect(split(7)).not.toEqual(split(8))
})

test('what cannot be split says why', () => {
  for (const testFraction of [0, 1, -1, Number.NaN]) {
    expect(() => splitLabelled(data('a', 'b'), { testFraction, seed: 1 })).toThrow(ConfigError)
  }
  expect(() => splitLabelled(data('a', 'b'), { testFraction: 0.5, seed: 1 })).toThrow(DataError)
})

test('shuffling keeps the items, moves every one everywhere, and leaves the original alone', () => {
  const random = randomNumbers(3)
  const seen = Array.from({ length: 5 }, () => new Array(5).fill(0))
  const items = [0, 1, 2, 3, 4]
  for (let i = 0; i < 5000; i++) {
    const copy = shuffled(items, random)
    for (const [place, item] of copy.entries()) seen[item]![place]++
  }
  expect(items).toEqual([0, 1, 2, 3, 4])
  for (const hits of seen.flat()) expect(Math.abs(hits - 1000)).toBeLessThan(150) // about five standard deviations
})

test('random numbers are uniform, and neighbouring seeds unrelated', () => {
  const draw = (seed: number) => Array.from({ length: 10_000 }, randomNumbers(seed))
  const [a, b] = [draw(1), draw(2)]
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean(a) - 0.5)).toBeLessThan(0.015)
  expect(Math.abs(mean(a.map((value, i) => (value - 0.5) * (b[i]! - 0.5))))).toBeLessThan(0.005)
})
