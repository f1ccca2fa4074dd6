/** From parallel texts to the folder of a translation model. */
import { writeSeq2Seq } from '../checkpoints/seq2seq.ts'
import { ConfigError } from '../errors.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { PairMarks, TokenPairs } from '../models/seq2seq-loss.ts'
import type { ParamArrays } from '../tensor/index.ts'
import type { ParallelTexts } from '../text/parallel.ts'
import { writeTokenizer } from '../tokenizers/files/save.ts'
import type { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import { savedFingerprint } from './checkpoint.ts'
import type { TrainingEvent } from './events.ts'
import { isFinished, prepareFolder, saveTrained } from './folder.ts'
import { Interrupted } from './interrupted.ts'
import { type Seq2SeqData, type Seq2SeqRun, type Seq2SeqTrainingOptions, seq2SeqDefaults, trainSeq2Seq } from './train-seq2seq.ts'
import { digestTexts, encodePairs, holdOutPairs } from './translation-data.ts'
import {
  type DesignedModel,
  designModel,
  type Recurrence,
  type TranslationKind,
  type TranslationPreset,
  type TranslationSize,
  translationPresets,
  translationSize,
} from './translation-sizes.ts'
import { loadSharedTokenizer, type SharedTokenizer, trainSharedTokenizer } from './translation-tokenizer.ts'

export type TranslationOptions = Recurrence & {
  preset?: TranslationPreset
  /** In place of those of the preset. */
  size?: Partial<TranslationSize>
  vocabSize?: number
  /** The folder or file of a tokenizer; without it one is trained on both sides. */
  tokenizer?: string
  /** Pairs with more tokens on a side, its end included, are left out. */
  maxLength?: number
  dropout?: number
  /** Share of the pairs that is held out, where no others are given to measure on. */
  validation?: number
  /** Time to train for, instead of steps: the speed is measured first. */
  minutes?: number
  training?: Partial<Seq2SeqTrainingOptions>
}

export type TranslationRun = Omit<Seq2SeqRun, 'sample'> & {
  out: string
  /** Translates texts with a model that is being trained, to be shown after each evaluation. */
  sample?: (model: {
    model: Seq2Seq
    params: ParamArrays<any>
    marks: PairMarks
    tokenizer: PipelineTokenizer
    sources: readonly string[]
  }) => Promise<string>
}

/** `seconds` is undefined where the folder held the finished model of the same run already. */
export type TrainedTranslation = { folder: string; seconds?: number; validationLoss?: number; parameters?: number }

const PRESET: TranslationPreset = 'small'
const MAX_LENGTH = 128
const VALIDATION_SHARE = 0.1
const DROPOUT = 0.1
/** Of generation_config.json: as Vaswani et al. 2017, §6.1. */
const BEAMS = 4

/**
 * Trains a translation model from scratch and saves it as a folder.
 *
 * @param data  what is learnt from, and what progress is measured on: without it, a share of the pairs
 * @throws DataError where `out` holds something already and `resume` is not asked for, or no pair is short enough; ConfigError for
 *   options that cannot be; Interrupted when the signal aborts, with a checkpoint saved
 */
export async function trainTranslationModel(
  kind: TranslationKind,
  data: { train: ParallelTexts; validation?: ParallelTexts },
  options: TranslationOptions,
  { out, ...run }: TranslationRun,
): Promise<TrainedTranslation> {
  await prepareFolder(out, run.resume)
  const { seed = 1 } = run
  const { maxLength = MAX_LENGTH, dropout = DROPOUT, preset = PRESET } = options
  checkOptions(kind, maxLength, dropout, options)
  const { kept, held = data.validation } = data.validation
    ? { kept: data.train }
    : holdOutPairs(data.train, options.validation ?? VALIDATION_SHARE, seed)
  const settings = { architecture: kind, seed: run.seed, threads: run.threads, options, data: digestsOf(data) }
  if (run.resume && (await isFinished(out, settings))) return { folder: out }
  const started = performance.now()
  const shared = await sharedTokenizer(kept, options, run.signal).catch((error) => {
    throw run.signal?.aborted ? new Interrupted(0, out) : error
  })
  const encode = (texts: ParallelTexts) => encodePairs(texts, shared, { maxLength, onEvent: run.onEvent })
  const pairs = { train: encode(kept), ...(held && { validation: encode(held) }), marks: shared.marks }
  const { cell, attention } = options
  const size = translationSize(preset, options.size)
  const designed = designModel(kind, {
    ...size,
    vocabSize: shared.tokenizer.vocabSize,
    maxLength,
    dropout,
    cell,
    attention,
    pad: shared.marks.pad,
  })
  const { params, record, validationLoss } = await fit(designed, pairs, held?.sources ?? kept.sources, shared, options, {
    ...run,
    out,
  })
  const seconds = (performance.now() - started) / 1000
  const { parameters } = designed
  const write = (folder: string) => writeModel(designed, params, shared, maxLength, folder)
  await saveTrained(out, write, { ...settings, parameters, seconds, validationLoss, ...record })
  return { folder: out, seconds, validationLoss, parameters }
}

const digestsOf = ({ train, validation }: { train: ParallelTexts; validation?: ParallelTexts }) => ({
  pairs: train.sources.length,
  sha256: digestTexts(train),
  ...(validation && { validation: digestTexts(validation) }),
})

async function writeModel(
  { architecture, config }: DesignedModel,
  params: ParamArrays<any>,
  { tokenizer, marks: { start, end, pad } }: SharedTokenizer,
  maxLength: number,
  folder: string,
): Promise<void> {
  await writeTokenizer(tokenizer, tokenizer.toJSON(), folder)
  const special = { start, end: [end], pad, suppressed: start === pad ? [pad] : [pad, start] }
  await writeSeq2Seq({ architecture, config, params }, folder, special, { beams: BEAMS, maxLength })
}

const sharedTokenizer = (texts: ParallelTexts, { tokenizer, vocabSize }: TranslationOptions, signal?: AbortSignal) =>
  tokenizer === undefined ? trainSharedTokenizer(texts, { vocabSize, signal }) : loadSharedTokenizer(tokenizer)

/** Texts that are translated after each evaluation. */
const SAMPLES = 2

async function fit(
  { model, parameters }: DesignedModel,
  pairs: Seq2SeqData,
  sources: readonly string[],
  { tokenizer, marks }: SharedTokenizer,
  { preset = PRESET, maxLength = MAX_LENGTH, minutes, training }: TranslationOptions,
  run: TranslationRun,
) {
  const { vocabSize } = tokenizer
  const counts = { pairs: pairs.train.sources.length, validationPairs: pairs.validation?.sources.length ?? 0 }
  run.onEvent?.({ type: 'model', parameters, vocabSize, ...counts })
  const settings = { ...seq2SeqDefaults, ...translationPresets[preset].training, ...training }
  if (minutes !== undefined) settings.steps = await stepsFor(minutes, model, pairs, settings, run)
  const shown = firstOfAtMost(maxLength, sources, tokenizer)
  const sample = run.sample && ((params: ParamArrays<any>) => run.sample!({ model, params, marks, tokenizer, sources: shown }))
  const { params, curve, step, bestStep } = await trainSeq2Seq(model, pairs, settings, { ...run, sample })
  const validationLoss = curve.find((point) => point.step === bestStep)?.['validation loss']
  return { params, validationLoss, record: { step, bestStep, curve } }
}

/** Some texts that the model can read: the others are left out of the training too. */
function firstOfAtMost(maxLength: number, texts: readonly string[], tokenizer: PipelineTokenizer): string[] {
  const shown: string[] = []
  for (const text of texts) {
    if (tokenizer.encode(text).length < maxLength) shown.push(text)
    if (shown.length === SAMPLES) break
  }
  return shown
}

/** As many steps as fit: those of the run that is resumed, or by some steps that are timed and thrown away. */
async function stepsFor(
  minutes: number,
  model: Seq2Seq,
  { validation, ...pairs }: Seq2SeqData,
  settings: Seq2SeqTrainingOptions,
  { out, onEvent: _, sample: __, ...run }: TranslationRun,
): Promise<number> {
  const saved = run.resume ? await savedFingerprint(out) : undefined
  if (typeof saved?.steps === 'number') return saved.steps
  const times: number[] = []
  const onEvent = ({ type }: TrainingEvent) => type === 'step' && times.push(performance.now())
  const probe = { ...settings, epochs: undefined, steps: PROBE_STEPS }
  await trainSeq2Seq(model, pairs, probe, { ...run, resume: false, onEvent }).catch((error) => {
    throw error instanceof Interrupted ? new Interrupted(0, out) : error
  })
  const stepSeconds = (times.at(-1)! - times[WARM_UP_STEPS - 1]) / (PROBE_STEPS - WARM_UP_STEPS) / 1000
  // An evaluation is a forward pass, a third of a step's work.
  const evaluation = validation
    ? tokensOf(validation) / (3 * settings.batchTokens * settings.accumulate * settings.evaluateEvery)
    : 0
  return Math.max(1, Math.floor((60 * minutes) / (stepSeconds * (1 + evaluation))))
}

const PROBE_STEPS = 16
const WARM_UP_STEPS = 4

const tokensOf = ({ sources, targets }: TokenPairs): number =>
  [...sources, ...targets].reduce((sum, { length }) => sum + length + 1, 0)

function checkOptions(kind: TranslationKind, maxLength: number, dropout: number, { cell, attention }: TranslationOptions): void {
  const whole = Number.isInteger(maxLength) && maxLength > 1
  if (!whole) throw new ConfigError({ place: 'maxLength', rule: 'must be a whole number above 1', got: `${maxLength}` })
  if (!(dropout >= 0 && dropout < 1))
    throw new ConfigError({ place: 'dropout', rule: 'must be from 0 to below 1', got: `${dropout}` })
  if (attention !== undefined && kind !== 'rnn-attention') {
    throw new ConfigError({ place: kind, rule: 'only rnn-attention takes a kind of attention', got: attention })
  }
  if (cell !== undefined && kind === 'transformer')
    throw new ConfigError({ place: kind, rule: 'has no recurrent cell', got: cell })
}
