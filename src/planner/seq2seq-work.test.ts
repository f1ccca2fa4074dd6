import { describe, expect, it } from 'vitest'
import { rnnConfig } from '../models/rnn/config.ts'
import { rnnSeq2Seq } from '../models/rnn/model.ts'
import { transformerConfig } from '../models/transformer/config.ts'
import { transformerSeq2Seq } from '../models/transformer/model.ts'
import { scan } from '../tensor/index.ts'
import { input } from '../tensor/tensor.ts'
import { seq2SeqWork } from './seq2seq-work.ts'
import { workOf } from './work.ts'

const [B, S, T] = [3, 7, 5]
const V = 50

describe('work of a graph', () => {
  it('is two operations for each element of a product and each of its inner elements', () => {
    const y = input([4, 2, 3]).matmul(input([3, 5]))
    expect(workOf([y])).toEqual({ flops: 2 * 4 * 2 * 3 * 5, serialSteps: 1 })
  })

  it('waits only where one product needs another', () => {
    const [x, w] = [input([2, 3]), input([3, 3])]
    const [left, right] = [x.matmul(w), x.add(1).matmul(w)]
    expect(workOf([left.add(right)]).serialSteps).toBe(1)
    expect(workOf([left.matmul(w).add(right)]).serialSteps).toBe(2)
    expect(workOf([])).toEqual({ flops: 0, serialSteps: 0 })
  })

  it('repeats in a scan, but only what leads from carry to carry waits for the step before', () => {
    const [w, start, xs] = [input([3, 3]), input([2, 3]), input([10, 2, 3])]
    const kept = scan((h, x) => ({ carry: h.matmul(w).add(x.matmul(w)), y: h.matmul(w).matmul(w) }), start, xs)
    expect(workOf([kept.ys])).toEqual({ flops: 10 * 4 * (2 * 2 * 3 * 3), serialSteps: 10 + 1 })
    const free = scan((h, x) => ({ carry: h.add(1), y: x.matmul(w) }), start, xs)
    expect(workOf([free.ys]).serialSteps).toBe(1)
  })
})

describe('a Transformer', () => {
  const [C, F, L] = [8, 24, 2]
  const model = transformerSeq2Seq(
    transformerConfig({
      vocabSize: V,
      dModel: C,
      encoderLayers: L,
      encoderAttentionHeads: 2,
      encoderFfnDim: F,
      maxPositionEmbeddings: 64,
      dropout: 0.1,
    }),
  )
  const work = seq2SeqWork(model, { batch: B, source: S, target: T })
  const dense = (rows: number, nIn: number, nOut: number) => 2 * B * rows * nIn * nOut
  const attention = (queries: number, keys: number) => 2 * 2 * B * queries * keys * C
  const encoder = L * (4 * dense(S, C, C) + 2 * dense(S, C, F) + attention(S, S))
  const keysOfSource = L * 2 * dense(S, C, C)
  const perTarget = (own: number) => L * (6 * dense(T, C, C) + 2 * dense(T, C, F) + own + attention(T, S)) + dense(T, C, V)

  it('does the arithmetic of Vaswani et al. 2017, three times over in training', () => {
    expect(work.trainingFlops).toBe(3 * (encoder + keysOfSource + perTarget(attention(T, T))))
  })

  it('attends to what is written so far while it writes', () => {
    const own = 4 * B * C * ((T * (T + 1)) / 2)
    expect(work.decodingFlops).toBe(encoder + keysOfSource + perTarget(own))
  })

  it('takes the same number of steps in a row for any length in training, and some a token in writing', () => {
    const longer = seq2SeqWork(model, { batch: B, source: 4 * S, target: 4 * T })
    expect(longer.trainingSteps).toBe(work.trainingSteps)
    // Of a layer of the encoder: projections, scores, weighting, output, two of the feed-forward network.
    const encoding = L * 6 + 1
    expect(work.decodingSteps).toBe(encoding + T * (L * (4 + 4 + 2) + 1))
  })
})

describe('a recurrent network', () => {
  const sizes = { embeddingSize: 6, hiddenSize: 8, numLayers: 1, shareEmbeddings: true, tieOutput: true, dropout: 0 }
  const rnn = (attention: 'none' | 'additive') => rnnSeq2Seq(rnnConfig({ sourceVocabSize: V, vocabSize: V, ...sizes, attention }))

  it('does a fixed amount of arithmetic a token, and waits for each token of both sides', () => {
    const [one, two, three] = [1, 2, 3].map((n) => seq2SeqWork(rnn('none'), { batch: B, source: n * S, target: n * T }))
    expect(two.trainingFlops - one.trainingFlops).toBe(three.trainingFlops - two.trainingFlops)
    expect(two.trainingSteps - one.trainingSteps).toBe(S + T)
    expect(one.decodingFlops).toBe(one.trainingFlops / 3)
  })

  it('with attention does more of both, growing with the product of the lengths', () => {
    const [plain, attends] = (['none', 'additive'] as const).map((kind) =>
      seq2SeqWork(rnn(kind), { batch: B, source: S, target: T }),
    )
    expect(attends.trainingSteps).toBeGreaterThan(plain.trainingSteps)
    expect(attends.decodingSteps).toBeGreaterThan(plain.decodingSteps)
    const at = (source: number, target: number) => seq2SeqWork(rnn('additive'), { batch: B, source, target }).trainingFlops
    const cross = at(2 * S, 2 * T) - at(2 * S, T) - at(S, 2 * T) + at(S, T)
    expect(cross).toBeGreaterThan(0)
  })
})
