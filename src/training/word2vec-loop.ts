/** The epochs of word vectors: progress, checkpoints, interruption. */
import { ConfigError } from '../errors.ts'
import type { Loss, Trainer } from '../models/word2vec/trainer.ts'
import { type Fingerprint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { Interrupted } from './interrupted.ts'
import { startFrom } from './progress.ts'

/** What training word vectors tells. Steps are blocks of some ten thousand words. */
export type Word2VecEvent =
  | { type: 'not reproducible'; threads: number }
  | { type: 'vocabulary'; texts: number; words: number; wordsKept: number; vocabulary: number; undercount: number }
  | { type: 'damaged checkpoint'; folder: string; reason: string }
  | { type: 'resumed'; step: number; steps: number }
  | {
      type: 'step'
      step: number
      steps: number
      epoch: number
      epochs: number
      /** Nats an example, of a sixteenth of the examples since the last step. */
      loss: number
      learningRate: number
      wordsPerSecond: number
      etaSeconds: number
    }
  | { type: 'epoch'; epoch: number; epochs: number; loss: number }
  | { type: 'checkpoint'; step: number; steps: number; folder: string }

export type VectorsRun = {
  out: string
  resume: boolean
  fingerprint: Fingerprint
  checkpointSeconds?: number
  onEvent?: (event: Word2VecEvent) => void
  signal?: AbortSignal
}

const CHECKPOINT_SECONDS = 30
/** How long threads work on their own: an interruption waits so long. */
const SEGMENT_SECONDS = 0.7

/**
 * Trains from the newest checkpoint, or from the start, to the end of the last epoch.
 *
 * The blocks are dealt out in segments of a length that fits the machine's speed; what is learnt does not depend on it.
 *
 * @returns the loss of each epoch, and how long training took in this process
 * @throws Interrupted after saving, when the signal aborts; ConfigError when numbers overflow
 */
export async function trainVectors(
  trainer: Trainer,
  { out, resume, fingerprint, checkpointSeconds = CHECKPOINT_SECONDS, onEvent, signal }: VectorsRun,
) {
  const { blocks, round, config, corpus } = trainer
  const { epochs } = config
  const steps = blocks * epochs
  const buffers = { model: parametersOf(trainer) }
  const onDamaged = (folder: string, { message }: Error) => onEvent?.({ type: 'damaged checkpoint', folder, reason: message })
  const saved = resume ? await loadCheckpoint(out, fingerprint, buffers, onDamaged) : undefined
  const state = saved?.progress ?? startFrom({ epoch: 0, position: 0 })
  if (saved) onEvent?.({ type: 'resumed', step: state.step, steps })
  const first = state.step
  const started = performance.now()
  let savedAt = started
  let savedStep = first
  let segment = round

  while (state.step < steps) {
    if (signal?.aborted) {
      await save()
      throw new Interrupted(state.step, out)
    }
    const { epoch, position } = state.loader
    const to = Math.min(blocks, position + segment)
    const before = performance.now()
    const measured = await trainer.train(epoch, position, to)
    const took = (performance.now() - before) / 1000
    advance(to, measured)
    segment = Math.max(1, Math.round(((to - position) * SEGMENT_SECONDS) / took / round)) * round
    report(measured, epoch)
    if (performance.now() - savedAt >= 1000 * checkpointSeconds && state.step < steps) await save()
  }
  expectFinite(trainer, state.step)
  return { curve: state.curve, trainSeconds: (performance.now() - started) / 1000 }

  function advance(to: number, { loss, examples }: Loss): void {
    const { epoch, position } = state.loader
    state.step += to - position
    if (!Number.isFinite(loss)) throw diverged(state.step, config.learningRate, `a loss of ${loss}`)
    state.lossSum += loss
    state.lossCount += examples
    state.loader = { epoch, position: to }
    if (to < blocks) return
    const mean = state.lossSum / state.lossCount
    state.curve.push({ step: state.step, loss: mean })
    onEvent?.({ type: 'epoch', epoch: epoch + 1, epochs, loss: mean })
    state.loader = { epoch: epoch + 1, position: 0 }
    state.lossSum = 0
    state.lossCount = 0
  }

  function report({ loss, examples }: Loss, epoch: number): void {
    const seconds = (performance.now() - started) / 1000
    const share = (state.step - first) / blocks
    onEvent?.({
      type: 'step',
      step: state.step,
      steps,
      epoch: epoch + 1,
      epochs,
      loss: loss / examples,
      learningRate: trainer.learningRate(state.step),
      wordsPerSecond: (share * corpus.summary.wordsKept) / seconds,
      etaSeconds: (seconds / (state.step - first)) * (steps - state.step),
    })
  }

  async function save(): Promise<void> {
    if (state.step === savedStep) return
    expectFinite(trainer, state.step)
    const folder = await saveCheckpoint(out, { fingerprint, finished: false, progress: state }, buffers)
    savedStep = state.step
    savedAt = performance.now()
    onEvent?.({ type: 'checkpoint', step: state.step, steps, folder })
  }
}

/** The vectors with their padding, as a checkpoint keeps them. */
function parametersOf({ parameters: data, stride }: Trainer) {
  return { data, tree: { parameters: { dtype: 'f32' as const, shape: [data.length / stride, stride], data } } }
}

function expectFinite({ parameters, config }: Trainer, step: number): void {
  let sum = 0
  for (let i = 0; i < parameters.length; i++) sum += parameters[i] * 0 // NaN from the first number that is not finite
  if (sum !== 0) throw diverged(step, config.learningRate, 'vectors that are not')
}

function diverged(step: number, learningRate: number, got: string): ConfigError {
  return new ConfigError({
    place: `training: step ${step}`,
    rule: 'loss and vectors must stay finite',
    got,
    hint: `lower the learning rate (it was ${learningRate})`,
  })
}
