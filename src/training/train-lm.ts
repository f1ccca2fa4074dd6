/** Training a causal language model to predict the next token of a text. */
import { ConfigError } from '../errors.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import { LmLoss, lmBatchSpecs, windowBatch } from '../models/lm-loss.ts'
import { crossEntropy, type ParamArrays } from '../tensor/index.ts'
import { digestIds, fingerprintOf } from './checkpoint.ts'
import { initFlat } from './flat.ts'
import { type Run, type Task, type Trained, train } from './loop.ts'
import { adamW } from './optimizer.ts'
import { warmupCosine } from './schedule.ts'
import { Windows } from './windows.ts'

export type LmTrainingOptions = {
  steps: number
  /** Windows a step. */
  batch: number
  /** Tokens of a window. */
  context: number
  /** Windows of a step are cut into so many batches whose gradients are averaged. */
  accumulate: number
  learningRate: number
  /** Share of the learning rate that is left at the end. */
  finalRate: number
  warmup: number
  weightDecay: number
  beta2: number
  maxNorm: number
  evaluateEvery: number
  /** Evaluations without improvement after which training stops. */
  patience?: number
}

export const lmDefaults: LmTrainingOptions = {
  steps: 2000,
  batch: 12,
  context: 64,
  accumulate: 1,
  learningRate: 1e-3,
  finalRate: 0.1,
  warmup: 100,
  weightDecay: 0.1,
  beta2: 0.99,
  maxNorm: 1,
  evaluateEvery: 250,
}

/** A text as token ids: what is learnt from, and what progress is measured on. */
export type LmCorpus = { train: Int32Array; validation: Int32Array }

export type LmRun = Omit<Run, 'fingerprint' | 'seed'> & {
  seed?: number
  /** Writes a text with the parameters as they are, to be shown after each evaluation. */
  sample?: (params: ParamArrays<any>) => Promise<string>
}

/**
 * Trains a causal language model from scratch. Where there is a validation text, the parameters that do best on it are the result.
 *
 * @throws ConfigError for options that cannot be; DataError for a text shorter than the context; Interrupted when the signal aborts
 */
export async function trainLm<Spec>(
  lm: CausalLm<Spec>,
  { train: ids, validation }: LmCorpus,
  options: Partial<LmTrainingOptions> = {},
  { seed = 1, sample, ...run }: LmRun = {},
): Promise<Trained<Spec>> {
  const settings = checked({ ...lmDefaults, ...options }, lm)
  const { steps, batch, context, accumulate, evaluateEvery } = settings
  const canEvaluate = validation.length > 1
  using measure = canEvaluate ? await LmLoss.compile(lm, run.threads) : undefined
  const task: Task<Spec, typeof lmBatchSpecs> = {
    spec: lm.spec,
    batchSpecs: lmBatchSpecs,
    loss: (p, { ids, targets }, rng) => crossEntropy(lm.forward(p, ids, { rng }).logits, targets),
    batch: (starts) => windowBatch(ids, starts, context),
    loader: (state) => new Windows(ids.length, { size: context, batch: batch / accumulate, seed }, state),
    evaluate:
      measure &&
      (async (params) => {
        const loss = await measure.of(params, validation, { context, batch })
        if (sample) run.onEvent?.({ type: 'sample', text: await sample(params) })
        return { loss }
      }),
  }
  const plan = {
    steps,
    learningRate: settings.learningRate,
    schedule: warmupCosine({ steps, warmup: Math.min(settings.warmup, steps), final: settings.finalRate }),
    optimizer: adamW(lm.spec, { beta2: settings.beta2, weightDecay: settings.weightDecay }),
    accumulate,
    maxNorm: settings.maxNorm,
    evaluateEvery: Math.min(evaluateEvery, steps),
    patience: settings.patience,
  }
  const text = `${digestIds(ids)} ${digestIds(validation)}`
  const fingerprint = { seed, threads: run.threads ?? 0, text, architecture: lm.modelType, ...settings }
  return await train(task, initFlat(lm.spec, seed), plan, { ...run, seed, fingerprint: fingerprintOf(fingerprint) })
}

function checked(settings: LmTrainingOptions, { contextLength }: CausalLm): LmTrainingOptions {
  const whole = (value: number) => Number.isInteger(value) && value > 0
  const rules: [keyof LmTrainingOptions, string, boolean][] = [
    ['steps', 'a whole number above 0', whole(settings.steps)],
    ['batch', 'a whole number above 0', whole(settings.batch)],
    [
      'context',
      `a whole number from 1 to the model's ${contextLength} positions`,
      whole(settings.context) && settings.context <= contextLength,
    ],
    [
      'accumulate',
      `a divisor of the batch of ${settings.batch}`,
      whole(settings.accumulate) && settings.batch % settings.accumulate === 0,
    ],
    ['learningRate', 'above 0', settings.learningRate > 0],
    ['evaluateEvery', 'a whole number above 0', whole(settings.evaluateEvery)],
  ]
  for (const [name, rule, holds] of rules) {
    if (!holds) throw new ConfigError({ place: `training option ${name}`, rule: `must be ${rule}`, got: `${settings[name]}` })
  }
  return settings
}
