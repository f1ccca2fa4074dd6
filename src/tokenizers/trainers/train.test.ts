import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CharTokenizer } from '../char.ts'
import { tokenizerFromJSON } from '../load.ts'
import { WordTokenizer } from '../word.ts'
import { trainBpe } from './bpe.ts'
import { countWords } from './count-words.ts'
import { type TrainTokenizerOptions, trainTokenizer } from './train.ts'
import { trainUnigram } from './unigram.ts'

const TEXTS = [
  'The cat sat on the mat, and the dog sat on the log.\n',
  "It's the cat's mat! They'll say: “the dog’s log”  — naïve.\n",
  '猫は座った。 The 3 cats,\tthe 44 dogs; Σίσυφος ΟΔΟΣ 😀👍\r\n',
  'unbelievable believers believe unbelievably in 2,000 beliefs\n',
]

const ALL: [string, TrainTokenizerOptions][] = [
  ['bpe', { model: 'bpe', vocabSize: 330 }],
  ['bpe with byte fallback', { model: 'bpe', vocabSize: 370, byteFallback: true }],
  ['wordpiece', { model: 'wordpiece', vocabSize: 150 }],
  ['unigram', { model: 'unigram', vocabSize: 110 }],
  ['unigram with byte fallback', { model: 'unigram', vocabSize: 360, byteFallback: true }],
  ['word', { model: 'word', vocabSize: 30 }],
  ['char', { model: 'char' }],
]

async function* streamed(texts: readonly string[]) {
  for (const text of texts) yield text
}

describe.each(ALL)('trainTokenizer: %s', (_, options) => {
  it('makes a tokenizer.json that is read back', async () => {
    const json = await trainTokenizer(TEXTS, options)
    const tokenizer = tokenizerFromJSON(JSON.parse(JSON.stringify(json)), 'trained')
    if (options.vocabSize) expect(tokenizer.vocabSize).toBeLessThanOrEqual(options.vocabSize)
    const text = 'The cat sat on the mat,'
    const decoded = tokenizer.decode(tokenizer.encode(text))
    if (options.model !== 'word') expect(decoded.toLowerCase().replaceAll(' ', '')).toBe(text.toLowerCase().replaceAll(' ', ''))
    expect(tokenizer.encode(text).length).toBeGreaterThan(3)
  })

  it('does not hang on the order of the texts, nor on how they come', async () => {
    const json = await trainTokenizer(TEXTS, options)
    expect(await trainTokenizer(streamed(TEXTS), options)).toEqual(json)
    expect(await trainTokenizer([...TEXTS].reverse(), options)).toEqual(json)
  })

  it('reports, and stops when it is told to', async () => {
    const cancelled = AbortSignal.abort(new Error('enough'))
    await expect(trainTokenizer(TEXTS, { ...options, signal: cancelled })).rejects.toThrow('enough')
    const stop = new AbortController()
    const seen = new Set<string>()
    function* endless() {
      for (;;) yield* TEXTS
    }
    const onProgress = ({ stage }: { stage: string }) => {
      seen.add(stage)
      stop.abort(new Error('stopped'))
    }
    await expect(trainTokenizer(endless(), { ...options, onProgress, signal: stop.signal })).rejects.toThrow('stopped')
    expect([...seen]).toEqual(['counting words'])
  })

  it('refuses what holds no word', async () => {
    for (const texts of [[], ['']]) {
      await expect(trainTokenizer(texts, options)).rejects.toThrow(expect.objectContaining({ code: 'data' }))
    }
    await expect(trainTokenizer(['a', 'b\ud83d'], options)).rejects.toThrow('text 2 of the training texts')
    await expect(trainTokenizer([1] as any, options)).rejects.toThrow('must be a string')
  })

  it('counts the words of its own pipeline', async () => {
    const { cutBefore, words } = await pipelineOf(options)
    const text = fc.array(fc.constantFrom(...' \n\t\r\u00a0\u3000▁', 'a', "'s", 'é', 'e\u0301', '\u0301', '東', '1', '.', '😀'), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(text), async (texts) => {
        const joined = texts.map((parts) => parts.join(''))
        const whole = await countWords(joined, words)
        expect(await countWords(joined, words, { cutBefore })).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })
})

/** The words that an untrained pipeline of the same parts makes, and where its texts may be cut. */
async function pipelineOf(options: TrainTokenizerOptions) {
  const json = await trainTokenizer(TEXTS, options)
  const { PipelineTokenizer } = await import('../pipeline.ts')
  const { presetOf } = await import('./presets.ts')
  const pipeline = PipelineTokenizer.fromJSON(json, 'trained')
  return {
    cutBefore: presetOf(options.model, options).cutBefore,
    words: (text: string) => pipeline.preTokenize(pipeline.normalize(text)),
  }
}

describe('byte-level BPE', () => {
  it('gives back any text', async () => {
    const tokenizer = tokenizerFromJSON(await trainTokenizer(TEXTS, { model: 'bpe', vocabSize: 400 }), 'trained')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokenizer.decode(tokenizer.encode(text)) === text))
  })

  it('encodes a word that it was trained on as one token', async () => {
    const tokenizer = tokenizerFromJSON(
      await trainTokenizer([' believe'.repeat(50)], { model: 'bpe', vocabSize: 300 }),
      'trained',
    )
    expect(Array.from(tokenizer.encode(' believe'), (id) => tokenizer.tokenOf(id))).toEqual(['Ġbelieve'])
  })
})

describe('byte fallback', () => {
  it.each(['bpe', 'unigram'] as const)('%s says what it has never seen', async (model) => {
    const tokenizer = tokenizerFromJSON(await trainTokenizer(TEXTS, { model, vocabSize: 380, byteFallback: true }), 'trained')
    expect(tokenizer.decode(tokenizer.encode('ж the 東京 🦊'))).toBe('ж the 東京 🦊')
  })
})

it('trains the same characters and words as CharTokenizer and WordTokenizer', async () => {
  expect(await trainTokenizer(TEXTS, { model: 'char' })).toEqual(CharTokenizer.train(TEXTS).toJSON())
  const { model } = (await trainTokenizer(TEXTS, { model: 'word', vocabSize: 25 })) as any
  expect(model.vocab).toEqual((WordTokenizer.train(TEXTS, { vocabSize: 25 }).toJSON() as any).model.vocab)
})

it('takes other parts for the pipeline', async () => {
  const pipeline = { pre_tokenizer: { type: 'Digits', individual_digits: true }, normalizer: { type: 'Lowercase' } }
  const json = await trainTokenizer(['AB12AB12'], { model: 'bpe', vocabSize: 300, pipeline, specialTokens: [] })
  expect((json.model as any).merges).toEqual([['a', 'b']])
  expect(json.pre_tokenizer).toEqual(pipeline.pre_tokenizer)
})

it('gives a special token one id, though it is a character too', async () => {
  for (const model of ['bpe', 'wordpiece', 'unigram', 'word', 'char'] as const) {
    const json = await trainTokenizer(TEXTS, { model, vocabSize: 330, specialTokens: ['[UNK]', 'a', '.'] })
    const tokenizer = tokenizerFromJSON(json, model)
    expect([tokenizer.tokenOf(1), tokenizer.tokenOf(2)]).toEqual(['a', '.'])
  }
})

it('puts tokens around a text only where there are such', async () => {
  const json = await trainTokenizer(TEXTS, { model: 'wordpiece', vocabSize: 150, specialTokens: ['[UNK]'] })
  expect(json.post_processor).toBeNull()
})

describe('refuses', () => {
  const words = new Map([['ab', 2]])
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a vocabulary too small for its alphabet', () => trainBpe(words, { vocabSize: 1 }), /vocabSize.*room[\s\S]*vocabSize = 2/],
    ['the same for pieces', () => trainUnigram(words, { vocabSize: 2, specialTokens: ['<s>'] }), /vocabSize/],
    ['a vocabulary of nothing', () => trainBpe(words, { vocabSize: 0 }), /vocabSize: must be a whole number from 1/],
    ['half a token', () => trainBpe(words, { vocabSize: 10.5 }), /vocabSize/],
    ['a vocabulary without end', () => trainBpe(words, { vocabSize: 1e9 }), /vocabSize/],
    ['no size', () => trainBpe(words, {} as any), /vocabSize/],
    [
      'a special token twice',
      () => trainBpe(words, { vocabSize: 9, specialTokens: ['<s>', '<s>'] }),
      /specialTokens: must differ/,
    ],
    ['an empty special token', () => trainUnigram(words, { vocabSize: 9, specialTokens: [''] }), /specialTokens/],
    ['an alphabet of words', () => trainBpe(words, { vocabSize: 9, initialAlphabet: ['ab'] }), /initialAlphabet/],
    ['a frequency below nothing', () => trainBpe(words, { vocabSize: 9, minFrequency: -1 }), /minFrequency/],
    ['a factor that does not shrink', () => trainUnigram(words, { vocabSize: 9, shrinkingFactor: 1 }), /shrinkingFactor/],
    ['no step of EM', () => trainUnigram(words, { vocabSize: 9, subIterations: 0 }), /subIterations/],
    ['an unknown model', () => trainTokenizer(TEXTS, { model: 'lstm' as any }), /model: must be one of bpe/],
    ['an option of another model', () => trainTokenizer(TEXTS, { model: 'word', byteFallback: true }), /byteFallback.*word/],
    ['an option of no model', () => trainTokenizer(TEXTS, { model: 'bpe', dropout: 1 } as any), /dropout/],
    [
      'damaged parts',
      () => trainTokenizer(TEXTS, { model: 'bpe', pipeline: { pre_tokenizer: { type: 'no' } } }),
      /pre_tokenizer/,
    ],
  ])('%s', async (_, training, message) => {
    await expect(training()).rejects.toThrow(message)
    await expect(training()).rejects.toThrow(expect.objectContaining({ code: expect.stringMatching(/config|format/) }))
  })
})
