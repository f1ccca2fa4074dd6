import { describe, expect, it } from 'vitest'
import { transformerConfig } from '../../src/models/transformer/config.ts'
import { transformerSeq2Seq } from '../../src/models/transformer/model.ts'
import { compile, inputSpec } from '../../src/tensor/compile.ts'
import { crossEntropy, type NdArray, type ParamArrays, paramInputs, Random, type Tensor, zeros } from '../../src/tensor/index.ts'
import { adamW, initFlat, type Task, train, warmupCosine } from '../../src/training/index.ts'

const [PAD, END, FIRST, V, LONGEST] = [0, 1, 2, 18, 8]
const STEPS = 500

const batchSpecs = {
  source: inputSpec(['batch', 'source'], 'i32'),
  mask: inputSpec(['batch', 'source'], 'bool'),
  target: inputSpec(['batch', 'tokens'], 'i32'),
  labels: inputSpec(['batch', 'tokens'], 'i32'),
}

/** Random words of 1 to 8 letters and what becomes of them; the padding of a source is anything, to see that nobody looks. */
function examples(n: number, seed: number, answer: (word: number[]) => number[]) {
  const random = new Random(seed, 'words')
  const [S, T] = [LONGEST, LONGEST + 1]
  const batch = {
    source: zeros([n, S], 'i32'),
    mask: zeros([n, S], 'bool'),
    target: zeros([n, T], 'i32'),
    labels: zeros([n, T], 'i32'),
  }
  batch.labels.data.fill(-100)
  batch.target.data.fill(PAD)
  for (let b = 0; b < n; b++) {
    const word = Array.from({ length: 1 + random.below(LONGEST) }, () => FIRST + random.below(V - FIRST))
    const answered = answer(word)
    for (let s = 0; s < S; s++) batch.source.data[b * S + s] = word[s] ?? random.below(V)
    batch.mask.data.fill(1, b * S, b * S + word.length)
    batch.target.data.set(answered, b * T + 1)
    batch.labels.data.set([...answered, END], b * T)
  }
  return batch
}

/** The share of words that are answered without an error, each token chosen in turn. */
async function accuracy(
  model: ReturnType<typeof transformerSeq2Seq>,
  params: ParamArrays<unknown>,
  test: ReturnType<typeof examples>,
) {
  const { source, mask, labels } = test
  const [n, T] = labels.shape
  const next = (p: unknown, ids: Tensor, mask: Tensor, target: Tensor) =>
    model.decode(p, target, model.encode(p, ids, mask), mask, { last: true }).logits.argmax()
  const specs = [paramInputs(model.spec), batchSpecs.source, batchSpecs.mask, batchSpecs.target]
  using program = await compile(next as never, specs as never, { threads: 2 })
  const written: NdArray[] = [zeros([n, 1], 'i32')]
  for (let t = 1; t <= T; t++) {
    const target = zeros([n, t], 'i32')
    for (let b = 0; b < n; b++) for (let i = 0; i < t; i++) target.data[b * t + i] = written[i].data[b]
    written.push((await program.run(...([params, source, mask, target] as never))) as unknown as NdArray)
  }
  const isRight = (b: number) => written.slice(1).every(({ data }, t) => [data[b], -100].includes(labels.data[b * T + t]))
  return Array.from({ length: n }, (_, b) => b).filter(isRight).length / n
}

describe('a Transformer learns', () => {
  it.each([
    { name: 'to copy, norms behind', modelType: 'marian', answer: (word: number[]) => word },
    { name: 'to reverse, norms before', modelType: 'pegasus', answer: (word: number[]) => word.toReversed() },
  ] as const)('$name', async ({ modelType, answer }) => {
    const config = transformerConfig({
      modelType,
      vocabSize: V,
      dModel: 32,
      encoderLayers: 1,
      encoderAttentionHeads: 4,
      encoderFfnDim: 64,
      maxPositionEmbeddings: 16,
      dropout: 0,
    })
    const model = transformerSeq2Seq(config)
    let step = 0
    const task: Task<typeof model.spec, typeof batchSpecs> = {
      spec: model.spec,
      batchSpecs,
      loss: (p, { source, mask, target, labels }, rng) =>
        crossEntropy(model.decode(p, target, model.encode(p, source, mask, { rng }), mask, { rng }).logits, labels),
      batch: () => examples(64, ++step, answer),
      loader: () => ({ state: { epoch: 0, position: 0 }, next: () => new Int32Array(64) }),
    }
    const plan = {
      steps: STEPS,
      learningRate: 1e-2,
      schedule: warmupCosine({ steps: STEPS, warmup: 50 }),
      optimizer: adamW(model.spec, { beta2: 0.98, weightDecay: 0 }),
      maxNorm: 1,
    }
    const run = { seed: 1, threads: 2, fingerprint: {} }
    const { params } = await train(task, initFlat(model.spec, 1), plan, run)
    expect(await accuracy(model, params, examples(300, 0, answer))).toBeGreaterThanOrEqual(0.99)
  })
})
