import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CharTokenizer } from '../../tokenizers/char.ts'
import type { NgramConfig } from './config.ts'
import { NgramModel } from './model.ts'

type Golden = {
  tolerance: number
  cases: {
    config: NgramConfig
    texts: number[][]
    discounts: number[][]
    predictions: { context: number[]; probabilities: number[] }[]
    losses: { ids: number[]; loss: number }[]
  }[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../../test/golden/ngram.json', import.meta.url), 'utf8'))

const largest = (errors: Iterable<number>) => Math.max(...errors)
const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0)
const ids = (...numbers: number[]) => Int32Array.from(numbers)

describe.each(golden.cases.map((c) => [c.config.order, c.config.smoothing, c.texts.flat().length, c] as const))(
  'order %i, %s, on %i tokens',
  (_, __, ___, { config, texts, discounts, predictions, losses }) => {
    const model = NgramModel.train(
      texts.map((text) => Int32Array.from(text)),
      config,
    )

    it('predicts what the reference does', () => {
      expect(largest(model.discounts.flat().map((D, i) => Math.abs(D - discounts.flat()[i]!)))).toBeLessThan(golden.tolerance)
      for (const { context, probabilities } of predictions) {
        const found = model.probabilities(Int32Array.from(context))
        expect(found.length).toBe(config.vocabSize)
        expect(largest(found.map((p, token) => Math.abs(p - probabilities[token]!)))).toBeLessThan(golden.tolerance)
      }
    })

    it('measures what the reference does', () => {
      for (const { ids, loss } of losses) expect(Math.abs(model.loss(Int32Array.from(ids)) - loss)).toBeLessThan(golden.tolerance)
    })

    it('gives every token a share, summing to 1, behind any context', () => {
      for (let seed = 0; seed < 200; seed++) {
        const context = Int32Array.from({ length: seed % 9 }, (_, i) => (seed * 7 + i * i * 5) % config.vocabSize)
        const found = model.probabilities(context)
        expect(Math.min(...found)).toBeGreaterThan(0)
        expect(Math.abs(sum(found) - 1)).toBeLessThan(1e-9)
        const logProbs = model.logProbs(context)
        expect(logProbs).toBeInstanceOf(Float32Array)
        expect(Math.abs(sum(logProbs.map(Math.exp)) - 1)).toBeLessThan(1e-6)
        expect(largest(found.map((p, token) => Math.abs(Math.log(p) - logProbs[token]!)))).toBeLessThan(1e-6)
      }
    })

    it('measures by the same probabilities that it predicts', () => {
      const text = Int32Array.from(losses[0]!.ids)
      const each = Array.from(text, (token, i) => -Math.log(model.probabilities(text.slice(0, i))[token]!))
      expect(model.loss(text)).toBeCloseTo(sum(each) / text.length, 12)
    })
  },
)

describe('an n-gram model', () => {
  it('counts nothing across the end of a text', () => {
    const apart = NgramModel.train([ids(0, 1), ids(), ids(2, 0)], { vocabSize: 3, order: 2 })
    const [p0, p1, p2] = apart.probabilities(ids(1))
    expect([p0, p1, p2]).toEqual([...apart.probabilities(ids())])
  })

  it('takes a text, an array of texts, or what yields them', () => {
    const text = ids(0, 1, 2, 0, 1)
    const texts = function* () {
      yield text
    }
    const models = [text, [text], texts()].map((input) => NgramModel.train(input, { vocabSize: 3 }))
    expect(new Set(models.map((model) => model.loss(text))).size).toBe(1)
    expect(models[0]!.config).toEqual({ vocabSize: 3, order: 6, smoothing: 'kneser-ney' })
  })

  it.each([
    [() => NgramModel.train([], { vocabSize: 3 }), 'data', /at least one token/],
    [() => NgramModel.train(ids(0, 3), { vocabSize: 3 }), 'data', /token 1: ids must be from 0 to 2\n {2}got {4}3/],
    [() => NgramModel.train(ids(-1), { vocabSize: 3 }), 'data', /ids must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 0 }), 'config', /vocabSize must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 2 ** 25 }), 'config', /vocabSize must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 1, order: 2.5 }), 'config', /order must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 1, order: 17 }), 'config', /order must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 1, smoothing: 'laplace' as 'kneser-ney' }), 'config', /smoothing must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 1 }).loss(ids()), 'data', /at least one token/],
    [() => NgramModel.train(ids(0), { vocabSize: 1 }).loss(ids(1)), 'data', /ids must be/],
    [() => NgramModel.train(ids(0), { vocabSize: 1 }).probabilities(ids(1)), 'data', /ids must be/],
  ])('refuses %s', (run, code, message) => {
    expect(run).toThrow(message)
    expect(run).toThrow(expect.objectContaining({ code }))
  })

  const shakespeare = new URL('../../../../shared/data/corpora/input.txt', import.meta.url)
  const present = existsSync(shakespeare)
  it.skipIf(!present).each([
    ['kneser-ney', 1.558],
    ['modified-kneser-ney', 1.5226],
  ] as const)(
    `reads Shakespeare by %s at %d nats a character${present ? '' : ' (skipped: ../shared/data is absent)'}`,
    (smoothing, loss) => {
      const text = readFileSync(shakespeare, 'utf8')
      const tokenizer = CharTokenizer.train(text)
      const all = tokenizer.encode(text)
      const cut = Math.floor(all.length * 0.9)
      const model = NgramModel.train(all.subarray(0, cut), { vocabSize: tokenizer.vocabSize, smoothing })
      expect(Math.abs(model.loss(all.subarray(cut)) - loss)).toBeLessThan(0.001)
    },
  )
})
