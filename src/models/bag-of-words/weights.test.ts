import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoquentError } from '../../errors.ts'
import { writeSafetensors } from '../../formats/safetensors.ts'
import { fitBagOfWords } from './model.ts'
import { Vectorizer } from './vectorizer.ts'
import { loadVectorizer, saveVectorizer } from './vectorizer-files.ts'
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

  it('written before there were more options means what it meant', async () => {
    const model = await fitBagOfWords(texts, two, { tokens: 'words', termFrequency: 'count', C: 10 })
    await saveBagOfWords(model, folder)
    const path = join(folder, 'config.json')
    const { model_type, architectures, id2label, label2id, ngram_range } = JSON.parse(await readFile(path, 'utf8'))
    const old = {
      model_type,
      architectures,
      id2label,
      label2id,
      ngram_range,
      min_document_frequency: 1,
      weighting: 'tf-idf',
      C: 10,
    }
    await writeFile(path, JSON.stringify(old))
    const { vectorizer, linear } = model.parts
    const shape = [vectorizer.columns]
    await writeSafetensors(join(folder, 'model.safetensors'), [
      ['classifier.weight', { dtype: 'F32', shape: [...shape, 1], data: linear.weight }],
      ['classifier.bias', { dtype: 'F32', shape: [1], data: linear.bias }],
      ['idf', { dtype: 'F32', shape, data: Float32Array.from(vectorizer.idf!) }],
    ])
    const answers = (await loadBagOfWords(folder)).classify(texts)
    model.classify(texts).forEach(({ label, scores }, i) => {
      expect(answers[i]!.label).toBe(label)
      expect(answers[i]!.scores.a).toBeCloseTo(scores.a!, 6)
    })
  })

  it.each([
    [{ weighting: 'hashing', hashFeatures: 64 }, ['config.json', 'model.safetensors']],
    [
      { analyzer: 'char_wb', ngramRange: [2, 4], stripAccents: 'unicode' },
      ['config.json', 'model.safetensors', 'vocabulary.json'],
    ],
    [{ stopWords: 'english', classifier: 'svm' }, ['config.json', 'model.safetensors', 'vocabulary.json']],
    [
      { stopWords: ['soup'], classifier: 'naive-bayes', lowercase: false },
      ['config.json', 'model.safetensors', 'vocabulary.json'],
    ],
    [{ weighting: 'binary', maxFeatures: 3, maxDocumentFrequency: 0.9 }, ['config.json', 'model.safetensors', 'vocabulary.json']],
  ] as const)('keeps %j', async (options, files) => {
    const model = await fitBagOfWords(texts, odd, options)
    await saveBagOfWords(model, folder)
    const loaded = await loadBagOfWords(folder)
    expect(loaded.parts.config).toEqual(model.parts.config)
    expect(loaded.classify([...texts, 'Soup souper'])).toEqual(model.classify([...texts, 'Soup souper']))
    expect((await readdir(folder)).sort()).toEqual([...files])
  })

  it('cannot hold a pattern', async () => {
    const model = await fitBagOfWords(texts, odd, { tokens: /[a-z]+/u })
    await expect(saveBagOfWords(model, folder)).rejects.toThrow(/pattern cannot be saved/)
  })

  it('damaged anywhere gives a model or a clear error', async () => {
    await saveBagOfWords(await fitBagOfWords(texts, two), folder)
    const names = ['config.json', 'vocabulary.json', 'model.safetensors']
    const whole = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
    const damage = fc.record({
      name: fc.constantFrom(...names),
      at: fc.nat(4000),
      bytes: fc.uint8Array({ maxLength: 6 }),
      cut: fc.boolean(),
    })
    const check = async ({ name, at, bytes, cut }: { name: string; at: number; bytes: Uint8Array; cut: boolean }) => {
      const damaged = Buffer.from(whole.get(name)!)
      damaged.set(bytes.subarray(0, Math.max(0, damaged.length - (at % damaged.length))), at % damaged.length)
      await writeFile(join(folder, name), cut ? damaged.subarray(0, at % damaged.length) : damaged)
      try {
        const answers = (await loadBagOfWords(folder)).classify([...texts, 'soup'])
        for (const { scores } of answers) expect(Object.values(scores).every(Number.isFinite)).toBe(true)
      } catch (error) {
        if (!(error instanceof LoquentError)) throw error
      } finally {
        await writeFile(join(folder, name), whole.get(name)!)
      }
    }
    await fc.assert(fc.asyncProperty(damage, check), { numRuns: 300 })
  })

  it('of a vectorizer alone gives the same vectors', async () => {
    for (const options of [
      {},
      { weighting: 'count' },
      { weighting: 'hashing' },
      { analyzer: 'char', ngramRange: [2, 3] },
    ] as const) {
      const vectorizer = new Vectorizer(options).fit(texts)
      const place = join(folder, JSON.stringify(Object.values(options)).replace(/\W/g, '_'))
      await saveVectorizer(vectorizer, place)
      const loaded = await loadVectorizer(place)
      expect(loaded.transform([...texts, 'warm Soup'])).toEqual(vectorizer.transform([...texts, 'warm Soup']))
    }
    await expect(saveVectorizer(new Vectorizer(), join(folder, 'unfitted'))).rejects.toThrow(/fitted first/)
    expect(await readdir(folder)).not.toContain('unfitted')
  })

  describe('is refused', () => {
    beforeEach(async () => saveBagOfWords(await fitBagOfWords(texts, two, { ngramRange: [1, 1], tokens: 'words' }), folder))

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
      ['vocabulary.json', '["a","b"]', /idf: must be F64 or F32 \[2\]/],
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
      ['a dtype is wrong', { idf: { dtype: 'I32' as const, shape: [6], data: new Int32Array(6) } }, /idf: must be F64 or F32/],
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
