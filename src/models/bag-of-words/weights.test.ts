import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeSafetensors } from '../../formats/safetensors.ts'
import { fitBagOfWords } from './model.ts'
import { loadBagOfWords, saveBagOfWords } from './weights.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-bag-of-words-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const texts = ['good soup', 'good warm soup', 'bad soup', 'bad cold soup', '…', 'no soup']
const odd = ['good', 'good', '__proto__', '__proto__', '', '']
const two = ['b', 'b', 'a', 'a', 'a', 'a']

describe('a bag-of-words folder', () => {
  it.each([
    [odd, 'tf-idf'],
    [two, 'tf-idf'],
    [two, 'count'],
  ] as const)('gives back the model of labels %j by %s, bit for bit', async (truth, weighting) => {
    const model = await fitBagOfWords(texts, truth, { weighting })
    await saveBagOfWords(model, folder)
    const loaded = await loadBagOfWords(folder)
    expect(loaded.classify([...texts, 'warm soup'])).toEqual(model.classify([...texts, 'warm soup']))
    expect(loaded.mostTelling(truth[0], 5)).toEqual(model.mostTelling(truth[0], 5))
    expect(loaded.parts.config).toEqual(model.parts.config)
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'vocabulary.json'])
  })

  it('names its architecture and its labels as Hugging Face does', async () => {
    await saveBagOfWords(await fitBagOfWords(texts, two), folder)
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'bag-of-words',
      architectures: ['BagOfWordsForSequenceClassification'],
      id2label: { 0: 'a', 1: 'b' },
      label2id: { a: 0, b: 1 },
    })
  })

  describe('is refused', () => {
    beforeEach(async () => saveBagOfWords(await fitBagOfWords(texts, two, { ngramRange: [1, 1] }), folder))

    const floats = (shape: number[], fill = 0) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return { dtype: 'F32' as const, shape, data: new Float32Array(size).fill(fill) }
    }
    const good = { 'classifier.weight': floats([6, 1]), 'classifier.bias': floats([1]), idf: floats([6], 1) }

    it.each([
      ['config.json', 'not json', /config\.json: the file must be JSON/],
      ['config.json', '[]', /config\.json: the file/],
      ['vocabulary.json', '{}', /distinct terms/],
      ['vocabulary.json', '[]', /distinct terms/],
      ['vocabulary.json', '["a","a","b","c","d","e"]', /distinct terms/],
      ['vocabulary.json', '["a",1]', /distinct terms/],
      ['vocabulary.json', '["a","b"]', /classifier\.weight: must be F32 \[2, 1\]/],
      ['model.safetensors', 'short', /safetensors/],
    ])('where %s holds %s', async (name, content, message) => {
      await writeFile(join(folder, name), content)
      await expect(loadBagOfWords(folder)).rejects.toThrow(message)
    })

    it.each([
      [{ model_type: 'bert' }, /model_type/],
      [{ id2label: { 0: 'a', 1: 'b', 2: 'c' } }, /must be F32 \[6, 3\]/],
      [{ id2label: { 0: 'a', 2: 'b' } }, /id2label must name/],
      [{ id2label: { 0: 'a', 1: 'a' } }, /id2label must name/],
      [{ id2label: { 0: 'a' } }, /id2label must name/],
      [{ id2label: undefined }, /id2label/],
      [{ ngram_range: [1, 1e9] }, /ngramRange/],
      [{ ngram_range: [1] }, /ngram_range/],
      [{ weighting: 'bm25' }, /weighting/],
      [{ C: -1 }, /C must be/],
    ])('where config.json says %j', async (changes, message) => {
      const path = join(folder, 'config.json')
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }))
      await expect(loadBagOfWords(folder)).rejects.toThrow(message)
    })

    it.each([
      ['a weight is missing', { 'classifier.weight': undefined }, /classifier\.weight.*\n.*no such tensor/],
      ['a shape is wrong', { 'classifier.weight': floats([1, 6]) }, /must be F32 \[6, 1\]/],
      ['a dtype is wrong', { idf: { dtype: 'I32' as const, shape: [6], data: new Int32Array(6) } }, /idf: must be F32/],
      ['a weight is no number', { 'classifier.bias': floats([1], Number.NaN) }, /finite/],
    ])('where %s', async (_, changes, message) => {
      const tensors = Object.entries({ ...good, ...changes }).filter((entry) => entry[1] !== undefined)
      await writeSafetensors(join(folder, 'model.safetensors'), tensors as [string, typeof good.idf][])
      await expect(loadBagOfWords(folder)).rejects.toThrow(message)
    })

    it.each(['config.json', 'vocabulary.json', 'model.safetensors'])('without %s', async (name) => {
      await rm(join(folder, name))
      await expect(loadBagOfWords(folder)).rejects.toThrow(name)
      await expect(loadBagOfWords(folder)).rejects.toMatchObject({ code: 'data' })
    })
  })
})
