/** What every tokenizer of a language model keeps to. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJSON } from './load.ts'
import type { Tokenizer } from './tokenizer.ts'

/** @param texts  that the tokenizer can express */
export function tokenizerContract(tokenizer: Tokenizer, texts: readonly string[]): void {
  const stream = (ids: Iterable<number>) => {
    const decoder = tokenizer.decoder()
    return [...Array.from(ids, (id) => decoder.push(id)), decoder.finish()]
  }

  it.each(texts.map((text) => [text]))('gives back %j', (text) => {
    const ids = tokenizer.encode(text)
    expect(ids).toBeInstanceOf(Int32Array)
    expect(tokenizer.decode(ids)).toBe(text)
    expect(tokenizer.decode([...ids])).toBe(text)
  })

  it('streams what it decodes, and never part of a code point', () => {
    for (const text of texts) {
      const pieces = stream(tokenizer.encode(text))
      expect(pieces.join('')).toBe(text)
      expect(pieces.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([])
      expect(pieces.at(-1)).toBe('')
    }
  })

  it('streams what it decodes, whatever the ids', () => {
    const ids = fc.array(fc.nat({ max: tokenizer.vocabSize - 1 }), { maxLength: 40 })
    fc.assert(fc.property(ids, (ids) => stream(ids).join('') === tokenizer.decode(ids)))
  })

  it('names every token once', () => {
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenOf(id))
    expect(new Set(tokens).size).toBe(tokenizer.vocabSize)
    const { model } = tokenizer.toJSON() as { model: { vocab: Record<string, number> } }
    expect(model.vocab).toEqual(Object.fromEntries(tokens.map((token, id) => [token, id])))
  })

  it('is the same after tokenizer.json', () => {
    const loaded = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)), 'tokenizer.json')
    expect(loaded.constructor).toBe(tokenizer.constructor)
    expect(loaded.toJSON()).toEqual(tokenizer.toJSON())
    for (const text of texts) expect(loaded.encode(text)).toEqual(tokenizer.encode(text))
  })

  it.each([-1, 0.5, Number.NaN, tokenizer.vocabSize])('refuses the id %d', (id) => {
    for (const use of [() => tokenizer.decode([id]), () => tokenizer.tokenOf(id), () => tokenizer.decoder().push(id)]) {
      expect(use).toThrow(`ids must be whole numbers from 0 to ${tokenizer.vocabSize - 1}`)
      expect(use).toThrow(expect.objectContaining({ code: 'data' }))
    }
  })

  describe('refuses a tokenizer.json', () => {
    const written = () => JSON.parse(JSON.stringify(tokenizer))
    const changed = (change: (json: any) => void) => {
      const json = written()
      change(json)
      return json
    }

    it.each([
      ['that is null', null],
      ['that is an array', []],
      ['that is a string', 'tokenizer'],
      ['without a model', changed((json) => delete json.model)],
      ['whose model is a list', changed((json) => (json.model = []))],
      ['of another model', changed((json) => (json.model.type = 'Unigram'))],
      ['with another key in its model', changed((json) => (json.model.extra = 1))],
      ['with another key', changed((json) => (json.toString = 1))],
      ['without a version', changed((json) => delete json.version)],
      ['that cuts texts', changed((json) => (json.truncation = { max_length: 3 }))],
      ['that adds tokens', changed((json) => (json.added_tokens = [{ id: 0, content: 'a' }]))],
      ['without a vocabulary', changed((json) => delete json.model.vocab)],
      ['with a vocabulary of nothing', changed((json) => (json.model.vocab = {}))],
      ['with a vocabulary as a list', changed((json) => (json.model.vocab = Object.keys(json.model.vocab)))],
      ['with a gap', changed((json) => delete json.model.vocab[tokenizer.tokenOf(0)])],
      ['with an id twice', changed((json) => (json.model.vocab[tokenizer.tokenOf(1)] = 0))],
      ['with half an id', changed((json) => (json.model.vocab[tokenizer.tokenOf(1)] = 0.5))],
      ['with a long token', changed((json) => (json.model.vocab.long = tokenizer.vocabSize))],
      ['with an empty token', changed((json) => (json.model.vocab[''] = tokenizer.vocabSize))],
    ])('%s', (_, json) => {
      expect(() => tokenizerFromJSON(json, 'a/tokenizer.json')).toThrow(/^a\/tokenizer\.json/)
      expect(() => tokenizerFromJSON(json, 'a/tokenizer.json')).toThrow(expect.objectContaining({ code: 'format' }))
    })
  })
}
