/**
 * Is the Transformer with an encoder and a decoder trained at least as fast as by PyTorch?
 *
 * One run, both sides in turn: short rounds of ours and of PyTorch's twin process (transformer_torch.py), eager and compiled, with two
 * threads and with one. `PYTHON=…/python npm run bench -- transformer`, with the packages of test/golden/requirements.txt.
 */
import { cpus } from 'node:os'
import { transformerConfig } from '../dist/models/transformer/config.js'
import { transformerSeq2Seq } from '../dist/models/transformer/model.js'
import { countParams, crossEntropy, inputSpec, ndarray } from '../dist/tensor/index.js'
import { Crew } from '../dist/training/crew.js'
import { Gradients } from '../dist/training/gradients.js'
import { adamW, flatZeros, initFlat } from '../dist/training/index.js'
import { clipScale } from '../dist/training/optimizer.js'
import { eachAlone, race } from './race.mjs'

const sizes = [
  { layers: 3, width: 256, heads: 4, inner: 1024, tokens: 32, batch: 32, vocab: 8000 },
  { layers: 6, width: 512, heads: 8, inner: 2048, tokens: 32, batch: 16, vocab: 8000 },
]
const TURNS = { rounds: 8, steps: 4 }

const ids = (axis) => inputSpec(['batch', axis], 'i32')
const specs = {
  source: ids('source'),
  mask: inputSpec(['batch', 'source'], 'bool'),
  target: ids('tokens'),
  labels: ids('tokens'),
}

/** Random ids; sources are padded to different lengths. */
function randomBatch({ batch: B, tokens: T, vocab }) {
  const random = () =>
    ndarray(
      Int32Array.from({ length: B * T }, () => Math.floor(Math.random() * vocab)),
      [B, T],
      'i32',
    )
  const lengths = Array.from({ length: B }, (_, b) => (b === 0 ? T : T / 2 + Math.floor(Math.random() * (T / 2 + 1))))
  const real = lengths.flatMap((length) => Array.from({ length: T }, (_, s) => Number(s < length)))
  return { source: random(), mask: ndarray(Uint8Array.from(real), [B, T], 'bool'), target: random(), labels: random() }
}

/** A step as the training loop takes it: gradients, clipping, AdamW. */
async function ourTraining(size, threads) {
  const model = transformerSeq2Seq(
    transformerConfig({
      vocabSize: size.vocab,
      dModel: size.width,
      encoderLayers: size.layers,
      encoderAttentionHeads: size.heads,
      encoderFfnDim: size.inner,
      maxPositionEmbeddings: size.tokens,
      dropout: 0,
    }),
  )
  const crew = new Crew(threads, countParams(model.spec))
  const loss = (p, { source, mask, target, labels }) =>
    crossEntropy(model.decode(p, target, model.encode(p, source, mask), mask).logits, labels, { labelSmoothing: 0.1 })
  const gradients = await Gradients.compile(model.spec, specs, loss, threads, crew)
  const optimizer = adamW(model.spec, { beta2: 0.98, weightDecay: 0.1 })
  const [values, into] = [initFlat(model.spec, 1), flatZeros(model.spec)]
  let step = 0
  return async () => {
    await gradients.run(values, randomBatch(size), ++step, into)
    const squares = await crew.run('sumOfSquares', into.data.length, into.data)
    const gradientScale = clipScale(Math.sqrt(squares.reduce((sum, part) => sum + part)), 1)
    await optimizer.update(values, into, { step, learningRate: 3e-4, gradientScale, crew })
  }
}

const [index, threads] = process.argv.slice(2).map(Number)
if (index !== undefined) {
  const size = sizes[index]
  const { layers, width, heads, inner, tokens, batch, vocab } = size
  const title = `train Transformer L${layers}+${layers} D${width} H${heads} F${inner} T${tokens} B${batch} V${vocab}, ${threads} threads`
  await race(title, await ourTraining(size, threads), 'transformer_torch.py', 'train', { ...size, threads }, TURNS)
  process.exit()
}
console.log(`${cpus()[0].model}, Node ${process.versions.node}`)
await eachAlone(
  import.meta.url,
  [...sizes.keys()].flatMap((index) => [2, 1].map((threads) => [index, threads])),
)
