import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Seq2Seq } from '../../src/models/seq2seq.ts'
import { Seq2SeqLoss, type TokenPairs } from '../../src/models/seq2seq-loss.ts'
import { embedding } from '../../src/nn/index.ts'
import { type Initialiser, type NdArray, type ParamsOf, param, type Tensor } from '../../src/tensor/index.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { trainSeq2Seq } from '../../src/training/train-seq2seq.ts'
import { integers, values } from './formula.ts'

const golden = JSON.parse(readFileSync(new URL('seq2seq_loss.json', import.meta.url), 'utf8'))
const { V, C } = golden.sizes as { V: number; C: number }
const { lengths, marks, training, tolerance } = golden

const formula =
  (salt: number): Initialiser =>
  (data) =>
    data.set(values([data.length], salt))

const spec = { embedding: param([V, C], formula(100)), out: param([C, V], formula(101)) }
type Params = ParamsOf<typeof spec>

/** The golden's model: a target token's embedding plus the mean of its source's. */
const model: Seq2Seq<typeof spec, Tensor, null> = {
  modelType: 'sum',
  sourceVocabSize: V,
  vocabSize: V,
  maxSourceLength: Number.POSITIVE_INFINITY,
  maxTargetLength: Number.POSITIVE_INFINITY,
  spec,
  encode(p: Params, ids, mask) {
    const real = mask.cast('f32').unsqueeze(-1)
    return embedding(p.embedding, ids)
      .mul(real)
      .sum(1, { keepDims: true })
      .div(real.sum(1, { keepDims: true }))
  },
  decode: (p: Params, ids, source) => ({ logits: embedding(p.embedding, ids).add(source).matmul(p.out), state: null }),
}

const ids = (length: number, salt: number) => Int32Array.from(integers([length], salt, 8), (id) => id + 3)
const pairs: TokenPairs = {
  sources: lengths.map(([n]: [number], i: number) => ids(n, 2 * i)),
  targets: lengths.map(([, n]: [number, number], i: number) => ids(n, 2 * i + 1)),
}

describe('a training on padded pairs, as PyTorch computes it', () => {
  it.each([1, 2, 3])('on %d threads, each with examples of its own', async (threads) => {
    const steps: Extract<TrainingEvent, { type: 'step' }>[] = []
    const onEvent = (event: TrainingEvent) => event.type === 'step' && steps.push(event)
    const { params } = await trainSeq2Seq(model, { train: pairs, marks }, training, { threads, onEvent })
    const numbers = { losses: steps.map(({ loss }) => loss), norms: steps.map(({ gradientNorm }) => gradientNorm) }
    for (const [name, found] of Object.entries({ ...numbers, rates: steps.map(({ learningRate }) => learningRate) })) {
      expect(distance(found, golden[name]), name).toBeLessThan(tolerance)
    }
    for (const [name, { data }] of Object.entries(params as Record<string, NdArray>)) {
      expect(distance(data, golden.final[name]), name).toBeLessThan(10 * tolerance)
    }
  })

  it('the loss that is measured has no smoothing, and is the same whatever the batches', async () => {
    using measure = await Seq2SeqLoss.compile(model, 2)
    const params = { embedding: values([V, C], 100), out: values([C, V], 101) }
    const arrays = Object.fromEntries(
      Object.entries(params).map(([name, data]) => [name, { dtype: 'f32', shape: name === 'out' ? [C, V] : [V, C], data }]),
    )
    for (const batchTokens of [1, 20, 4096]) {
      const { loss, tokens } = await measure.of(arrays as never, pairs, marks, { batchTokens })
      expect(tokens).toBe(lengths.reduce((sum: number, [, n]: [number, number]) => sum + n + 1, 0))
      expect(loss).toBeCloseTo(golden.lossesWithoutSmoothing[0], 5)
    }
  })
})

const distance = (found: ArrayLike<number>, want: readonly number[]) =>
  found.length === want.length ? Math.max(...want.map((x, i) => Math.abs(x - found[i]))) : Number.NaN
