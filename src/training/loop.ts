import { ConfigError } from '../errors.ts'
import { valueAndGrad } from '../tensor/autodiff.ts'
import { compile, type InputSpec, inputSpec } from '../tensor/compile.ts'
import { Rng } from '../tensor/composites/dropout.ts'
import { type NdArray, ndarray } from '../tensor/ndarray.ts'
import { type ParamArrays, type ParamsOf, paramInputs } from '../tensor/params.ts'
import { Random } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MapLeaves } from '../tensor/tree.ts'
import { type Fingerprint, loadCheckpoint, type SavedState, saveCheckpoint } from './checkpoint.ts'
import type { TrainingEvent } from './events.ts'
import { type Flat, flatZeros } from './flat.ts'
import { Interrupted } from './interrupted.ts'
import type { Loader, LoaderState } from './loader.ts'
import { clipScale, globalNorm, type Optimizer } from './optimizer.ts'
import type { Schedule } from './schedule.ts'

/** What is learnt: parameters, the loss of a batch, and where batches come from. */
export type Task<Spec, BatchSpecs> = {
  spec: Spec
  batchSpecs: BatchSpecs
  /** Mean loss of a batch; `rng` feeds dropout. */
  loss: (p: ParamsOf<Spec>, batch: MapLeaves<BatchSpecs, InputSpec, Tensor>, rng: Rng) => Tensor
  /** Arrays of the examples with these indices. */
  batch: (indices: Int32Array) => MapLeaves<BatchSpecs, InputSpec, NdArray>
  /** A new loader, or one that goes on from a state. */
  loader: (state?: LoaderState) => Loader
  /** Measures on held-out data; `loss` decides which parameters are best. */
  evaluate?: (params: ParamArrays<Spec>) => Promise<{ loss: number } & Record<string, number>>
}

export type TrainingPlan<Spec> = {
  steps: number
  learningRate: number
  schedule: Schedule
  optimizer: Optimizer<Spec>
  /** Batches whose gradients are averaged into one step. */
  accumulate?: number
  /** Largest global norm of the gradients. */
  maxNorm?: number
  /** Steps between evaluations. */
  evaluateEvery?: number
  /** Evaluations without a better loss after which training stops. */
  patience?: number
}

export type Run = {
  /** Folder for checkpoints; without it nothing is kept on disk. */
  out?: string
  /** Go on from the newest checkpoint in `out`, if there is one. */
  resume?: boolean
  seed: number
  threads?: number
  checkpointSeconds?: number
  fingerprint: Fingerprint
  onEvent?: (event: TrainingEvent) => void
  signal?: AbortSignal
}

export type CurvePoint = { step: number; loss: number } & Record<string, number>

/** How a training went. `curve` has the mean training loss and the measures at each evaluation. */
export type Trained<Spec> = { params: ParamArrays<Spec>; step: number; bestStep: number; curve: CurvePoint[] }

type Progress = {
  step: number
  loader: LoaderState
  bestStep: number
  bestLoss: number
  sinceBest: number
  lossSum: number
  lossCount: number
  curve: CurvePoint[]
}

const CHECKPOINT_SECONDS = 30

/**
 * Trains until the plan's last step, until nothing improves, or until the signal aborts.
 *
 * Starts from `initial`, which it changes. Where the task evaluates, the parameters of the best evaluation are returned.
 *
 * @throws Interrupted after saving, when the signal aborts
 * @throws ConfigError when the loss is no longer finite; the last checkpoint before it stays
 */
export async function train<Spec, BatchSpecs>(
  task: Task<Spec, BatchSpecs>,
  initial: Flat<Spec>,
  plan: TrainingPlan<Spec>,
  run: Run,
): Promise<Trained<Spec>> {
  const training = new Training(task, initial, plan, run)
  return training.run()
}

class Training<Spec, BatchSpecs> {
  readonly #task: Task<Spec, BatchSpecs>
  readonly #plan: TrainingPlan<Spec>
  readonly #run: Run
  readonly #values: Flat<Spec>
  readonly #gradients: Flat<Spec>
  readonly #best: Flat<Spec> | undefined
  #loader: Loader
  #progress: Progress

  constructor(task: Task<Spec, BatchSpecs>, values: Flat<Spec>, plan: TrainingPlan<Spec>, run: Run) {
    this.#task = task
    this.#plan = plan
    this.#run = run
    this.#values = values
    this.#gradients = flatZeros(task.spec)
    this.#best = task.evaluate && flatZeros(task.spec)
    this.#loader = task.loader()
    this.#progress = {
      step: 0,
      loader: this.#loader.state,
      bestStep: 0,
      bestLoss: Number.POSITIVE_INFINITY,
      sinceBest: 0,
      lossSum: 0,
      lossCount: 0,
      curve: [],
    }
  }

  async run(): Promise<Trained<Spec>> {
    const { steps, patience = Number.POSITIVE_INFINITY } = this.#plan
    if (this.#run.resume) await this.#resume()
    using program = await this.#compile()
    const state = this.#progress
    const started = performance.now()
    let saved = started
    let examples = 0
    const first = state.step
    while (state.step < steps && state.sinceBest < patience) {
      if (this.#run.signal?.aborted) await this.#interrupt()
      const measured = await this.#step(program)
      examples += measured.examples
      const seconds = (performance.now() - started) / 1000
      const etaSeconds = (seconds / (state.step - first)) * (steps - state.step)
      this.#emit({ type: 'step', step: state.step, steps, ...measured.report, examplesPerSecond: examples / seconds, etaSeconds })
      if (this.#isEvaluationDue()) await this.#evaluate()
      if (performance.now() - saved >= 1000 * (this.#run.checkpointSeconds ?? CHECKPOINT_SECONDS)) {
        await this.#save()
        saved = performance.now()
      }
    }
    if (state.step < steps) this.#emit({ type: 'stopped early', step: state.step, steps, bestStep: state.bestStep })
    const params = (this.#best && state.bestStep > 0 ? this.#best : this.#values).tree
    return { params, step: state.step, bestStep: state.bestStep || state.step, curve: state.curve }
  }

  #compile() {
    const { spec, batchSpecs, loss } = this.#task
    const f = (p: ParamsOf<Spec>, batch: MapLeaves<BatchSpecs, InputSpec, Tensor>, seed: Tensor) =>
      valueAndGrad((q: ParamsOf<Spec>) => loss(q, batch, new Rng(seed)))(p)
    const specs = [paramInputs(spec), batchSpecs, inputSpec([], 'i32')] as const
    return compile(f as never, specs, { threads: this.#run.threads }) as Promise<unknown> as Promise<GradientProgram>
  }

  async #step(program: GradientProgram) {
    const { accumulate = 1, maxNorm = Number.POSITIVE_INFINITY, optimizer, schedule } = this.#plan
    const state = this.#progress
    let loss = 0
    let examples = 0
    const sum = accumulate > 1 ? new Float32Array(this.#gradients.data.length) : undefined
    for (let part = 0; part < accumulate; part++) {
      const indices = this.#loader.next()
      const seed = ndarray([new Random(this.#run.seed, `step ${state.step} ${part}`).bits() | 0], [], 'i32')
      const value = ndarray(new Float32Array(1), [])
      await program.runInto({ value, grad: this.#gradients.tree }, this.#values.tree, this.#task.batch(indices), seed)
      loss += value.data[0] / accumulate
      examples += indices.length
      sum?.forEach((total, i) => {
        sum[i] = total + this.#gradients.data[i] / accumulate
      })
    }
    if (sum) this.#gradients.data.set(sum)
    const gradientNorm = globalNorm(this.#gradients.data)
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) this.#diverged(loss)
    const learningRate = this.#plan.learningRate * schedule(state.step)
    state.step++
    optimizer.update(this.#values, this.#gradients, {
      step: state.step,
      learningRate,
      gradientScale: clipScale(gradientNorm, maxNorm),
    })
    state.loader = this.#loader.state
    state.lossSum += loss
    state.lossCount++
    return { examples, report: { loss, learningRate, gradientNorm } }
  }

  #diverged(loss: number): never {
    const { step } = this.#progress
    throw new ConfigError({
      place: `training: step ${step + 1}`,
      rule: 'loss and gradients must stay finite',
      got: `loss ${loss}`,
      hint: `lower the learning rate (it was ${this.#plan.learningRate})${this.#run.out ? `; the last checkpoint in ${this.#run.out} is from before` : ''}`,
    })
  }

  #isEvaluationDue(): boolean {
    const { steps, evaluateEvery = steps } = this.#plan
    const { step } = this.#progress
    return step % evaluateEvery === 0 || step === steps
  }

  async #evaluate(): Promise<void> {
    const state = this.#progress
    const point: CurvePoint = { step: state.step, loss: state.lossSum / state.lossCount }
    state.lossSum = 0
    state.lossCount = 0
    state.curve.push(point)
    if (!this.#task.evaluate || !this.#best) return
    const metrics = await this.#task.evaluate(this.#values.tree)
    for (const [name, value] of Object.entries(metrics)) point[`validation ${name}`] = value
    const best = metrics.loss < state.bestLoss
    state.sinceBest = best ? 0 : state.sinceBest + 1
    if (best) {
      state.bestLoss = metrics.loss
      state.bestStep = state.step
      this.#best.data.set(this.#values.data)
    }
    this.#emit({ type: 'evaluation', step: state.step, steps: this.#plan.steps, metrics, best })
  }

  get #buffers(): Record<string, Flat<unknown>> {
    return { model: this.#values, ...this.#plan.optimizer.moments, ...(this.#best && { best: this.#best }) }
  }

  async #save(): Promise<void> {
    const { out, fingerprint } = this.#run
    if (!out) return
    const { step, bestLoss, ...rest } = this.#progress
    // JSON has no infinity.
    await saveCheckpoint(
      out,
      { step, fingerprint, bestLoss: Number.isFinite(bestLoss) ? bestLoss : null, ...rest },
      this.#buffers,
    )
    this.#emit({ type: 'checkpoint', step, steps: this.#plan.steps, folder: out })
  }

  async #resume(): Promise<void> {
    const { out, fingerprint } = this.#run
    const saved = out && (await loadCheckpoint(out, fingerprint, this.#buffers))
    if (!saved) return
    const { fingerprint: _, bestLoss, ...progress } = saved as SavedState & Progress
    this.#progress = { ...progress, bestLoss: bestLoss ?? Number.POSITIVE_INFINITY }
    this.#loader = this.#task.loader(this.#progress.loader)
    this.#emit({ type: 'resumed', step: this.#progress.step, steps: this.#plan.steps })
  }

  async #interrupt(): Promise<never> {
    await this.#save()
    throw new Interrupted(this.#progress.step, this.#run.out)
  }

  #emit(event: TrainingEvent): void {
    this.#run.onEvent?.(event)
  }
}

/** The trees of a task are its own; here they only pass through. */
type GradientProgram = Disposable & { runInto(target: unknown, ...args: unknown[]): Promise<void> }
