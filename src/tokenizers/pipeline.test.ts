import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJSON } from './load.ts'
import { PipelineTokenizer } from './pipeline.ts'

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/golden/tokenizers/${name}.json`, import.meta.url), 'utf8'))
const { models, cases } = golden('parts')

/** A file of parts.json, whose special tokens have the ids of its model. */
function fileOf(name: string): any {
  const { model, options, ...found } = cases.find((test: { name: string }) => test.name === name)
  const keys = ['truncation', 'padding', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder']
  const parts = Object.fromEntries(keys.map((key) => [key, found[key] ?? null]))
  const added = (found.added_tokens ?? []).filter(({ id }: { id: number }) => id < 9000)
  return structuredClone({ version: '1.0', ...parts, added_tokens: added, model: { ...models[model], ...options } })
}
const tokenizerOf = (name: string) => PipelineTokenizer.fromJSON(fileOf(name), 'tokenizer.json')

describe('byte-level BPE', () => {
  const tokenizer = tokenizerOf('model levels')

  it('gives back any text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())
    fc.assert(fc.property(text, (text) => tokenizer.decode(tokenizer.encode(text)) === text))
  })

  it('streams what it decodes, and never part of a code point', () => {
    const stream = tokenizer.decoder()
    const pieces = Array.from(tokenizer.encode('é😀 the 東京'), (id) => stream.push(id))
    expect(pieces.join('') + stream.finish()).toBe('é😀 the 東京')
    expect(pieces.filter((piece) => /\p{Surrogate}|\ufffd/u.test(piece))).toEqual([])
  })

  it('has offsets that lie in the text, in order, and are whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        let last = 0
        for (const [start, end] of tokenizer.encoding(text).offsets) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          expect(/\p{Surrogate}/u.test(text.slice(start, end))).toBe(false)
          last = start
        }
      }),
    )
  })

  it('takes half a character for U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud83db'))).toBe('a\ufffdb')
    expect(tokenizer.encoding('a\ud83db').ids).toEqual(tokenizer.encoding('a\ufffdb').ids)
  })

  it.each([-1, 0.5, Number.NaN, tokenizer.vocabSize])('refuses the id %d', (id) => {
    for (const use of [() => tokenizer.decode([id]), () => tokenizer.tokenOf(id), () => tokenizer.decoder().push(id)]) {
      expect(use).toThrow(`ids must be whole numbers from 0 to ${tokenizer.vocabSize - 1}`)
    }
  })
})

describe('shorter ways to ids', () => {
  const names = [
    'GPT-2',
    'Llama 3',
    'Qwen 2',
    'BERT',
    'BERT, cased',
    'Llama 2',
    'Mistral',
    'Gemma',
    'T5',
    'T5, older',
    'CLIP',
    'RoBERTa',
  ]
  const words = [
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    '▁',
    "it's",
    'the',
    'The',
    'café',
    'é',
    'e\u0301',
    '東京',
    '😀',
    '1999',
    '<s>',
    '<unk>',
    '.',
    'dinner,',
  ]
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 30 })

  it.each(names)('are those that the whole pipeline has: %s', (name) => {
    const tokenizer = tokenizerOf(name)
    fc.assert(
      fc.property(text, (words) => {
        const text = words.join('')
        expect(Array.from(tokenizer.encode(text))).toEqual(tokenizer.encoding(text, { addSpecialTokens: false }).ids)
      }),
      { numRuns: 300 },
    )
  })
})

describe('long texts', () => {
  it.each(['GPT-2', 'Llama 2', 'BERT', 'T5'])('of one word take no long time: %s', (name) => {
    const tokenizer = tokenizerOf(name)
    for (const word of ['the', 'a', 'é😀', '=']) {
      const text = word.repeat(100_000 / word.length)
      expect(tokenizer.encode(text).length).toBeGreaterThan(0)
    }
  })
})

describe('truncation and padding', () => {
  const tokenizer = tokenizerOf('BERT')

  it('happen only where they are asked for, and keep what was cut off', () => {
    const whole = tokenizer.encoding('the cat sat on the mat')
    expect(whole.overflowing).toEqual([])
    const cut = tokenizer.encoding('the cat sat on the mat', { truncation: { maxLength: 5 } })
    expect(cut.ids).toHaveLength(5)
    const own = [cut, ...cut.overflowing].flatMap(({ ids, specialTokensMask }) =>
      ids.filter((_, i) => specialTokensMask[i] === 0),
    )
    expect(own).toEqual(Array.from(tokenizer.encode('the cat sat on the mat')))
    const [short, long] = tokenizer.encodings(['the', 'the cat sat'], { padding: { token: '<pad>', id: 3 } })
    expect(short.ids).toHaveLength(long.ids.length)
    expect(short.attentionMask).toContain(0)
  })

  it.each([
    [{ truncation: { maxLength: 1 } }, /maxLength must be a whole number of at least 2/],
    [{ truncation: { maxLength: 4, stride: 2 } }, /stride must be below/],
    [{ truncation: { maxLength: 4, strategy: 'onlySecond' } }, /needs a second text/],
    [{ padding: { length: 0 } }, /length must be/],
  ] as const)('refuse %j', (options, message) => {
    expect(() => tokenizer.encoding('the cat sat on the mat', options)).toThrow(message)
    expect(() => tokenizer.encoding('the cat sat on the mat', options)).toThrow(expect.objectContaining({ code: 'config' }))
  })
})

describe('a damaged tokenizer.json', () => {
  it.each<[string, string, (file: any) => void, RegExp]>([
    ['an unknown normalizer', 'BERT', (file) => (file.normalizer.type = 'NFX'), /tokenizer\.json: normalizer\.type/],
    [
      'an unknown part of a sequence',
      'Llama 2',
      (file) => (file.normalizer.normalizers[1].type = 'X'),
      /normalizer\.normalizers\.1\.type/,
    ],
    [
      'a merge of what is no token',
      'GPT-2',
      (file) => file.model.merges.push(['xx', 'yy']),
      /model\.merges\.\d+: must be two tokens/,
    ],
    ['an id twice', 'GPT-2', (file) => (file.model.vocab.extra = 3), /model\.vocab: each token must have an id of its own/],
    ['an id that is none', 'GPT-2', (file) => (file.model.vocab.extra = '3'), /model\.vocab: an id must be a whole number/],
    ['an unknown token that is missing', 'BERT', (file) => (file.model.unk_token = '[X]'), /model\.unk_token: must be in/],
    ['an added token that clashes', 'BERT', (file) => (file.added_tokens[0].id = 7), /added_tokens\.0: the vocabulary/],
    [
      'an added token in another place',
      'BERT',
      (file) => (file.added_tokens[0].content = '[new]'),
      /added_tokens\.0: the id must be free/,
    ],
    [
      'an added token twice',
      'BERT',
      (file) => file.added_tokens.push(file.added_tokens[0]),
      /added_tokens\.\d: each added token/,
    ],
    ['dropout', 'GPT-2', (file) => (file.model.dropout = 0.1), /model\.dropout: must be null or 0/],
    ['a template without its token', 'BERT', (file) => (file.post_processor.special_tokens = {}), /post_processor\.single\.0/],
    ['an unk_id too high', 'T5', (file) => (file.model.unk_id = 10 ** 6), /model\.unk_id: must be below/],
    ['a token twice', 'T5', (file) => file.model.vocab.push(file.model.vocab[3]), /model\.vocab: a token must stand .* once/],
    [
      'a damaged expression',
      'Llama 3',
      (file) => (file.pre_tokenizer.pretokenizers[0].pattern.Regex = '(a'),
      /pretokenizers\.0\.pattern\.Regex/,
    ],
    ['another version', 'BERT', (file) => (file.version = '2.0'), /tokenizer\.json\.version/],
    ['a key that is not known', 'BERT', (file) => (file.model.extra = 1), /tokenizer\.json: model/],
  ])('%s', (_, name, damage, message) => {
    const file = fileOf(name)
    damage(file)
    expect(() => tokenizerFromJSON(file, 'tokenizer.json')).toThrow(message)
    expect(() => tokenizerFromJSON(file, 'tokenizer.json')).toThrow(expect.objectContaining({ code: 'format' }))
  })

  it.each(['GPT-2', 'BERT', 'Llama 2', 'T5', 'CLIP', 'XLM-R'])('is loaded or refused, whatever is changed in it: %s', (name) => {
    const file = fileOf(name)
    const paths = pathsOf({
      ...file,
      model: { ...file.model, vocab: firstOf(file.model.vocab), merges: file.model.merges?.slice(0, 3) },
    })
    const value = fc.oneof(fc.constantFrom(null, undefined, '', 'x', -1, 2 ** 40, true, [], {}), fc.jsonValue())
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, value) => {
        const damaged = structuredClone(file)
        const target = path.slice(0, -1).reduce((part: any, key) => part?.[key], damaged)
        if (target) target[path.at(-1)!] = value
        try {
          const tokenizer = PipelineTokenizer.fromJSON(damaged, 'tokenizer.json')
          tokenizer.decode(tokenizer.encoding('The cat, 日本 é').ids)
        } catch (error) {
          expect(['format', 'data', 'config']).toContain((error as { code?: string }).code)
        }
      }),
      { numRuns: 200 },
    )
  })
})

const firstOf = (vocab: any) => (Array.isArray(vocab) ? vocab.slice(0, 3) : Object.fromEntries(Object.entries(vocab).slice(0, 3)))

/** Every place in a JSON value. */
function pathsOf(json: any, path: string[] = []): string[][] {
  const inner = typeof json === 'object' && json !== null ? Object.keys(json) : []
  return [...(path.length > 0 ? [path] : []), ...inner.flatMap((key) => pathsOf(json[key], [...path, key]))]
}

it('leaves a tokenizer.json as it was', () => {
  const file = fileOf('BERT')
  expect(JSON.parse(JSON.stringify(PipelineTokenizer.fromJSON(file, 'file')))).toEqual(file)
})
