import { expect, it } from 'vitest'
import { rnnConfig } from '../../src/models/rnn/config.ts'
import { rnnSeq2Seq } from '../../src/models/rnn/model.ts'
import { compile, inputSpec, specsOf } from '../../src/tensor/compile.ts'
import { crossEntropy, type NdArray, ndarray, Random, Rng, type Tensor } from '../../src/tensor/index.ts'
import { adamW, initFlat, train, warmupCosine } from '../../src/training/index.ts'

// A source says what to do with the symbols after it; the target is the symbols, as they are or from the last to the first, and an end.
const [COPY, REVERSE, END, START, FIRST] = [0, 1, 2, 3, 4]
const SYMBOLS = 10
const V = FIRST + SYMBOLS
const [SHORTEST, LONGEST] = [3, 10]
const IGNORED = -100

/** Examples that are functions of their numbers, padded to one length. */
function examples(numbers: ArrayLike<number>) {
  const [B, S, T] = [numbers.length, LONGEST + 1, LONGEST + 1]
  const source = new Int32Array(B * S)
  const mask = new Uint8Array(B * S)
  const ids = new Int32Array(B * T).fill(END)
  const targets = new Int32Array(B * T).fill(IGNORED)
  for (let b = 0; b < B; b++) {
    const random = new Random(numbers[b], 'example')
    const symbols = Array.from({ length: SHORTEST + random.below(LONGEST - SHORTEST + 1) }, () => FIRST + random.below(SYMBOLS))
    const task = random.below(2)
    const output = [...(task === COPY ? symbols : symbols.toReversed()), END]
    source.set([task, ...symbols], b * S)
    mask.fill(1, b * S, b * S + 1 + symbols.length)
    ids.set([START, ...output.slice(0, -1)], b * T)
    targets.set(output, b * T)
  }
  const i32 = (data: Int32Array, length: number) => ndarray(data, [B, length], 'i32')
  return { source: i32(source, S), mask: ndarray(mask, [B, S], 'bool'), ids: i32(ids, T), targets: i32(targets, T) }
}

const batchSpecs = {
  source: inputSpec(['B', 'S'], 'i32'),
  mask: inputSpec(['B', 'S'], 'bool'),
  ids: inputSpec(['B', 'T'], 'i32'),
  targets: inputSpec(['B', 'T'], 'i32'),
}
const BATCH = 64

it.each([
  { attention: 'additive', cell: 'gru', steps: 400 },
  { attention: 'general', cell: 'lstm', steps: 600 },
] as const)('attention $attention, $cell, learns to copy and to reverse', async ({ attention, cell, steps }) => {
  const sizes = { sourceVocabSize: V, vocabSize: V, hiddenSize: 64, embeddingSize: 32 }
  const model = rnnSeq2Seq(rnnConfig({ ...sizes, attention, cell }))
  let position = 0
  const { params } = await train(
    {
      spec: model.spec,
      batchSpecs,
      loss: (p, { source, mask, ids, targets }, rng) => {
        const { logits } = model.decode(p, ids, model.encode(p, source, mask, { rng }), mask, { rng })
        return crossEntropy(logits, targets, { ignoreIndex: IGNORED })
      },
      batch: examples,
      loader: () => ({
        state: { epoch: 0, position: 0 },
        next: () => Int32Array.from({ length: BATCH }, () => position++),
      }),
    },
    initFlat(model.spec, 1),
    {
      steps,
      learningRate: 5e-3,
      schedule: warmupCosine({ steps, warmup: 20 }),
      optimizer: adamW(model.spec),
      maxNorm: 1,
    },
    { seed: 1, fingerprint: {}, threads: 2 },
  )
  // No token but the first is given, so the decoder reads its own choices.
  const fresh = examples(Int32Array.from({ length: 500 }, (_, i) => 1_000_000 + i))
  const own = (p: any, { source, mask, ids }: Record<string, Tensor>, seed: Tensor, given: Tensor) => {
    const pass = { rng: new Rng(seed), teacherForcing: given }
    return model.decode(p, ids, model.encode(p, source, mask), mask, pass).logits.argmax()
  }
  using program: any = await compile(own as any, [specsOf(params), batchSpecs, inputSpec([], 'i32'), inputSpec([])] as any)
  const chosen: NdArray = await program.run(params, fresh, ndarray([1], [], 'i32'), ndarray([0], []))
  const [B, T] = chosen.shape
  const right = [COPY, REVERSE].map((task) => {
    const rows = Array.from({ length: B }, (_, b) => b).filter((b) => fresh.source.data[b * (LONGEST + 1)] === task)
    const isRight = (b: number) =>
      [...fresh.targets.data.subarray(b * T, (b + 1) * T)].every((id, t) => id === IGNORED || id === chosen.data[b * T + t])
    return rows.filter(isRight).length / rows.length
  })
  expect(Math.min(...right), `whole sequences right: ${right}`).toBeGreaterThanOrEqual(0.99)
})
