/** From text files to the folder of a language model. */
import { join } from 'node:path'
import { writeCausalLm } from '../checkpoints/causal-lm.ts'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import type { Architecture } from '../models/causal-architecture.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import { gpt2Config } from '../models/gpt2/config.ts'
import { gpt2Architecture } from '../models/gpt2/weights.ts'
import { llamaConfig } from '../models/llama/config.ts'
import { llamaArchitecture } from '../models/llama/weights.ts'
import { NgramModel } from '../models/ngram/model.ts'
import { writeNgram } from '../models/ngram/weights.ts'
import type { RnnLmConfig } from '../models/rnn-lm/config.ts'
import { rnnLmArchitecture } from '../models/rnn-lm/weights.ts'
import type { ParamArrays } from '../tensor/index.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { digestIds, savedFingerprint } from './checkpoint.ts'
import { type Corpus, readCorpus, type TokenizerKind } from './corpus.ts'
import type { TrainingEvent } from './events.ts'
import { isFinished, prepareFolder, saveTrained } from './folder.ts'
import { type LmRun, type LmTrainingOptions, lmDefaults, trainLm } from './train-lm.ts'

export type LanguageModelKind = 'gpt' | 'llama' | 'rnn' | 'ngram'

type Size = { layers: number; width: number; heads: number; training: Partial<LmTrainingOptions> & { context: number } }

/** Sizes from minutes on a laptop to GPT-2 small. */
export const presets = {
  nano: { layers: 2, width: 64, heads: 2, training: { context: 64, batch: 12, steps: 1000 } },
  micro: { layers: 4, width: 128, heads: 4, training: { context: 64, batch: 12, steps: 2000 } },
  small: {
    layers: 4,
    width: 256,
    heads: 4,
    training: { context: 256, batch: 8, steps: 5000, weightDecay: 0.2, evaluateEvery: 500 },
  },
  medium: { layers: 6, width: 384, heads: 6, training: { context: 256, batch: 16, steps: 10_000, evaluateEvery: 500 } },
  'gpt2-small': { layers: 12, width: 768, heads: 12, training: { context: 1024, batch: 8, steps: 50_000, learningRate: 6e-4 } },
} as const satisfies Record<string, Size>

export type Preset = keyof typeof presets

export type LanguageModelOptions = {
  /** The encoding of texts that are not UTF-8, such as 'windows-1252'. */
  encoding?: string
  preset?: Preset
  tokenizer?: TokenizerKind
  /** Share of the text, at its end, that is held out. */
  validation?: number
  dropout?: number
  /** Time to train for, instead of steps: the speed is measured first. */
  minutes?: number
  /** Of n-grams. */
  order?: number
  training?: Partial<LmTrainingOptions>
}

export type LanguageModelRun = Omit<LmRun, 'sample'> & {
  out: string
  /** Continues a prompt with a model that is being trained, to be shown after each evaluation. */
  sample?: (model: {
    lm: CausalLm
    config: any
    params: ParamArrays<any>
    tokenizer: Tokenizer
    prompt: string
  }) => Promise<string>
}

/** `seconds` is undefined where the folder held the finished model of the same run already. */
export type TrainedLanguageModel = { folder: string; seconds?: number; validationLoss?: number }

/**
 * Trains a language model from scratch on text files and saves it as a folder.
 *
 * @throws DataError where `out` holds something already and `resume` is not asked for, or the text is too short; ConfigError for
 *   options that cannot be; Interrupted when the signal aborts, with a checkpoint saved
 */
export async function trainLanguageModel(
  kind: LanguageModelKind,
  paths: readonly string[],
  options: LanguageModelOptions,
  { out, ...run }: LanguageModelRun,
): Promise<TrainedLanguageModel> {
  await prepareFolder(out, run.resume)
  const { tokenizer = 'char', validation = 0.1 } = options
  if (!(validation >= 0 && validation < 1)) {
    throw new ConfigError({ place: 'validation', rule: 'must be from 0 to below 1', got: `${validation}` })
  }
  const { dropout = 0 } = options
  if (!(dropout >= 0 && dropout < 1)) {
    throw new ConfigError({ place: 'dropout', rule: 'must be from 0 to below 1', got: `${dropout}` })
  }
  const corpus = await readCorpus(paths, tokenizer, options.encoding)
  const data = { tokens: corpus.ids.length, sha256: digestIds(corpus.ids) }
  const settings = { architecture: kind, seed: run.seed, threads: run.threads, options, data }
  if (run.resume && (await isFinished(out, settings))) return { folder: out }
  const started = performance.now()
  const cut = Math.round(corpus.ids.length * (1 - validation))
  const parts = { train: corpus.ids.subarray(0, cut), validation: corpus.ids.subarray(cut) }
  const fit = kind === 'ngram' ? fitNgram : fitTransformer
  const { write, record, validationLoss } = await fit(kind, corpus, parts, options, { ...run, out })
  const seconds = (performance.now() - started) / 1000
  await saveTrained(out, write, { ...settings, seconds, validationLoss, ...record })
  return { folder: out, seconds, validationLoss }
}

type Parts = { train: Int32Array; validation: Int32Array }
type Fitted = { write: (folder: string) => Promise<void>; validationLoss?: number; record?: object }

async function fitNgram(_: string, { tokenizer }: Corpus, parts: Parts, { order }: LanguageModelOptions): Promise<Fitted> {
  const model = NgramModel.train(parts.train, { vocabSize: tokenizer.vocabSize, ...(order !== undefined && { order }) })
  const validationLoss = parts.validation.length > 0 ? model.loss(parts.validation) : undefined
  return { write: (folder) => writeNgram(model, tokenizer, folder), validationLoss }
}

async function fitTransformer(
  kind: string,
  { tokenizer }: Corpus,
  parts: Parts,
  { preset = 'micro', training, dropout = 0, minutes }: LanguageModelOptions,
  run: LanguageModelRun,
): Promise<Fitted> {
  const size: Size = presets[preset]
  const settings = { ...lmDefaults, ...size.training, ...training }
  const { architecture, config } = modelOf(kind, size, tokenizer.vocabSize, settings.context, dropout)
  const lm = architecture.lm(config)
  if (minutes !== undefined) settings.steps = await stepsFor(minutes, lm, parts, settings, run)
  const prompt = promptOf(tokenizer, parts.train)
  const sample = run.sample && ((params: ParamArrays<any>) => run.sample!({ lm, config, params, tokenizer, prompt }))
  const { params, curve, step, bestStep } = await trainLm(lm, parts, settings, { ...run, sample })
  const write = async (folder: string) => {
    await writeFileAtomic(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer)}\n`)
    await writeCausalLm({ architecture, config, params }, folder)
  }
  const validationLoss = curve.find((point) => point.step === bestStep)?.['validation loss']
  return { write, validationLoss, record: { step, bestStep, curve } }
}

/** The first tokens that make a text: one alone may be a part of a character, or a space that decoding leaves out. */
function promptOf(tokenizer: Tokenizer, ids: Int32Array): string {
  for (let length = 1; length < Math.min(ids.length, 16); length++) {
    const text = tokenizer.decode(ids.subarray(0, length))
    if (text !== '' && !text.endsWith('\ufffd')) return text
  }
  return tokenizer.decode(ids.subarray(0, 16))
}

/** As many steps as fit: those of the run that is resumed, or by a few steps that are timed and thrown away. */
async function stepsFor(
  minutes: number,
  lm: CausalLm,
  parts: Parts,
  settings: LmTrainingOptions,
  { out, onEvent: _, sample: __, ...run }: LanguageModelRun,
): Promise<number> {
  const saved = run.resume ? await savedFingerprint(out) : undefined
  if (typeof saved?.steps === 'number') return saved.steps
  const times: number[] = []
  const onEvent = ({ type }: TrainingEvent) => type === 'step' && times.push(performance.now())
  const probe = { ...settings, steps: PROBE_STEPS }
  await trainLm(lm, { ...parts, validation: new Int32Array() }, probe, { ...run, resume: false, onEvent })
  const stepSeconds = (times.at(-1)! - times[WARM_UP_STEPS - 1]) / (PROBE_STEPS - WARM_UP_STEPS) / 1000
  // An evaluation is a forward pass, a third of a step's work.
  const evaluation = parts.validation.length / (3 * settings.batch * settings.context * settings.evaluateEvery)
  return Math.max(1, Math.floor((60 * minutes) / (stepSeconds * (1 + evaluation))))
}

const PROBE_STEPS = 12
const WARM_UP_STEPS = 4

/** Deeper LSTMs learn more slowly without what makes deep Transformers learn. */
const RNN_LAYERS = 2

function modelOf(kind: string, { layers, width, heads }: Size, vocabSize: number, context: number, dropout: number) {
  if (kind === 'gpt') {
    const sizes = { vocabSize, nPositions: context, nEmbd: width, nLayer: layers, nHead: heads }
    return {
      architecture: gpt2Architecture as Architecture<any>,
      config: gpt2Config({ ...sizes, embdPdrop: dropout, residPdrop: dropout }),
    }
  }
  if (kind === 'rnn') {
    const config: RnnLmConfig = {
      vocabSize,
      hiddenSize: width,
      numLayers: Math.min(layers, RNN_LAYERS),
      dropout,
      contextLength: context,
    }
    return { architecture: rnnLmArchitecture as Architecture<any>, config }
  }
  const sizes = {
    vocabSize,
    maxPositionEmbeddings: context,
    hiddenSize: width,
    numHiddenLayers: layers,
    numAttentionHeads: heads,
  }
  return { architecture: llamaArchitecture as Architecture<any>, config: llamaConfig({ ...sizes, residPdrop: dropout }) }
}
