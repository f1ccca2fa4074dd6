import { ConfigError } from '../errors.ts'
import { indexLabels } from '../models/classifier.ts'
import { padded } from '../models/encoder/batch.ts'
import { type EncoderArrays, EncoderClassifier, type EncoderConfig, encoderLoss, encoderSpec } from '../models/encoder/index.ts'
import { inputSpec } from '../tensor/compile.ts'
import { ndarray } from '../tensor/ndarray.ts'
import { Random } from '../tensor/random.ts'
import { WordTokenizer } from '../tokenizers/word.ts'
import { digest } from './checkpoint.ts'
import { initFlat } from './flat.ts'
import { Loader } from './loader.ts'
import { type Run, type Task, type Trained, train } from './loop.ts'
import { adamW } from './optimizer.ts'
import { warmupCosine } from './schedule.ts'

export type EncoderTrainingOptions = {
  /** Passes over the data; training stops earlier when the held-out part gets no better. */
  epochs: number
  /** Steps, instead of epochs. */
  steps?: number
  batch: number
  learningRate: number
  weightDecay: number
  vocabSize: number
  /** A word must occur this often to be known. */
  minCount: number
  maxPositions: number
  numLayers: number
  numHeads: number
  hiddenSize: number
  dropout: number
  /** Share of the texts on which early stopping is decided. */
  validation: number
  /** Evaluations without improvement after which training stops. */
  patience: number
}

export const encoderDefaults: EncoderTrainingOptions = {
  epochs: 15,
  batch: 32,
  learningRate: 5e-4,
  weightDecay: 0.1,
  vocabSize: 16384,
  minCount: 2,
  maxPositions: 256,
  numLayers: 2,
  numHeads: 4,
  hiddenSize: 128,
  dropout: 0.3,
  validation: 0.1,
  patience: 4,
}

export type EncoderRun = Omit<Run, 'fingerprint' | 'seed'> & { seed?: number; onTrained?: (trained: Trained<unknown>) => void }

/** Texts as token ids with the indices of their labels. */
type Examples = { ids: Int32Array[]; targets: Int32Array }

/**
 * Trains a Transformer encoder from scratch to classify texts.
 *
 * A part of the texts is held out; the parameters that do best on it are the result.
 *
 * @throws DataError for fewer than two labels; ConfigError for options that cannot be; Interrupted when the signal aborts
 */
export async function trainEncoder(
  data: { texts: readonly string[]; labels: readonly string[] },
  options: Partial<EncoderTrainingOptions> = {},
  { seed = 1, onTrained, ...run }: EncoderRun = {},
): Promise<EncoderClassifier> {
  const settings = checked({ ...encoderDefaults, ...options })
  const { labels, targets } = indexLabels(data.texts, data.labels)
  const tokenizer = WordTokenizer.train(data.texts, settings)
  const { numLayers, numHeads, hiddenSize, dropout, maxPositions } = settings
  const config: EncoderConfig = { vocabSize: tokenizer.vocabSize, maxPositions, numLayers, numHeads, hiddenSize, dropout, labels }
  const encoded = data.texts.map((text) => tokenizer.encode(text))
  const texts = encoded.filter(({ length }) => length > maxPositions).length
  if (texts > 0) run.onEvent?.({ type: 'texts cut', part: 'training', texts, of: encoded.length, read: maxPositions })
  const ids = encoded.map((tokens) => tokens.subarray(0, maxPositions))
  const { held, kept } = holdOut({ ids, targets }, settings.validation, seed)
  const task = classificationTask(config, kept, held, settings, seed, run.threads)
  const perEpoch = Math.ceil(kept.ids.length / settings.batch)
  const steps = settings.steps ?? settings.epochs * perEpoch
  const trained = await train(
    task,
    initFlat(task.spec, seed),
    {
      steps,
      learningRate: settings.learningRate,
      schedule: warmupCosine({ steps, warmup: Math.min(100, Math.ceil(steps / 10)), final: 0.05 }),
      optimizer: adamW(task.spec, { weightDecay: settings.weightDecay }),
      maxNorm: 1,
      evaluateEvery: perEpoch,
      patience: settings.patience,
    },
    {
      ...run,
      seed,
      fingerprint: { seed, threads: run.threads ?? 0, data: digest([...data.texts, ...data.labels]), ...settings, steps },
    },
  )
  onTrained?.(trained)
  return new EncoderClassifier(config, trained.params, tokenizer, { threads: run.threads })
}

function checked(settings: EncoderTrainingOptions): EncoderTrainingOptions {
  const rules: [keyof EncoderTrainingOptions, string, (value: number) => boolean][] = [
    ['epochs', 'above 0', (value) => value > 0],
    ['batch', 'a whole number above 0', (value) => Number.isInteger(value) && value > 0],
    ['learningRate', 'above 0', (value) => value > 0],
    ['maxPositions', 'a whole number above 0', (value) => Number.isInteger(value) && value > 0],
    ['numHeads', `a divisor of hiddenSize ${settings.hiddenSize}`, (value) => settings.hiddenSize % value === 0],
    ['dropout', 'from 0 to below 1', (value) => value >= 0 && value < 1],
    ['validation', 'from 0 to below 1', (value) => value >= 0 && value < 1],
  ]
  for (const [name, rule, holds] of rules) {
    const value = settings[name] as number
    if (!holds(value)) throw new ConfigError({ place: `encoder option ${name}`, rule: `must be ${rule}`, got: `${value}` })
  }
  const { steps } = settings
  if (steps !== undefined && !(Number.isInteger(steps) && steps > 0)) {
    throw new ConfigError({ place: 'encoder option steps', rule: 'must be a whole number above 0', got: `${steps}` })
  }
  return settings
}

/** Sets aside a share of the examples, where that leaves enough on both sides. */
function holdOut({ ids, targets }: Examples, share: number, seed: number): { kept: Examples; held: Examples | undefined } {
  const order = new Random(seed, 'validation').shuffle(Int32Array.from(ids.keys()))
  const size = Math.floor(share * ids.length)
  const pick = (indices: Int32Array): Examples => ({
    ids: Array.from(indices, (i) => ids[i]),
    targets: Int32Array.from(indices, (i) => targets[i]),
  })
  if (size < SMALLEST_VALIDATION) return { kept: { ids, targets }, held: undefined }
  return { kept: pick(order.subarray(size)), held: pick(order.subarray(0, size)) }
}

/** Below this many examples a held-out loss says too little to stop by. */
const SMALLEST_VALIDATION = 20

const batchSpecs = {
  ids: inputSpec(['batch', 'tokens'], 'i32'),
  mask: inputSpec(['batch', 'tokens'], 'bool'),
  labels: inputSpec(['batch'], 'i32'),
}

type EncoderTask = Task<ReturnType<typeof encoderSpec>, typeof batchSpecs>

function classificationTask(
  config: EncoderConfig,
  kept: Examples,
  held: Examples | undefined,
  { batch }: EncoderTrainingOptions,
  seed: number,
  threads: number | undefined,
): EncoderTask & { spec: ReturnType<typeof encoderSpec> } {
  const lengths = kept.ids.map(({ length }) => length)
  return {
    spec: encoderSpec(config),
    batchSpecs,
    loss: (p, { ids, mask, labels }, rng) => encoderLoss(p, ids, mask, labels, config, { rng }),
    batch: (indices) => ({
      ...padded(
        Array.from(indices, (i) => kept.ids[i]),
        0,
      ),
      labels: ndarray(
        Int32Array.from(indices, (i) => kept.targets[i]),
        [indices.length],
        'i32',
      ),
    }),
    loader: (state) => new Loader(lengths, { batch, seed }, state),
    evaluate: held && ((params) => evaluate(config, params, held, threads)),
  }
}

async function evaluate(config: EncoderConfig, params: EncoderArrays, { ids, targets }: Examples, threads: number | undefined) {
  await using model = new EncoderClassifier(config, params, new WordTokenizer(['[PAD]', '[UNK]']), { threads })
  const rows = await model.logits(ids)
  const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === targets[i]).length
  return { loss: meanCrossEntropy(rows, targets), accuracy: right / rows.length }
}

function meanCrossEntropy(rows: readonly Float32Array[], targets: Int32Array): number {
  const losses = rows.map((row, i) => {
    const top = Math.max(...row)
    return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - row[targets[i]]
  })
  return losses.reduce((a, b) => a + b, 0) / rows.length
}
