import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FormatError } from '../../errors.ts'
import { writeSafetensors } from '../../formats/safetensors.ts'
import { ByteTokenizer } from '../../tokenizers/byte.ts'
import { CharTokenizer } from '../../tokenizers/char.ts'
import { NgramModel } from './model.ts'
import { loadNgram, saveNgram } from './weights.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-ngram-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const text = 'she sells sea shells by the sea shore'
const chars = CharTokenizer.train(text)
const trainOn = (tokenizer: CharTokenizer | ByteTokenizer, options: { order?: number; smoothing?: 'modified-kneser-ney' } = {}) =>
  NgramModel.train(tokenizer.encode(text), { vocabSize: tokenizer.vocabSize, ...options })

describe('an n-gram folder', () => {
  it.each([
    [chars, {}],
    [chars, { order: 1 }],
    [new ByteTokenizer(), { order: 3, smoothing: 'modified-kneser-ney' }],
    [chars, { order: 16 }],
  ] as const)('gives back the model of %# bit for bit', async (tokenizer, options) => {
    const saved = trainOn(tokenizer, options)
    await saveNgram(saved, tokenizer, folder)
    const { model, tokenizer: loaded } = await loadNgram(folder)
    expect(model.config).toEqual(saved.config)
    expect(model.trie).toEqual(saved.trie)
    expect(loaded.toJSON()).toEqual(tokenizer.toJSON())
    for (const context of ['', 's', 'sea', 'yyyy', text].map((context) => loaded.encode(context))) {
      expect(model.probabilities(context)).toEqual(saved.probabilities(context))
    }
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json'])
  })

  it('names its architecture as Hugging Face does', async () => {
    await saveNgram(trainOn(chars), chars, folder)
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual({
      model_type: 'ngram',
      architectures: ['NgramForCausalLM'],
      vocab_size: chars.vocabSize,
      order: 6,
      smoothing: 'kneser-ney',
    })
  })

  it('is not written with the tokenizer of another model', async () => {
    await expect(saveNgram(trainOn(chars), new ByteTokenizer(), folder)).rejects.toThrow(/must be that of its tokenizer/)
  })

  describe('is refused', () => {
    // abcb: a b c | ab bc cb | and, below order 3, abc bcb as the leaves
    const small = CharTokenizer.train('abc')
    const model = NgramModel.train(small.encode('abcb'), { vocabSize: 3, order: 3 })
    beforeEach(() => saveNgram(model, small, folder))

    it.each([
      ['config.json', 'not json', /config\.json: the file must be JSON/],
      ['config.json', '[]', /config\.json: the file/],
      ['tokenizer.json', '{}', /tokenizer\.json\.version/],
      ['tokenizer.json', '', /tokenizer\.json: the file must be JSON/],
      ['tokenizer.json', JSON.stringify(chars), /must be that of its tokenizer/],
      ['model.safetensors', 'short', /safetensors/],
    ])('where %s holds %s', async (name, content, message) => {
      await writeFile(join(folder, name), content)
      await expect(loadNgram(folder)).rejects.toThrow(message)
    })

    it.each([
      [{ model_type: 'gpt2' }, /model_type/],
      [{ vocab_size: 4 }, /must be that of its tokenizer/],
      [{ vocab_size: 1e12 }, /vocabSize must be/],
      [{ vocab_size: undefined }, /vocab_size/],
      [{ order: 2 }, /children: must lead to all 9 nodes in 2 levels/],
      [{ order: 4 }, /children: must lead to all 9 nodes in 4 levels/],
      [{ order: 1e9 }, /order must be/],
      [{ order: '3' }, /order/],
      [{ smoothing: 'laplace' }, /smoothing/],
    ])('where config.json says %j', async (changes, message) => {
      const path = join(folder, 'config.json')
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }))
      await expect(loadNgram(folder)).rejects.toThrow(message)
    })

    it.each([
      ['a tensor is missing', { counts: undefined }, /counts: must be I32 with one axis\n.*no such tensor/],
      ['a dtype is wrong', { tokens: new Float32Array(9) }, /tokens: must be I32 with one axis\n.*F32 \[9\]/],
      ['nothing was counted', { tokens: [], counts: [], children: [] }, /children: must have/],
      ['counts are cut', { counts: [4, 1, 2, 1] }, /counts: must have the length of tokens, 9/],
      ['there are more parents than nodes', { children: [1, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9] }, /children: must have 2 to 10/],
      ['children begin before the first', { children: [0, 4, 5, 6, 7, 8, 9, 9] }, /children: must rise from 1/],
      ['children begin below', { children: [1, 4, 5, 6, -7, 8, 9, 9] }, /children: must rise/],
      ['children end beyond', { children: [1, 4, 5, 6, 7, 8, 9, 10] }, /children: must rise from 1 to 9/],
      ['children turn back', { children: [1, 4, 6, 5, 7, 8, 9, 9] }, /children: must rise/],
      ['children end early', { children: [1, 4, 5, 6, 7, 8, 8, 8] }, /children: must lead/],
      [
        'there is a node too many',
        { tokens: [-1, 0, 1, 2, 1, 2, 1, 2, 1, 0], counts: new Array(10).fill(1) },
        /children: must lead/,
      ],
      ['a token is unknown', { tokens: [-1, 0, 1, 3, 1, 2, 1, 2, 1] }, /tokens: must be below.*, 3/],
      ['a token is negative', { tokens: [-1, -1, 1, 2, 1, 2, 1, 2, 1] }, /tokens: must rise/],
      ['a token comes twice', { tokens: [-1, 0, 1, 1, 1, 2, 1, 2, 1] }, /tokens: must rise/],
      ['the empty n-gram has a token', { tokens: [0, 0, 1, 2, 1, 2, 1, 2, 1] }, /tokens: must be -1/],
      ['a suffix is missing', { tokens: [-1, 0, 1, 2, 1, 2, 1, 0, 1] }, /tokens: must hold the suffix/],
      ['a count is zero', { counts: [4, 1, 2, 1, 1, 1, 1, 0, 1] }, /counts: must be at least 1/],
      ['a count is negative', { counts: [4, 1, 2, 1, 1, 1, 1, 1, -1] }, /counts: must be at least 1/],
      ['a count of predecessors is wrong', { counts: [4, 1, 9, 1, 1, 1, 1, 1, 1] }, /counts: must be those.*\n.*9 at index 2/],
      [
        'counts exceed the text',
        { counts: [4, 1, 2, 1, 1, 1, 1, 2 ** 31 - 1, 2 ** 31 - 1] },
        /counts: must be those.*\n.*index 7/,
      ],
    ])('where %s', async (_, changes, message) => {
      const good = { tokens: model.trie.tokens, counts: model.trie.counts, children: model.trie.children }
      expect([...good.tokens, ...good.counts, ...good.children]).toEqual([
        ...[-1, 0, 1, 2, 1, 2, 1, 2, 1],
        ...[4, 1, 2, 1, 1, 1, 1, 1, 1],
        ...[1, 4, 5, 6, 7, 8, 9, 9],
      ])
      const tensors = Object.entries({ ...good, ...changes }).flatMap(([name, data]) => {
        if (data === undefined) return []
        const dtype = data instanceof Float32Array ? ('F32' as const) : ('I32' as const)
        return [[name, { dtype, shape: [data.length], data: Array.isArray(data) ? Int32Array.from(data) : data }] as const]
      })
      await writeSafetensors(join(folder, 'model.safetensors'), tensors)
      await expect(loadNgram(folder)).rejects.toThrow(message)
      await expect(loadNgram(folder)).rejects.toThrow(expect.objectContaining({ code: 'format' }))
    })

    it.each(['config.json', 'tokenizer.json', 'model.safetensors'])('without %s', async (name) => {
      await rm(join(folder, name))
      await expect(loadNgram(folder)).rejects.toThrow(name)
      await expect(loadNgram(folder)).rejects.toMatchObject({ code: 'data' })
    })
  })

  it('whose bytes were changed is refused, or is a model all the same', async () => {
    await saveNgram(NgramModel.train(chars.encode(text), { vocabSize: chars.vocabSize, order: 3 }), chars, folder)
    const path = join(folder, 'model.safetensors')
    const bytes = await readFile(path)
    let refused = 0
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes)
      changed[at] = changed[at]! ^ (1 << (at % 8))
      await writeFile(path, changed)
      const result = await loadNgram(folder).catch((error) => error)
      if (result instanceof Error) {
        expect(result).toBeInstanceOf(FormatError)
        refused++
        continue
      }
      for (const context of [[], [3], [5, 2, 4]]) {
        const sum = result.model.probabilities(Int32Array.from(context)).reduce((a: number, b: number) => a + b, 0)
        expect(Math.abs(sum - 1)).toBeLessThan(1e-9)
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 7 / 2)
  })
})
