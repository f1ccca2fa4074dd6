/** What must hold for any texts, and what must be refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineSimilarities, cosineSimilarity } from './cosine.ts'
import { fitBagOfWords } from './model.ts'
import { rowAt, rowCount } from './sparse-rows.ts'
import { Vectorizer } from './vectorizer.ts'

const words = fc.constantFrom('a', 'b', 'cat', 'Cat', "don't", 'é', 'Ä', '漢', '😀', '.', '\ud800', ' ', 'zebra')
const text = fc.array(words, { maxLength: 12 }).map((list) => list.join(' '))
const texts = fc.array(text, { minLength: 1, maxLength: 8 })
const options = fc.record({
  weighting: fc.constantFrom('count', 'binary', 'tf-idf', 'hashing'),
  analyzer: fc.constantFrom('word', 'char', 'char_wb'),
  tokens: fc.constantFrom('words', 'words-and-punctuation', 'scikit-learn'),
  ngramRange: fc.constantFrom([1, 1], [1, 2], [2, 3], [3, 3]),
  norm: fc.constantFrom('l1', 'l2', 'none', undefined),
  hashFeatures: fc.constantFrom(1, 7, 1024),
} as const)

const noTerm = (error: unknown) => /no term of/.test(String(error))

describe('a vectorizer', () => {
  it('gives the same rows for texts in any order, and the same terms', () => {
    fc.assert(
      fc.property(texts, options, fc.infiniteStream(fc.nat()), (list, given, random) => {
        const order = list.map((_, i) => ({ i, key: random.next().value })).sort((a, b) => a.key - b.key || a.i - b.i)
        const [one, other] = [new Vectorizer(given), new Vectorizer(given)]
        try {
          const rows = one.fitTransform(list)
          const moved = other.fitTransform(order.map(({ i }) => list[i]!))
          expect(moved.columns).toBe(rows.columns)
          if (given.weighting !== 'hashing') expect(other.terms).toEqual(one.terms)
          order.forEach(({ i }, row) => {
            expect(rowAt(moved, row)).toEqual(rowAt(rows, i))
          })
        } catch (error) {
          if (!noTerm(error)) throw error
        }
      }),
    )
  })

  it('transforms what it was fitted on to the same rows, alone or together, with rising columns and finite values', () => {
    fc.assert(
      fc.property(texts, options, text, (list, given, unseen) => {
        const vectorizer = new Vectorizer(given)
        try {
          const rows = vectorizer.fitTransform(list)
          expect(vectorizer.transform(list)).toEqual(rows)
          const all = vectorizer.transform([...list, unseen])
          list.forEach((one, row) => {
            expect(rowAt(vectorizer.transform([one]), 0)).toEqual(rowAt(rows, row))
          })
          expect(rowAt(vectorizer.transform([unseen]), 0)).toEqual(rowAt(all, list.length))
          for (let row = 0; row < rowCount(all); row++) {
            const { ids, values } = rowAt(all, row)
            expect([...ids]).toEqual([...new Set(ids)].sort((a, b) => a - b))
            expect(values.every(Number.isFinite)).toBe(true)
          }
          if (given.weighting !== 'hashing') {
            vectorizer.inverse(rows).forEach((terms, row) => {
              expect(terms.map((term) => vectorizer.columnOf(term))).toEqual([...rowAt(rows, row).ids])
            })
          }
        } catch (error) {
          if (!noTerm(error)) throw error
        }
      }),
    )
  })

  it('takes texts from anything that can be iterated, a few at a time', () => {
    const list = ['one two', 'two three', 'three']
    const stream = function* () {
      yield* list
    }
    expect(new Vectorizer().fitTransform(stream())).toEqual(new Vectorizer().fitTransform(list))
  })

  it('learns nothing from a failed transform', () => {
    const vectorizer = new Vectorizer().fit(['a b', 'b c'])
    const failing = function* () {
      yield 'a a a'
      throw new Error('disk')
    }
    expect(() => vectorizer.transform(failing())).toThrow('disk')
    expect(vectorizer.transform(['a'])).toEqual(new Vectorizer().fit(['a b', 'b c']).transform(['a']))
  })

  it('has an empty row for a text without a known term', () => {
    const vectorizer = new Vectorizer().fit(['a b'])
    expect([...vectorizer.transform(['x', '', 'a']).starts]).toEqual([0, 0, 0, 1])
  })

  it.each([
    [[], /no term.*\n.*0 texts/],
    [['', ' '], /no term/],
    [['…', '!'], /no term of 1 to 1 words/],
  ])('refuses to fit on %j', (list, message) => {
    expect(() => new Vectorizer().fit(list)).toThrow(message)
    expect(() => new Vectorizer().fit(list)).toThrow(expect.objectContaining({ code: 'data' }))
  })

  it('refuses what cannot be meant', () => {
    expect(() => new Vectorizer().fit('one text')).toThrow(/list of texts/)
    expect(() => new Vectorizer().transform(['a'])).toThrow(/fitted first/)
    expect(() => new Vectorizer().terms).toThrow(/fitted first/)
    expect(() => new Vectorizer({ weighting: 'hashing' }).terms).toThrow(/keeps no terms/)
    expect(() => new Vectorizer({ stopWords: ['a'] }).fit(['a a'])).toThrow(/no term/)
    expect(() => new Vectorizer({ tokens: /[a-z ]+/u, ngramRange: [1, 2] }).fit(['a b'])).toThrow(/must not match spaces/)
    const rows = new Vectorizer().fitTransform(['a b'])
    expect(() => new Vectorizer().fit(['a']).inverse(rows)).toThrow(/column for each term/)
  })

  it('knows its stop words as English ones', () => {
    const vectorizer = new Vectorizer({ stopWords: 'english', ngramRange: [1, 2] }).fit(["The cat doesn't sit on the mat"])
    expect(vectorizer.terms).toEqual(['cat', 'cat sit', 'mat', 'sit', 'sit mat'])
  })
})

describe('cosine similarity', () => {
  const rows = new Vectorizer({ weighting: 'count' }).fitTransform(['a a b', 'b', 'c d', '', 'a a b a a b'])

  it('is 1 in the same direction, 0 without a common term or any', () => {
    const expected = [
      [1, 1 / Math.sqrt(5), 0, 0, 1],
      [1 / Math.sqrt(5), 1, 0, 0, 1 / Math.sqrt(5)],
      [0, 0, 1, 0, 0],
      [0, 0, 0, 0, 0],
      [1, 1 / Math.sqrt(5), 0, 0, 1],
    ].flat()
    const all = cosineSimilarities(rows)
    expected.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 5), at % 5]
      expect(all[at]).toBeCloseTo(value, 14)
      expect(cosineSimilarity(rowAt(rows, i), rowAt(rows, j))).toBeCloseTo(value, 14)
    })
  })

  it('needs the same columns', () => {
    expect(() => cosineSimilarities(rows, new Vectorizer().fitTransform(['a']))).toThrow(/same columns/)
  })
})

describe.each(['logistic', 'naive-bayes', 'svm'] as const)('the classifier %s', (classifier) => {
  const corpus = ['good soup', 'good warm soup', 'bad soup', 'bad cold soup', 'rain']
  const truth = ['yes', 'yes', 'no', 'no', 'so-so']

  it('learns, also from one example of a label, and sums its probabilities to 1', async () => {
    const model = await fitBagOfWords(corpus, truth, { classifier })
    const answers = model.classify([...corpus, 'unheard', ''])
    expect(answers.slice(0, 5).map(({ label }) => label)).toEqual(truth)
    for (const { scores } of answers) {
      expect(Object.values(scores).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      expect(Object.values(scores).every((p) => p >= 0 && p <= 1)).toBe(true)
    }
    expect(model.mostTelling('so-so', 1)[0]!.term).toBe('rain')
    expect(model.mostTelling('no', 9).map(({ term }) => term)).toContain('cold')
  })

  it('does the same with two labels, texts without a term among them, every weighting', async () => {
    for (const weighting of ['count', 'binary', 'tf-idf', 'hashing'] as const) {
      const config = { classifier, weighting, alternateSign: false, hashFeatures: 4096 }
      const model = await fitBagOfWords([...corpus, '\u200b'], ['a', 'a', 'b', 'b', 'b', 'b'], config)
      expect(model.classify(['good warm soup', 'bad cold soup']).map(({ label }) => label)).toEqual(['a', 'b'])
      if (weighting === 'hashing') expect(() => model.mostTelling('a', 1)).toThrow(/keeps no terms/)
    }
  })
})
