import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inputSpec } from '../tensor/compile.ts'
import { dropout } from '../tensor/composites/dropout.ts'
import { ndarray } from '../tensor/ndarray.ts'
import { normal, param } from '../tensor/params.ts'
import type { TrainingEvent } from './events.ts'
import { initFlat } from './flat.ts'
import { Interrupted } from './interrupted.ts'
import { Loader } from './loader.ts'
import { type Run, type Task, type TrainingPlan, train } from './loop.ts'
import { adamW } from './optimizer.ts'
import { warmupCosine } from './schedule.ts'

const spec = { weight: param([3, 1], normal(0.5)), bias: param([1], normal(0.1)) }
const batchSpecs = { x: inputSpec(['batch', 3]), y: inputSpec(['batch', 1]) }
const points = Array.from({ length: 13 }, (_, i) => [Math.sin(i), Math.cos(2 * i), i / 13])

const task: Task<typeof spec, typeof batchSpecs> = {
  spec,
  batchSpecs,
  loss: (p, { x, y }, rng) => dropout(x, 0.2, rng).matmul(p.weight).add(p.bias).sub(y).square().mean(),
  batch: (indices) => ({
    x: ndarray(
      [...indices].flatMap((i) => points[i]),
      [indices.length, 3],
    ),
    y: ndarray(
      [...indices].map((i) => points[i][0] - points[i][2]),
      [indices.length, 1],
    ),
  }),
  loader: (state) => new Loader(Array(13).fill(1), { batch: 4, seed: 3 }, state),
  evaluate: async ({ weight }) => ({ loss: Math.abs(weight.data[0] - 0.6) }),
}

const STEPS = 9
const plan = (options: Partial<TrainingPlan<typeof spec>> = {}): TrainingPlan<typeof spec> => ({
  steps: STEPS,
  learningRate: 0.05,
  schedule: warmupCosine({ steps: STEPS, warmup: 2 }),
  optimizer: adamW(spec),
  accumulate: 2,
  maxNorm: 1,
  evaluateEvery: 2,
  ...options,
})

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'loquent-loop-'))
})
afterEach(() => rm(out, { recursive: true, force: true }))

const run = (options: Partial<Run> = {}): Run => ({
  seed: 5,
  threads: 2,
  checkpointSeconds: 0,
  fingerprint: { seed: 5 },
  out,
  ...options,
})
const bits = ({ params, curve, bestStep }: Awaited<ReturnType<typeof train>>) => ({
  params: JSON.stringify(params),
  curve,
  bestStep,
})

describe('a training', () => {
  it('goes on to the bit after an interruption at any step', async () => {
    const whole = bits(await train(task, initFlat(spec, 1), plan(), run({ out: undefined })))
    for (const stop of [0, 1, 4, STEPS - 1]) {
      const folder = join(out, `${stop}`)
      const controller = new AbortController()
      if (stop === 0) controller.abort()
      const onEvent = (event: TrainingEvent) => {
        if (event.type === 'step' && event.step === stop) controller.abort()
      }
      const stopped = train(task, initFlat(spec, 1), plan(), run({ out: folder, onEvent, signal: controller.signal }))
      await expect(stopped).rejects.toThrow(Interrupted)
      const seed = stop === 0 ? 1 : 99 // before the first step nothing is saved, and a resume starts anew
      const resumed = await train(task, initFlat(spec, seed), plan(), run({ out: folder, resume: true }))
      expect(bits(resumed), `stopped after step ${stop}`).toEqual(whole)
    }
  })

  it('starts anew where there is nothing to resume', async () => {
    const fresh = await train(task, initFlat(spec, 1), plan(), run({ out: undefined }))
    const resumed = await train(task, initFlat(spec, 1), plan(), run({ resume: true }))
    expect(bits(resumed)).toEqual(bits(fresh))
  })

  it('refuses to resume another run', async () => {
    await train(task, initFlat(spec, 1), plan(), run())
    const other = train(task, initFlat(spec, 1), plan(), run({ resume: true, fingerprint: { seed: 6 } }))
    await expect(other).rejects.toThrow("'seed' differs")
  })

  it('keeps the two newest checkpoints', async () => {
    await train(task, initFlat(spec, 1), plan(), run())
    expect(await readdir(join(out, 'checkpoints'))).toHaveLength(2)
  })

  it.each([
    ['cut short', (path: string) => truncate(path, 40)],
    ['missing', (path: string) => rm(path)],
    ['of other bytes', (path: string) => writeFile(path, 'no safetensors')],
  ])('falls back to the checkpoint before where a file of the newest is %s', async (_, damage) => {
    const whole = bits(await train(task, initFlat(spec, 1), plan(), run({ out: undefined })))
    const controller = new AbortController()
    const stopAt = ({ type, ...event }: TrainingEvent) => {
      if (type === 'checkpoint' && 'step' in event && event.step === 5) controller.abort()
    }
    await expect(train(task, initFlat(spec, 1), plan(), run({ onEvent: stopAt, signal: controller.signal }))).rejects.toThrow()
    const [older, newest] = await readdir(join(out, 'checkpoints'))
    await damage(join(out, 'checkpoints', newest, 'first.safetensors'))
    const events: TrainingEvent[] = []
    const resumed = await train(task, initFlat(spec, 99), plan(), run({ resume: true, onEvent: (event) => events.push(event) }))
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'damaged checkpoint', folder: expect.stringContaining(newest) },
      { type: 'resumed', step: Number(older.slice(5)) },
    ])
    expect(bits(resumed)).toEqual(whole)
  })

  it('stops at a loss that is no number, names the step and keeps the checkpoint before', async () => {
    const broken: typeof task = {
      ...task,
      batch: (indices, step) => {
        const batch = task.batch(indices, step)
        if (poisoned) batch.x.data.fill(Number.NaN)
        return batch
      },
    }
    let poisoned = false
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'checkpoint' && event.step === 3) poisoned = true
    }
    await expect(train(broken, initFlat(spec, 1), plan(), run({ onEvent }))).rejects.toThrow('training: step 4')
    expect((await readdir(join(out, 'checkpoints'))).at(-1)).toBe('step-00000003')
  })

  it('stops early, with the best parameters', async () => {
    let evaluations = 0
    const worse: typeof task = { ...task, evaluate: async () => ({ loss: evaluations++ }) }
    const { step, bestStep, params } = await train(worse, initFlat(spec, 1), plan({ patience: 2 }), run({ out: undefined }))
    expect([step, bestStep]).toEqual([6, 2])
    const short = await train({ ...task, evaluate: undefined }, initFlat(spec, 1), plan({ steps: 2 }), run({ out: undefined }))
    expect(params).toEqual(short.params)
  })
})
