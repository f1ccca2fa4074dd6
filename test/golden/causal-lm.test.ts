import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadCausalLm } from '../../src/checkpoints/causal-lm.ts'
import { Decoder } from '../../src/generation/decoder.ts'
import { Sampler } from '../../src/generation/sampling.ts'
import { gpt2Architecture } from '../../src/models/gpt2/weights.ts'
import { llamaArchitecture } from '../../src/models/llama/weights.ts'
import { valueAndGrad } from '../../src/tensor/autodiff.ts'
import { compile, inputSpec, isNdArray } from '../../src/tensor/compile.ts'
import { crossEntropy, type NdArray, ndarray, type Tensor } from '../../src/tensor/index.ts'
import { paramInputs } from '../../src/tensor/params.ts'
import { leavesOf } from '../../src/tensor/tree.ts'
import { flatZeros } from '../../src/training/flat.ts'
import { adamW, clipScale, globalNorm } from '../../src/training/optimizer.ts'
import { warmupCosine } from '../../src/training/schedule.ts'
import { type Checksum, distance, integers, value, values } from './formula.ts'

type Formula = { name: string; shape: number[]; salt: number; scale: number; offset: number }
type Golden = {
  tolerance: { logits: number; hiddenStates: number }
  checkpoints: { name: string; parameters: number; publishedConfig: unknown }[]
  cases: {
    checkpoint: string
    ids: { shape: [number, number]; salt: number }
    logits: { data?: number[]; checksum?: Checksum }
  }[]
  greedy: { checkpoint: string; prompt: { tokens: number; salt: number }; ids: number[] }[]
}
type Training = {
  config: Record<string, unknown>
  training: Record<string, number>
  parameters: Formula[]
  losses: number[]
  gradientNorms: number[]
  firstBatch: number[]
  lastBatch: number[]
  tolerance: { losses: number; gradientNorms: number }
}

type GradientProgram = Disposable & { runInto(target: unknown, ...args: unknown[]): Promise<void> }

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const folderOf = (name: string) => fileURLToPath(new URL(`checkpoints/${name}`, import.meta.url))
const idsSpec = inputSpec(['batch', 'tokens'], 'i32')

describe.each([
  { name: 'gpt2', architecture: gpt2Architecture },
  { name: 'llama', architecture: llamaArchitecture },
])('$name, as transformers computes it', ({ name, architecture }) => {
  const golden = read<Golden>(`${name}.json`)

  it.each(golden.checkpoints)('$name: logits', async ({ name: checkpoint, parameters }) => {
    const { lm, params } = await loadCausalLm(folderOf(checkpoint))
    expect(leavesOf(params, isNdArray).reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(parameters)
    const forward = (p: unknown, ids: Tensor) => lm.forward(p, ids).logits
    using program = await compile(forward as never, [paramInputs(lm.spec), idsSpec] as never, { threads: 2 })
    const cases = golden.cases.filter((one) => one.checkpoint === checkpoint)
    expect(cases.length).toBeGreaterThan(0)
    for (const { ids, logits } of cases) {
      const input = ndarray(integers(ids.shape, ids.salt, lm.vocabSize), ids.shape, 'i32')
      const { data } = (await program.run(...([params, input] as never))) as unknown as NdArray
      const error = logits.data
        ? logits.data.reduce((most, want, i) => Math.max(most, Math.abs(want - data[i])), 0)
        : distance(data, logits.checksum!)
      expect(error, `ids ${ids.shape}`).toBeLessThan(golden.tolerance.logits)
    }
  })

  it.each(golden.checkpoints)('$name: the words of older config.json files mean the same', async ({ name, publishedConfig }) => {
    const { config } = await loadCausalLm(folderOf(name))
    const published = architecture.schema.parse(publishedConfig) as never
    expect(architecture.fromJson(published, (rule) => new Error(rule) as never)).toEqual(config)
  })

  it.each(golden.greedy)('$checkpoint: greedy from $prompt.tokens tokens', async ({ checkpoint, prompt, ids }) => {
    const { lm, params } = await loadCausalLm(folderOf(checkpoint))
    using decoder = await Decoder.compile(lm, params, { threads: 1 })
    const sampler = new Sampler({ temperature: 0 }, lm.vocabSize)
    const cache = decoder.cache()
    const shape = [1, prompt.tokens]
    let next: NdArray = ndarray(integers(shape, prompt.salt, lm.vocabSize), shape, 'i32')
    const generated: number[] = []
    while (generated.length < ids.length) {
      const { id } = sampler.next(await decoder.read(cache, next))
      generated.push(id)
      next = ndarray(Int32Array.of(id), [1, 1], 'i32')
    }
    expect(generated).toEqual(ids)
  })

  it.each([1, 2])('fifty training steps on %i thread(s)', async (threads) => {
    const run = read<Training>(`${name}_training.json`)
    const t = run.training
    const config = architecture.fromJson(architecture.schema.parse(run.config) as never, (rule) => new Error(rule) as never)
    const lm = architecture.lm(config as never)
    const [weights, gradients, optimizer] = [
      flatZeros(lm.spec),
      flatZeros(lm.spec),
      adamW(lm.spec, { beta2: t.beta2, weightDecay: t.weightDecay }),
    ]
    const formulas = new Map(run.parameters.map((formula) => [formula.name, formula]))
    for (const [path, { data }] of leavesOf(weights.tree, isNdArray)) {
      const { shape, salt, scale, offset } = formulas.get(architecture.nameOf(path))!
      data.set(values(shape, salt, scale, offset))
    }
    const loss = (p: unknown, ids: Tensor, targets: Tensor) => crossEntropy(lm.forward(p, ids).logits, targets)
    const specs = [paramInputs(lm.spec), idsSpec, idsSpec]
    using program = (await compile(valueAndGrad(loss) as never, specs as never, { threads })) as unknown as GradientProgram
    const schedule = warmupCosine({ steps: t.steps, warmup: t.warmupSteps, final: t.finalFraction })
    for (let s = 0; s < t.steps; s++) {
      const { ids, targets, row } = batchOf(s, t, lm.vocabSize)
      if (s === 0) expect(row).toEqual(Int32Array.from(run.firstBatch))
      const result = ndarray([0], [])
      await program.runInto({ value: result, grad: gradients.tree }, weights.tree, ids, targets)
      const norm = globalNorm(gradients.data)
      expect(Math.abs(result.data[0] - run.losses[s]), `loss ${s}`).toBeLessThan(run.tolerance.losses)
      expect(Math.abs(norm - run.gradientNorms[s]), `norm ${s}`).toBeLessThan(run.tolerance.gradientNorms)
      await optimizer.update(weights, gradients, {
        step: s + 1,
        learningRate: t.learningRate * schedule(s),
        gradientScale: clipScale(norm, t.maxNorm),
      })
    }
  })
})

/** A batch by the golden's rule: random tokens, of which each follows from the one before with a quarter's probability. */
function batchOf(step: number, { batch: B, tokens: T }: Record<string, number>, V: number) {
  const salt = 1000 + 10 * step
  const row = integers([B, T + 1], salt, V)
  for (let b = 0; b < B; b++) {
    for (let t = 1; t <= T; t++) {
      const at = b * (T + 1) + t
      if (value(at, salt + 1) < 0.25) row[at] = (5 * row[at - 1] + 3) % V
    }
  }
  const shifted = (by: number) => {
    const rows = Array.from({ length: B }, (_, b) => [...row.subarray(b * (T + 1) + by, b * (T + 1) + by + T)])
    return ndarray(Int32Array.from(rows.flat()), [B, T], 'i32')
  }
  return { ids: shifted(0), targets: shifted(1), row }
}
