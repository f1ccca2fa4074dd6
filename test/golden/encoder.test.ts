import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { padded } from '../../src/models/encoder/batch.ts'
import { type EncoderConfig, encoder, encoderLoss, encoderSpec } from '../../src/models/encoder/index.ts'
import { valueAndGrad } from '../../src/tensor/autodiff.ts'
import { compile, inputSpec, isNdArray } from '../../src/tensor/compile.ts'
import { type NdArray, ndarray } from '../../src/tensor/ndarray.ts'
import { paramInputs } from '../../src/tensor/params.ts'
import { leavesOf } from '../../src/tensor/tree.ts'
import { flatZeros } from '../../src/training/flat.ts'
import { adamW, clipScale, globalNorm } from '../../src/training/optimizer.ts'
import { warmupCosine } from '../../src/training/schedule.ts'
import { type Checksum, distance, values } from './formula.ts'

type Parameter = { name: string; shape: number[]; salt: number; scale: number; offset: number; gradient: Checksum }
type Golden = {
  config: { vocabSize: number; maxTokens: number; layers: number; channels: number; heads: number; labels: number }
  training: Record<
    'steps' | 'learningRate' | 'warmupSteps' | 'finalFraction' | 'weightDecay' | 'maxNorm' | 'tokens' | 'padId',
    number
  >
  logits: { shape: number[]; data: number[] }
  losses: number[]
  gradientNorms: number[]
  learningRates: number[]
  tolerance: { logits: number; gradients: number; losses: number; gradientNorms: number }
  parameters: Parameter[]
  batches: { ids: number[]; lengths: number[]; labels: number[] }[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('encoder.json', import.meta.url), 'utf8'))
const { training, tolerance } = golden
const config: EncoderConfig = {
  vocabSize: golden.config.vocabSize,
  maxPositions: golden.config.maxTokens,
  numLayers: golden.config.layers,
  numHeads: golden.config.heads,
  hiddenSize: golden.config.channels,
  dropout: 0.3, // without a source of randomness nothing is dropped
  labels: Array.from({ length: golden.config.labels }, (_, i) => `label ${i}`),
}
const spec = encoderSpec(config)

const textSpecs = [inputSpec(['batch', 'tokens'], 'i32'), inputSpec(['batch', 'tokens'], 'bool')] as const
const labelSpec = inputSpec(['batch'], 'i32')

function goldenParameters() {
  const flat = flatZeros(spec)
  const leaves = new Map(leavesOf(flat.tree, isNdArray))
  expect([...leaves.keys()].sort()).toEqual(golden.parameters.map(({ name }) => name).sort())
  for (const { name, shape, salt, scale, offset } of golden.parameters) {
    expect(leaves.get(name)!.shape, name).toEqual(shape)
    leaves.get(name)!.data.set(values(shape, salt, scale, offset))
  }
  return flat
}

const batches = golden.batches.map(({ ids, lengths, labels }) => {
  const texts = lengths.map((length, i) => Int32Array.from(ids.slice(i * training.tokens, i * training.tokens + length)))
  return { ...padded(texts, training.padId), labels: ndarray(Int32Array.from(labels), [labels.length], 'i32') }
})

/** One training as the loop runs it: gradients, clipping, schedule, AdamW. */
async function trainGolden(threads: number) {
  const parameters = goldenParameters()
  const gradients = flatZeros(spec)
  const optimizer = adamW(spec, { weightDecay: training.weightDecay })
  const { steps, warmupSteps, finalFraction } = training
  const schedule = warmupCosine({ steps, warmup: warmupSteps, final: finalFraction })
  using program = await compile(
    valueAndGrad((p, ids, mask, labels) => encoderLoss(p, ids, mask, labels, config)),
    [paramInputs(spec), ...textSpecs, labelSpec],
    { threads },
  )
  const record = { losses: [] as number[], norms: [] as number[], rates: [] as number[], first: new Map<string, NdArray>() }
  for (const [step, { ids, mask, labels }] of batches.entries()) {
    const value = ndarray([0], [])
    await program.runInto({ value, grad: gradients.tree }, parameters.tree, ids, mask, labels)
    if (step === 0) record.first = copied(leavesOf(gradients.tree, isNdArray))
    const norm = globalNorm(gradients.data)
    const learningRate = training.learningRate * schedule(step)
    await optimizer.update(parameters, gradients, {
      step: step + 1,
      learningRate,
      gradientScale: clipScale(norm, training.maxNorm),
    })
    record.losses.push(value.data[0])
    record.norms.push(norm)
    record.rates.push(learningRate)
  }
  return record
}

const copied = (leaves: [string, NdArray][]) =>
  new Map(leaves.map(([name, { dtype, shape, data }]): [string, NdArray] => [name, { dtype, shape, data: data.slice() }]))

const largestDifference = (got: ArrayLike<number>, want: readonly number[]) =>
  Math.max(...want.map((value, i) => Math.abs(got[i] - value)))

describe.each([1, 2])('a two-layer encoder on %i thread(s), as PyTorch computes it', (threads) => {
  it('gives the logits of the first batch', async () => {
    using program = await compile((p, ids, mask) => encoder(p, ids, mask, config), [paramInputs(spec), ...textSpecs], {
      threads,
    })
    const { shape, data } = await program.run(goldenParameters().tree, batches[0].ids, batches[0].mask)
    expect(shape).toEqual(golden.logits.shape)
    expect(largestDifference(data, golden.logits.data)).toBeLessThanOrEqual(tolerance.logits)
  })

  it('follows fifty training steps', async () => {
    const { first, losses, norms, rates } = await trainGolden(threads)
    for (const { name, gradient } of golden.parameters) {
      expect(distance(first.get(name)!.data, gradient), name).toBeLessThanOrEqual(tolerance.gradients)
    }
    expect(losses).toHaveLength(training.steps)
    expect(largestDifference(losses, golden.losses)).toBeLessThanOrEqual(tolerance.losses)
    expect(largestDifference(norms, golden.gradientNorms)).toBeLessThanOrEqual(tolerance.gradientNorms)
    expect(largestDifference(rates, golden.learningRates)).toBeLessThan(1e-15)
  })
})
