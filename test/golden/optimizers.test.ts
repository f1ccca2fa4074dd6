import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ParamSpec, param, zeros } from '../../src/tensor/params.ts'
import { type Flat, flatZeros } from '../../src/training/flat.ts'
import { adamW, clipScale, globalNorm, type Optimizer, sgd } from '../../src/training/optimizer.ts'
import { constantRate, type Schedule, warmupCosine, warmupLinear } from '../../src/training/schedule.ts'
import { values } from './formula.ts'

type Group = { lr: number; betas?: [number, number]; eps?: number; weight_decay?: number; momentum?: number }
type Run = {
  title: string
  optimizer: 'AdamW' | 'SGD'
  groups: [Group, Group]
  maxNorm?: number
  schedule?: string
  norms?: number[]
  trajectory: number[][][]
  tolerance: number
}
type GoldenSchedule = { name: string; warmupSteps: number; steps: number; finalFraction: number; factors: number[] }
type Golden = {
  steps: number
  parameters: { name: string; shape: number[]; salt: number; scale: number }[]
  schedules: GoldenSchedule[]
  runs: Run[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('optimizers.json', import.meta.url), 'utf8'))
const [matrix, bias, kernel] = golden.parameters
/** The golden's two groups; each gets an optimiser of its own. */
const groups = [[matrix, kernel], [bias]]

function optimizerFor(spec: unknown, { optimizer }: Run, group: Group): Optimizer<unknown> {
  if (optimizer === 'SGD') return sgd(spec, { momentum: group.momentum })
  const [beta1, beta2] = group.betas!
  return adamW(spec, { beta1, beta2, epsilon: group.eps, weightDecay: group.weight_decay, decays: () => true })
}

function scheduleNamed(name: string | undefined): Schedule {
  if (name === undefined) return constantRate
  const { warmupSteps, steps, finalFraction } = golden.schedules.find((schedule) => schedule.name === name)!
  return (name === 'warmupCosine' ? warmupCosine : warmupLinear)({ steps, warmup: warmupSteps, final: finalFraction })
}

type GroupFlat = Flat<Record<string, ParamSpec>>

/** Fills a group's parameters, or their gradients, with one array each. */
function fill({ tree }: GroupFlat, parameters: Golden['parameters'], arrayOf: (p: Golden['parameters'][0]) => Float32Array) {
  for (const parameter of parameters) tree[parameter.name].data.set(arrayOf(parameter))
}

const numbersIn = ({ tree }: GroupFlat): number[] => Object.values(tree).flatMap(({ data }) => Array.from(data))

describe('optimisers, as PyTorch computes them', () => {
  it.each(golden.runs)('$title', async (run) => {
    const schedule = scheduleNamed(run.schedule)
    const states = groups.map((parameters, i) => {
      const spec = Object.fromEntries(parameters.map(({ name, shape }) => [name, param(shape, zeros)]))
      const state = { values: flatZeros(spec), gradients: flatZeros(spec), optimizer: optimizerFor(spec, run, run.groups[i]) }
      fill(state.values, parameters, ({ shape, salt, scale }) => values(shape, salt, scale))
      return { ...state, parameters, rate: run.groups[i].lr }
    })
    for (let s = 0; s < golden.steps; s++) {
      for (const { gradients, parameters } of states) {
        fill(gradients, parameters, (p) => values(p.shape, 100 + 3 * s + golden.parameters.indexOf(p), 3))
      }
      const norm = globalNorm(Float32Array.from(states.flatMap(({ gradients }) => numbersIn(gradients))))
      if (run.norms) expect(norm).toBeCloseTo(run.norms[s], 5)
      const gradientScale = run.maxNorm === undefined ? 1 : clipScale(norm, run.maxNorm)
      for (const { values: w, gradients, optimizer, rate } of states) {
        await optimizer.update(w, gradients, { step: s + 1, learningRate: rate * schedule(s), gradientScale })
      }
      const [first, second] = states.map(({ values: w }) => numbersIn(w))
      const [wantMatrix, wantBias, wantKernel] = run.trajectory[s]
      for (const [got, want] of [
        [first, [...wantMatrix, ...wantKernel]],
        [second, wantBias],
      ] as const) {
        const error = Math.max(...want.map((x, i) => Math.abs(x - got[i]) / Math.max(1, Math.abs(x))))
        expect(error, `step ${s}`).toBeLessThanOrEqual(run.tolerance)
      }
    }
  })

  it.each(golden.schedules)('schedule $name', ({ name, factors }) => {
    const schedule = scheduleNamed(name)
    for (const [step, factor] of factors.entries()) expect(schedule(step)).toBeCloseTo(factor, 12)
  })
})
