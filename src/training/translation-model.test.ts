import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ParallelTexts, readParallel } from '../text/parallel.ts'
import { CharTokenizer } from '../tokenizers/char.ts'
import { loadTokenizer } from '../tokenizers/files/load.ts'
import type { TrainingEvent } from './events.ts'
import { Interrupted } from './interrupted.ts'
import { type TranslationOptions, type TranslationRun, trainTranslationModel } from './translation-model.ts'
import { designModel, type TranslationKind, translationPresets, translationSize } from './translation-sizes.ts'

let folder: string
let phrases: ParallelTexts
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-translation-'))
  phrases = await readParallel(new URL('../../samples/phrases.tsv', import.meta.url).pathname)
})
afterAll(() => rm(folder, { recursive: true }))

const STEPS = 6
const OPTIONS: TranslationOptions = {
  size: { layers: 1, width: 16, heads: 2, feedForward: 32 },
  vocabSize: 300,
  dropout: 0.1,
  training: { steps: STEPS, batchTokens: 512, accumulate: 2, warmup: 2, evaluateEvery: 2 },
}

const train = (kind: TranslationKind, out: string, options: TranslationOptions = {}, run: Partial<TranslationRun> = {}) =>
  trainTranslationModel(
    kind,
    { train: phrases },
    { ...OPTIONS, ...options },
    { out: join(folder, out), seed: 1, threads: 2, ...run },
  )

const weights = (out: string) => readFile(join(folder, out, 'model.safetensors'))

describe.each<[TranslationKind, TranslationOptions]>([
  ['rnn', { training: { ...OPTIONS.training, scheduledSampling: { decay: 'linear', final: 0.2 } } }],
  ['rnn-attention', { attention: 'general', cell: 'lstm' }],
  ['transformer', {}],
])('%s', (kind, options) => {
  it('goes on to the same bits after an interruption, and is saved whole', async () => {
    const { validationLoss, parameters } = await train(kind, `${kind}-whole`, options)
    expect(validationLoss).toBeLessThan(Math.log(300) + 1)
    const controller = new AbortController()
    const onEvent = (event: TrainingEvent) => event.type === 'step' && event.step === 3 && controller.abort()
    const stopped = train(kind, kind, options, { onEvent, signal: controller.signal })
    await expect(stopped).rejects.toThrow(Interrupted)
    await train(kind, kind, options, { resume: true })
    expect(await weights(kind)).toEqual(await weights(`${kind}-whole`))
    const files = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']
    expect((await readdir(join(folder, kind))).sort()).toEqual([...files, 'training.json'].sort())
    const record = JSON.parse(await readFile(join(folder, kind, 'training.json'), 'utf8'))
    expect(record).toMatchObject({ architecture: kind, parameters, data: { pairs: 240 }, step: STEPS })
    expect(record.curve.map(({ step }: { step: number }) => step)).toEqual([2, 4, 6])
    expect(await train(kind, kind, options, { resume: true })).toEqual({ folder: join(folder, kind) })
  })
})

it('tells of no steps where it is interrupted while it measures its speed', async () => {
  const controller = new AbortController()
  const onEvent = (event: TrainingEvent) => event.type === 'model' && controller.abort()
  const stopped = train('rnn', 'measuring', { minutes: 1 }, { onEvent, signal: controller.signal })
  await expect(stopped).rejects.toThrow('stopped after step 0')
})

describe('sizes', () => {
  it.each(Object.entries(translationPresets))('%s: all kinds have as many parameters, within 2 %%', (_, size) => {
    const design = { ...size, vocabSize: 8000, maxLength: 128, dropout: 0, pad: 0 }
    const { parameters } = designModel('transformer', design)
    const others = [
      designModel('rnn', design),
      designModel('rnn', { ...design, cell: 'lstm' }),
      ...(['additive', 'dot', 'general'] as const).map((attention) => designModel('rnn-attention', { ...design, attention })),
    ]
    for (const other of others) expect(Math.abs(other.parameters / parameters - 1)).toBeLessThan(0.02)
  })
})

it('sizes that no model can have, and no patience, are refused by name', async () => {
  expect(() => translationSize('tiny', { layers: 0 })).toThrow(/^layers: must be above 0/)
  expect(() => translationSize('tiny', { width: 5 })).toThrow(/^width: must be a multiple of 4/)
  const impatient = train('rnn', 'impatient', { training: { ...OPTIONS.training, patience: 0 } })
  await expect(impatient).rejects.toThrow('patience: must be a whole number above 0')
})

it('another width takes the feed-forward network along', () => {
  expect(translationSize('small', { width: 256 })).toEqual({ layers: 4, width: 256, heads: 4, feedForward: 512 })
  expect(translationSize('small', { layers: 2 })).toEqual({ layers: 2, width: 128, heads: 4, feedForward: 256 })
})

describe('data', () => {
  it('the tokenizer spells every text, begins words alike everywhere, and gives texts back', async () => {
    await train('transformer', 'spelling', { training: { ...OPTIONS.training, steps: 1 } })
    const tokenizer = await loadTokenizer(join(folder, 'spelling'))
    expect(tokenizer.vocabSize).toBe(300)
    for (const text of ['The woman sees the man.', '猫 ☃ und\ttabs', 'two  spaces'])
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    expect(tokenizer.encode('the the')[0]).toBe(tokenizer.encode('the the')[1])
    const ends = (await readFile(join(folder, 'spelling', 'tokenizer_config.json'), 'utf8')).match(/<\/?(s|pad)>/g)
    expect(ends?.sort()).toEqual(['</s>', '<pad>', '<s>'])
  })

  it('pairs that are too long are left out, counted and named, and none is cut', async () => {
    const events: TrainingEvent[] = []
    const long = { ...phrases, sources: phrases.sources.map((text, i) => (i === 7 ? `${text} `.repeat(20) : text)) }
    const options = { ...OPTIONS, validation: 0, maxLength: 60, training: { ...OPTIONS.training, steps: 1 } }
    await trainTranslationModel('rnn', { train: long }, options, {
      out: join(folder, 'long'),
      onEvent: (event) => events.push(event),
    })
    const told = events.find(({ type }) => type === 'pairs left out')
    expect(told).toMatchObject({ why: 'too long', pairs: 1, of: 240, firstLines: [phrases.lines[7]], maxLength: 60 })
    expect(events.find(({ type }) => type === 'model')).toMatchObject({ pairs: 239, validationPairs: 0 })
    await expect(train('rnn', 'longer', { maxLength: 2 })).rejects.toThrow(/at most 2 tokens a side/)
  })

  it('is measured on other pairs where they are given', async () => {
    const events: TrainingEvent[] = []
    const held = { ...phrases, sources: phrases.sources.slice(0, 9), targets: phrases.targets.slice(0, 9) }
    const run = { out: join(folder, 'held'), onEvent: (event: TrainingEvent) => events.push(event) }
    const sample = async ({ sources }: { sources: readonly string[] }) => sources[0]
    await trainTranslationModel('rnn', { train: phrases, validation: held }, OPTIONS, { ...run, sample })
    expect(events.find(({ type }) => type === 'model')).toMatchObject({ pairs: 240, validationPairs: 9 })
    const { metrics } = events.find((event) => event.type === 'evaluation')!
    expect(metrics.perplexity).toBeCloseTo(Math.exp(metrics.loss), 9)
    expect(events.find(({ type }) => type === 'sample')).toEqual({ type: 'sample', text: held.sources[0] })
  })

  it.each<[string, TranslationOptions, RegExp]>([
    ['a share of all', { validation: 1 }, /below 1/],
    ['a kind of attention without attention', { attention: 'dot' }, /only rnn-attention/],
    ['a batch that holds no pair', { training: { ...OPTIONS.training, batchTokens: 8 } }, /longest pair/],
    ['no smoothing at all', { training: { ...OPTIONS.training, labelSmoothing: 1 } }, /labelSmoothing/],
    [
      'a tokenizer without an end',
      { tokenizer: new URL('../../test/golden/checkpoints/gpt2-tiny', import.meta.url).pathname },
      /./,
    ],
  ])('refuses %s', async (name, options, message) => {
    const tokenizer = options.tokenizer && join(folder, 'letters.json')
    if (tokenizer) await writeFile(tokenizer, JSON.stringify(CharTokenizer.train('abc').toJSON()))
    await expect(train('rnn', name.replaceAll(' ', '-'), { ...options, tokenizer })).rejects.toThrow(message)
  })
})
