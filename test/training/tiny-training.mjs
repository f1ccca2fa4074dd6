/** A training small enough to be killed often: `node tiny-training.mjs FOLDER` resumes, ends, writes FOLDER/result.bin. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inputSpec, ndarray, normal, param } from '../../dist/tensor/index.js'
import { adamW, initFlat, Loader, train, warmupCosine } from '../../dist/training/index.js'

const out = process.argv[2]
const STEPS = 400
const spec = { weight: param([8, 8], normal(0.3)) }
const value = (/** @type {number} */ i) => Math.sin(1 + i * 12.9898)

const flat = initFlat(spec, 1)
const { params } = await train(
  {
    spec,
    batchSpecs: { x: inputSpec(['batch', 8]) },
    loss: (p, { x }) => x.matmul(p.weight).tanh().sub(x).square().mean(),
    batch: (indices) => ({
      x: ndarray(
        Float32Array.from({ length: 8 * indices.length }, (_, i) => value(indices[i >> 3] * 8 + (i & 7))),
        [indices.length, 8],
      ),
    }),
    loader: (state) => new Loader(Array(50).fill(1), { batch: 8, seed: 1 }, state),
  },
  flat,
  { steps: STEPS, learningRate: 0.01, schedule: warmupCosine({ steps: STEPS }), optimizer: adamW(spec) },
  {
    out,
    resume: true,
    seed: 1,
    threads: 1,
    checkpointSeconds: 0,
    fingerprint: {},
    onEvent: ({ type }) => type === 'checkpoint' && process.stdout.write('.'),
  },
)
writeFileSync(join(out, 'result.bin'), params.weight.data)
