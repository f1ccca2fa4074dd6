/**
 * Does memory stay flat over 10,000 training steps? An encoder on texts of changing length; resident memory every 1,000 steps.
 */
import { encoderLoss, encoderSpec } from '../dist/models/encoder/index.js'
import { inputSpec, ndarray } from '../dist/tensor/index.js'
import { adamW, initFlat, Loader, train, warmupCosine } from '../dist/training/index.js'

const STEPS = 10_000
const TEXTS = 2000
const config = {
  vocabSize: 2048,
  maxPositions: 64,
  numLayers: 2,
  numHeads: 4,
  hiddenSize: 64,
  dropout: 0.1,
  labels: ['no', 'yes'],
}
const spec = encoderSpec(config)
const lengths = Array.from({ length: TEXTS }, (_, i) => 4 + ((i * 7919) % 60))

function batch(indices) {
  const [B, T] = [indices.length, Math.max(...Array.from(indices, (i) => lengths[i]))]
  return {
    ids: ndarray(
      Int32Array.from({ length: B * T }, () => Math.floor(Math.random() * config.vocabSize)),
      [B, T],
      'i32',
    ),
    mask: ndarray(new Uint8Array(B * T).fill(1), [B, T], 'bool'),
    labels: ndarray(
      Int32Array.from(indices, (i) => i % 2),
      [B],
      'i32',
    ),
  }
}

const text = (dtype) => inputSpec(['batch', 'tokens'], dtype)
const task = {
  spec,
  batchSpecs: { ids: text('i32'), mask: text('bool'), labels: inputSpec(['batch'], 'i32') },
  loss: (p, { ids, mask, labels }, rng) => encoderLoss(p, ids, mask, labels, config, { rng }),
  batch,
  loader: (state) => new Loader(lengths, { batch: 16, seed: 1 }, state),
}
const plan = {
  steps: STEPS,
  learningRate: 1e-4,
  schedule: warmupCosine({ steps: STEPS }),
  optimizer: adamW(spec),
  maxNorm: 1,
}
const onEvent = ({ type, step }) => {
  if (type === 'step' && step % 1000 === 0) console.log(`step ${step}: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`)
}
await train(task, initFlat(spec, 1), plan, { seed: 1, threads: 2, fingerprint: {}, onEvent })
