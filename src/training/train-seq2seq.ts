/** Training an encoder–decoder to predict the next token of a target, given its source. */
import { ConfigError } from '../errors.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import {
  type PairBatch,
  type PairMarks,
  pairBatch,
  pairBatchSpecs,
  pairLogits,
  Seq2SeqLoss,
  type TokenPairs,
} from '../models/seq2seq-loss.ts'
import { crossEntropy, inputSpec, type NdArray, ndarray, type ParamArrays, type Rng, type Tensor } from '../tensor/index.ts'
import { digestIds, fingerprintOf } from './checkpoint.ts'
import { initFlat } from './flat.ts'
import type { LoaderState } from './loader.ts'
import { type Run, type Task, type Trained, train } from './loop.ts'
import { adamW } from './optimizer.ts'
import { inverseSquareRoot, type Schedule, warmupCosine, warmupLinear } from './schedule.ts'
import { type ScheduledSampling, teacherForcing } from './scheduled-sampling.ts'
import { TokenBatches } from './token-batches.ts'

export type Seq2SeqTrainingOptions = {
  /** Instead of `steps`: passes over the pairs. */
  epochs?: number
  steps: number
  /** Most tokens of a batch: sources and targets together, padding included. */
  batchTokens: number
  /** Batches whose gradients are averaged into one step. */
  accumulate: number
  /** At its peak. */
  learningRate: number
  /** How the learning rate falls after its peak. */
  schedule: 'inverse-sqrt' | 'linear' | 'cosine'
  /** Steps over which the learning rate rises; by default a tenth of all, at most 400. */
  warmup?: number
  /** Share of each target that is spread over all tokens (Szegedy et al. 2015). */
  labelSmoothing: number
  scheduledSampling?: ScheduledSampling
  weightDecay: number
  beta2: number
  maxNorm: number
  evaluateEvery: number
  /** Evaluations without improvement after which training stops. */
  patience?: number
}

export const seq2SeqDefaults: Seq2SeqTrainingOptions = {
  steps: 10_000,
  batchTokens: 2048,
  accumulate: 1,
  learningRate: 1e-3,
  schedule: 'inverse-sqrt',
  labelSmoothing: 0.1,
  weightDecay: 0,
  beta2: 0.98,
  maxNorm: 1,
  evaluateEvery: 250,
  patience: 10,
}

/** What is learnt from, and what progress is measured on. */
export type Seq2SeqData = { train: TokenPairs; validation?: TokenPairs; marks: PairMarks }

export type Seq2SeqRun = Omit<Run, 'fingerprint' | 'seed'> & {
  seed?: number
  /** Translates something with the parameters as they are, to be shown after each evaluation. */
  sample?: (params: ParamArrays<any>) => Promise<string>
}

/**
 * `share`, [B]: the target tokens of an example, over the mean of its batch. The mean loss of a part of a batch, times the mean share of
 * the part's examples, counts as much as the part has tokens: so the mean over parts is that over all tokens of the batch.
 */
const seq2SeqBatchSpecs = { ...pairBatchSpecs, share: inputSpec(['batch']) }
/** `teacherForcing`, [B]: one probability, once for each example, as batches are cut by their examples. */
const sampledBatchSpecs = { ...seq2SeqBatchSpecs, teacherForcing: inputSpec(['batch']) }

/**
 * Trains an encoder–decoder from scratch. Where there are pairs to validate on, the parameters that do best on them are the result.
 *
 * @throws ConfigError for options that cannot be; DataError where there is no pair; Interrupted when the signal aborts
 */
export async function trainSeq2Seq<Spec>(
  model: Seq2Seq<Spec>,
  data: Seq2SeqData,
  options: Partial<Seq2SeqTrainingOptions> = {},
  { seed = 1, sample, ...run }: Seq2SeqRun = {},
): Promise<Trained<Spec>> {
  const { train: pairs, validation, marks } = data
  const settings = checked({ ...seq2SeqDefaults, ...options })
  const { batchTokens, scheduledSampling, epochs, steps: _, ...rest } = settings
  const loader = (state?: LoaderState) => new TokenBatches(pairs, { batchTokens, seed }, state)
  const perEpoch = loader().batchesPerEpoch / settings.accumulate
  const steps = epochs === undefined ? settings.steps : Math.max(1, Math.round(epochs * perEpoch))
  using measure = validation && (await Seq2SeqLoss.compile(model, run.threads))
  const task: Task<Spec, typeof sampledBatchSpecs> = {
    spec: model.spec,
    // The engine leaves out an input that nothing reads, so there is none.
    batchSpecs: (scheduledSampling ? sampledBatchSpecs : seq2SeqBatchSpecs) as typeof sampledBatchSpecs,
    loss: (p, batch, rng) => pairLoss(model, p, batch, { rng, labelSmoothing: settings.labelSmoothing }),
    batch: (indices, step) => weighted(pairBatch(pairs, indices, marks), pairs, indices, scheduledSampling, step, steps),
    loader,
    evaluate:
      measure &&
      (async (params) => {
        const { loss } = await measure.of(params, validation!, marks, { batchTokens })
        if (sample) run.onEvent?.({ type: 'sample', text: await sample(params) })
        return { loss, perplexity: Math.exp(loss) }
      }),
  }
  const plan = {
    steps,
    learningRate: settings.learningRate,
    schedule: scheduleOf(settings, steps),
    optimizer: adamW(model.spec, { beta2: settings.beta2, weightDecay: settings.weightDecay }),
    accumulate: settings.accumulate,
    maxNorm: settings.maxNorm,
    evaluateEvery: Math.min(settings.evaluateEvery, steps),
    patience: settings.patience,
  }
  const sampling = scheduledSampling && `${scheduledSampling.decay} to ${scheduledSampling.final}`
  const fingerprint = { seed, threads: run.threads ?? 0, text: digestData(data), architecture: model.modelType }
  const told = { ...fingerprint, ...rest, batchTokens, steps, sampling }
  return await train(task, initFlat(model.spec, seed), plan, { ...run, seed, fingerprint: fingerprintOf(told) })
}

type BatchTensors = { [K in keyof typeof seq2SeqBatchSpecs]: Tensor } & { teacherForcing?: Tensor }

/** Mean cross-entropy of a batch's target tokens, of a part of it in proportion to its tokens. */
function pairLoss(
  model: Seq2Seq,
  p: unknown,
  { labels, share, teacherForcing, ...batch }: BatchTensors,
  { rng, labelSmoothing }: { rng: Rng; labelSmoothing: number },
): Tensor {
  const logits = pairLogits(model, p, batch, { rng, ...(teacherForcing && { teacherForcing: teacherForcing.mean() }) })
  return crossEntropy(logits, labels, { labelSmoothing }).mul(share.mean())
}

function weighted(
  batch: PairBatch,
  { targets }: TokenPairs,
  indices: Int32Array,
  sampling: ScheduledSampling | undefined,
  step: number,
  steps: number,
): PairBatch & { share: NdArray; teacherForcing: NdArray } {
  const tokens = Float32Array.from(indices, (i) => targets[i].length + 1)
  const mean = tokens.reduce((sum, n) => sum + n) / tokens.length
  const share = ndarray(
    tokens.map((n) => n / mean),
    [tokens.length],
  )
  if (!sampling) return { ...batch, share } as PairBatch & { share: NdArray; teacherForcing: NdArray }
  const probability = teacherForcing(sampling, step, steps)
  return { ...batch, share, teacherForcing: ndarray(new Float32Array(tokens.length).fill(probability), [tokens.length]) }
}

const LONGEST_WARMUP = 400

function scheduleOf(settings: Seq2SeqTrainingOptions, steps: number): Schedule {
  const { schedule, warmup = Math.min(LONGEST_WARMUP, Math.ceil(steps / 10)) } = settings
  const rise = Math.min(warmup, steps)
  if (schedule === 'inverse-sqrt') return inverseSquareRoot({ warmup: rise })
  return (schedule === 'linear' ? warmupLinear : warmupCosine)({ steps, warmup: rise })
}

const digestData = ({ train, validation }: Seq2SeqData): string =>
  [train, validation].map((pairs) => pairs && `${digestAll(pairs.sources)} ${digestAll(pairs.targets)}`).join(' ')

function digestAll(texts: readonly Int32Array[]): string {
  const ids = new Int32Array(texts.reduce((sum, { length }) => sum + length + 1, 0))
  let at = 0
  for (const text of texts) {
    ids[at] = text.length
    ids.set(text, at + 1)
    at += text.length + 1
  }
  return digestIds(ids)
}

function checked(settings: Seq2SeqTrainingOptions): Seq2SeqTrainingOptions {
  const whole = (value: number) => Number.isInteger(value) && value > 0
  const rules: [keyof Seq2SeqTrainingOptions, string, boolean][] = [
    ['steps', 'a whole number above 0', whole(settings.steps)],
    ['epochs', 'above 0', settings.epochs === undefined || settings.epochs > 0],
    ['batchTokens', 'a whole number above 0', whole(settings.batchTokens)],
    ['accumulate', 'a whole number above 0', whole(settings.accumulate)],
    ['learningRate', 'above 0', settings.learningRate > 0],
    ['warmup', 'a whole number above 0', settings.warmup === undefined || whole(settings.warmup)],
    ['labelSmoothing', 'from 0 to below 1', settings.labelSmoothing >= 0 && settings.labelSmoothing < 1],
    ['patience', 'a whole number above 0', settings.patience === undefined || whole(settings.patience)],
    ['evaluateEvery', 'a whole number above 0', whole(settings.evaluateEvery)],
  ]
  for (const [name, rule, holds] of rules) {
    if (!holds) throw new ConfigError({ place: `training option ${name}`, rule: `must be ${rule}`, got: `${settings[name]}` })
  }
  return settings
}
