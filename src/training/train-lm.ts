/** Training a causal language model to predict the next token of a text. */
import { availableParallelism } from 'node:os'
import { ConfigError } from '../errors.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import { compile, inputSpec } from '../tensor/compile.ts'
import { crossEntropy, onnxruntime, type Program, sideBySide, type Tensor } from '../tensor/index.ts'
import { type NdArray, zeros } from '../tensor/ndarray.ts'
import { type ParamArrays, paramInputs } from '../tensor/params.ts'
import { digest } from './checkpoint.ts'
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

export type LmRun = Omit<Run, 'fingerprint' | 'seed'> & { seed?: number }

const batchSpecs = { ids: inputSpec(['batch', 'tokens'], 'i32'), targets: inputSpec(['batch', 'tokens'], 'i32') }

/**
 * Trains a causal language model from scratch. Where there is a validation text, the parameters that do best on it are the result.
 *
 * @throws ConfigError for options that cannot be; DataError for a text shorter than the context; Interrupted when the signal aborts
 */
export async function trainLm<Spec>(
  lm: CausalLm<Spec>,
  { train: ids, validation }: LmCorpus,
  options: Partial<LmTrainingOptions> = {},
  { seed = 1, ...run }: LmRun = {},
): Promise<Trained<Spec>> {
  const settings = checked({ ...lmDefaults, ...options }, lm)
  const { steps, batch, context, accumulate, evaluateEvery } = settings
  const canEvaluate = validation.length > 1
  using evaluator = canEvaluate ? await LmEvaluator.compile(lm, run.threads) : undefined
  const task: Task<Spec, typeof batchSpecs> = {
    spec: lm.spec,
    batchSpecs,
    loss: (p, { ids, targets }, rng) => crossEntropy(lm.forward(p, ids, { rng }).logits, targets),
    batch: (starts) => windowBatch(ids, starts, context),
    loader: (state) => new Windows(ids.length, { size: context, batch: batch / accumulate, seed }, state),
    evaluate: evaluator && (async (params) => ({ loss: await evaluator.loss(params, validation, { context, batch }) })),
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
  const text = digest([
    `${ids.length}`,
    `${validation.length}`,
    Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('latin1'),
  ])
  const fingerprint = { seed, threads: run.threads ?? 0, text, architecture: lm.modelType, ...settings }
  return await train(task, initFlat(lm.spec, seed), plan, { ...run, seed, fingerprint: defined(fingerprint) })
}

const defined = <T extends Record<string, string | number | undefined>>(record: T) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Record<string, string | number>

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

/** Windows of a text and, one token further on, their targets. */
export function windowBatch(ids: Int32Array, starts: ArrayLike<number>, context: number): { ids: NdArray; targets: NdArray } {
  const [B, T] = [starts.length, context]
  const batch = { ids: zeros([B, T], 'i32'), targets: zeros([B, T], 'i32') }
  for (let b = 0; b < B; b++) {
    batch.ids.data.set(ids.subarray(starts[b], starts[b] + T), b * T)
    batch.targets.data.set(ids.subarray(starts[b] + 1, starts[b] + 1 + T), b * T)
  }
  return batch
}

type LossProgram = Program<readonly any[], Tensor>

/** Mean loss of a whole text, with the parameters as inputs: one program measures a model as it changes. */
export class LmEvaluator implements Disposable {
  readonly #program: LossProgram
  readonly #runs: number

  private constructor(program: LossProgram, runs: number) {
    this.#program = program
    this.#runs = runs
  }

  static async compile<Spec>(lm: CausalLm<Spec>, threads: number = availableParallelism()): Promise<LmEvaluator> {
    const { runs, threadsEach } = sideBySide(onnxruntime, threads)
    const specs = [paramInputs(lm.spec), batchSpecs.ids, batchSpecs.targets] as const
    const loss = (p: unknown, ids: Tensor, targets: Tensor) => crossEntropy(lm.forward(p, ids).logits, targets)
    const program = (await compile(loss as never, specs as never, { threads: threadsEach })) as unknown as LossProgram
    return new LmEvaluator(program, runs)
  }

  /**
   * Nats per token of every token but the first, in windows that do not overlap: a token sees those before it in its window.
   *
   * @param options.batch  windows a run
   */
  async loss(
    params: ParamArrays<unknown>,
    ids: Int32Array,
    { context, batch }: { context: number; batch: number },
  ): Promise<number> {
    const targets = ids.length - 1
    const whole = Math.floor(targets / context)
    const starts = Array.from({ length: whole }, (_, i) => i * context)
    const pieces: { starts: number[]; size: number }[] = []
    for (let i = 0; i < whole; i += batch) pieces.push({ starts: starts.slice(i, i + batch), size: context })
    if (targets % context > 0) pieces.push({ starts: [whole * context], size: targets % context })
    const queue = pieces.values()
    const sums = await Promise.all(
      Array.from({ length: this.#runs }, async () => {
        let sum = 0
        for (const piece of queue) {
          const { ids: x, targets: y } = windowBatch(ids, piece.starts, piece.size)
          sum += (await this.#program.run(params, x, y)).data[0] * piece.starts.length * piece.size
        }
        return sum
      }),
    )
    return sums.reduce((a, b) => a + b) / targets
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}
