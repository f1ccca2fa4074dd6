import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KeyedVectors } from './keyed-vectors.ts'
import { embedTexts, SentenceEmbedder, WEIGHTINGS } from './sentence-embedding.ts'
import { knownWords } from './text-words.ts'

const golden = JSON.parse(readFileSync('test/golden/word_vectors.json', 'utf8'))
const vectors = Float32Array.from(golden.vectors.flat())
const kv = new KeyedVectors({ words: golden.words, vectors, counts: golden.counts })
const texts: string[] = golden.sentences.texts

describe('texts as vectors', () => {
  it.each(WEIGHTINGS)('%s equals the reference', (weighting) => {
    const answers = embedTexts(kv, texts, { weighting })
    for (const [i, { embedding, unknown }] of answers.entries()) {
      expect(unknown).toBe(0)
      for (const [c, x] of golden.sentences[weighting][i].entries()) expect(embedding[c]).toBeCloseTo(x, 6)
    }
  })

  it.each(WEIGHTINGS)('%s: order neither of texts nor of words matters', (weighting) => {
    const turned = [...texts].reverse().map((text) => text.split(' ').reverse().join(' '))
    const answers = embedTexts(kv, turned, { weighting }).reverse()
    for (const [i, { embedding }] of embedTexts(kv, texts, { weighting }).entries()) {
      for (const [c, x] of embedding.entries()) expect(answers[i].embedding[c]).toBeCloseTo(x, 6)
    }
  })

  it('weights of some texts serve others', () => {
    const embedder = new SentenceEmbedder(kv, texts, { weighting: 'sif' })
    const [alone] = embedder.embed([texts[2]])
    expect(alone).toEqual(embedder.embed(texts)[2])
  })

  it('a document is the mean of its sentences', () => {
    const [document] = embedTexts(kv, ['The king. Bread and tea!'], { level: 'document' })
    const [one, two] = embedTexts(kv, ['king', 'bread tea'])
    expect(document).toMatchObject({ words: 3, unknown: 2 })
    for (const [c, x] of document.embedding.entries()) expect(x).toBeCloseTo((one.embedding[c] + two.embedding[c]) / 2, 6)
  })

  it('a text without a known word has the zero vector, and says so', () => {
    expect(embedTexts(kv, ['?!', 'Atlantis', ''])).toEqual(
      [0, 1, 0].map((unknown) => ({ embedding: new Float32Array(8), words: 0, unknown })),
    )
  })

  it('weights need texts to compare', () => {
    expect(() => embedTexts(kv, ['king'], { weighting: 'sif' })).toThrow('needs at least two')
    expect(() => embedTexts(kv, ['king', 'Atlantis'], { weighting: 'tf-idf' })).toThrow('in which some word is known')
    expect(embedTexts(kv, ['king', 'king'], { weighting: 'sif' })[0].embedding.every((x) => Math.abs(x) < 1e-6)).toBe(true)
  })
})

it('words are looked up as they stand, then in lower case, then in pieces', () => {
  const known = (word: string) => ['Oslo', 'the', 'don’t', "can't", '日本', '茶', 'zoë', '👩‍👧'].includes(word)
  expect(knownWords('THE Oslo OSLO, don’t can’t; Zoë 日本茶 👩‍👧 x', known)).toEqual({
    words: ['the', 'Oslo', 'don’t', "can't", 'zoë', '日本', '茶', '👩‍👧'],
    unknown: 2,
  })
})
