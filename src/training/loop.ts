import { availableParallelism } from 'node:os'
import { ConfigError } from '../errors.ts'
import type { InputSpec } from '../tensor/compile.ts'
import type { NdArray } from '../tensor/ndarray.ts'
import type { ParamArrays } from '../tensor/params.ts'
import { Random } from '../tensor/random.ts'
import type { MapLeaves } from '../tensor/tree.ts'
import { type Fingerprint, loadCheckpoint, prepareCheckpoints, saveCheckpoint } from './checkpoint.ts'
import { Crew } from './crew.ts'
import type { TrainingEvent } from './events.ts'
import { type Flat, flatZeros } from './flat.ts'
import { Gradients, type Loss } from './gradients.ts'
import { Interrupted } from './interrupted.ts'
import type { Batches, LoaderState } from './loader.ts'
import { clipScale, globalNorm, type Optimizer } from './optimizer.ts'
import { type CurvePoint, type Progress, startFrom } from './progress.ts'
import type { Schedule } from './schedule.ts'

/** What is learnt: parameters, the loss of a batch, and where batches come from. */
export type Task<Spec, BatchSpecs> = {
  spec: Spec
  batchSpecs: BatchSpecs
  loss: Loss<Spec, BatchSpecs>
  /** Arrays of the examples with these indices; `step` counts from 0. */
  batch: (indices: Int32Array, step: number) => MapLeaves<BatchSpecs, InputSpec, NdArray>
  /** A new loader, or one that goes on from a state. */
  loader: (state?: LoaderState) => Batches
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

/** How a training went. `curve` has the mean training loss and the measures at each evaluation. */
export type Trained<Spec> = { params: ParamArrays<Spec>; step: number; bestStep: number; curve: CurvePoint[] }

const CHECKPOINT_SECONDS = 30

/**
 * Trains until the plan's last step, until nothing improves, or until the signal aborts.
 *
 * Starts from `initial`, which it changes. Where the task evaluates, the parameters of the best evaluation are returned.
 *
 * @throws Interrupted after saving, when the signal aborts
 * @throws ConfigError when the loss is no longer finite; the last checkpoint before it stays. Also when `out` holds the unfinished
 *   training of a run that is not resumed, or of another run
 * @throws DataError when `out` cannot be written; the checkpoints in it stay
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
  /** Mean gradients of several batches. */
  readonly #accumulated: Flat<Spec> | undefined
  readonly #best: Flat<Spec> | undefined
  #loader: Batches
  #progress: Progress
  #savedStep = 0

  constructor(task: Task<Spec, BatchSpecs>, values: Flat<Spec>, plan: TrainingPlan<Spec>, run: Run) {
    this.#task = task
    this.#plan = plan
    this.#run = run
    this.#values = values
    this.#gradients = flatZeros(task.spec)
    this.#accumulated = (plan.accumulate ?? 1) > 1 ? flatZeros(task.spec) : undefined
    this.#best = task.evaluate && flatZeros(task.spec)
    this.#loader = task.loader()
    this.#progress = startFrom(this.#loader.state)
  }

  async run(): Promise<Trained<Spec>> {
    const { steps } = this.#plan
    const { out, resume = false } = this.#run
    if (out) await prepareCheckpoints(out, resume)
    if (resume) await this.#resume()
    const { spec, batchSpecs, loss } = this.#task
    const { threads = availableParallelism() } = this.#run
    using crew = new Crew(threads, this.#values.data.length)
    using gradients = await Gradients.compile(spec, batchSpecs, loss, threads, crew)
    const state = this.#progress
    const started = performance.now()
    let saved = started
    let examples = 0
    const first = state.step
    while (!this.#isFinished) {
      if (this.#run.signal?.aborted) await this.#interrupt()
      const measured = await this.#step(gradients, crew)
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
    await this.#save()
    if (state.step < steps) this.#emit({ type: 'stopped early', step: state.step, steps, bestStep: state.bestStep })
    const params = (this.#best && state.bestStep > 0 ? this.#best : this.#values).tree
    return { params, step: state.step, bestStep: state.bestStep || state.step, curve: state.curve }
  }

  get #isFinished(): boolean {
    const { steps, patience = Number.POSITIVE_INFINITY } = this.#plan
    return this.#progress.step >= steps || this.#progress.sinceBest >= patience
  }

  async #step(program: Gradients<Spec>, crew: Crew) {
    const { accumulate = 1, maxNorm = Number.POSITIVE_INFINITY, optimizer, schedule } = this.#plan
    const state = this.#progress
    let loss = 0
    let examples = 0
    const sum = this.#accumulated
    sum?.data.fill(0)
    const { length } = this.#values.data
    for (let part = 0; part < accumulate; part++) {
      const indices = this.#loader.next()
      const seed = new Random(this.#run.seed, `step ${state.step} ${part}`).bits() | 0
      loss += (await program.run(this.#values, this.#task.batch(indices, state.step), seed, this.#gradients)) / accumulate
      examples += indices.length
      if (sum) await crew.run('combine', length, [sum.data, this.#gradients.data], [1, 1 / accumulate])
    }
    const gradients = sum ?? this.#gradients
    const squares = await crew.run('sumOfSquares', length, gradients.data)
    const gradientNorm = Math.sqrt(squares.reduce((sum, part) => sum + part))
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw this.#diverged(state.step + 1, `loss ${loss}, norm of the gradients ${gradientNorm}`)
    }
    const learningRate = this.#plan.learningRate * schedule(state.step)
    state.step++
    await optimizer.update(this.#values, gradients, {
      step: state.step,
      learningRate,
      gradientScale: clipScale(gradientNorm, maxNorm),
      crew,
    })
    state.loader = this.#loader.state
    state.lossSum += loss
    state.lossCount++
    return { examples, report: { loss, learningRate, gradientNorm } }
  }

  #diverged(step: number, got: string): ConfigError {
    const { learningRate } = this.#plan
    const kept = this.#savedStep > 0 ? `; the checkpoint of step ${this.#savedStep} is from before` : ''
    return new ConfigError({
      place: `training: step ${step}`,
      rule: 'loss, gradients and parameters must stay finite',
      got,
      hint: `lower the learning rate (it was ${learningRate})${kept}`,
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
    const best = metrics.loss < (state.bestLoss ?? Number.POSITIVE_INFINITY)
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

  /** Writes a checkpoint, unless there is no place for one or this step has one. */
  async #save(): Promise<void> {
    const { out, fingerprint } = this.#run
    const { step } = this.#progress
    if (!out || step === this.#savedStep) return
    if (!Number.isFinite(globalNorm(this.#values.data))) throw this.#diverged(step, 'parameters that are not')
    const state = { fingerprint, finished: this.#isFinished, progress: this.#progress }
    const folder = await saveCheckpoint(out, state, this.#buffers)
    this.#savedStep = step
    this.#emit({ type: 'checkpoint', step, steps: this.#plan.steps, folder })
  }

  async #resume(): Promise<void> {
    const { out, fingerprint } = this.#run
    const onDamaged = (folder: string, { message }: Error) => this.#emit({ type: 'damaged checkpoint', folder, reason: message })
    const saved = out && (await loadCheckpoint(out, fingerprint, this.#buffers, onDamaged))
    if (!saved) return
    this.#progress = saved.progress
    this.#savedStep = saved.progress.step
    this.#loader = this.#task.loader(saved.progress.loader)
    this.#emit({ type: 'resumed', step: this.#savedStep, steps: this.#plan.steps })
  }

  async #interrupt(): Promise<never> {
    await this.#save()
    throw new Interrupted(this.#progress.step, this.#run.out)
  }

  #emit(event: TrainingEvent): void {
    this.#run.onEvent?.(event)
  }
}
