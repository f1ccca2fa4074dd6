/**
 * Is a GPT trained at least as fast as by PyTorch?
 *
 * One run, both sides in turn: short rounds of ours and of PyTorch's twin process (gpt_torch.py), eager and compiled.
 * Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- gpt`.
 */
import { cpus } from 'node:os'
import { gpt2Config } from '../dist/models/gpt2/config.js'
import { gpt2Lm } from '../dist/models/gpt2/model.js'
import { lmBatchSpecs, windowBatch } from '../dist/models/lm-loss.js'
import { countParams, crossEntropy } from '../dist/tensor/index.js'
import { Crew } from '../dist/training/crew.js'
import { Gradients } from '../dist/training/gradients.js'
import { adamW, flatZeros, initFlat } from '../dist/training/index.js'
import { clipScale } from '../dist/training/optimizer.js'
import { eachAlone, race, THREADS } from './race.mjs'

const sizes = [
  { layers: 4, width: 128, heads: 4, tokens: 64, batch: 12, vocab: 65 },
  { layers: 4, width: 256, heads: 8, tokens: 128, batch: 16, vocab: 256 },
  { layers: 4, width: 384, heads: 6, tokens: 256, batch: 12, vocab: 65 },
]

/** A step as the training loop takes it: gradients, clipping, AdamW. */
async function ourTraining({ layers, width, heads, tokens, batch, vocab }) {
  const lm = gpt2Lm(gpt2Config({ vocabSize: vocab, nPositions: tokens, nEmbd: width, nLayer: layers, nHead: heads }))
  const crew = new Crew(THREADS, countParams(lm.spec))
  const loss = (p, { ids, targets }) => crossEntropy(lm.forward(p, ids).logits, targets)
  const gradients = await Gradients.compile(lm.spec, lmBatchSpecs, loss, THREADS, crew)
  const optimizer = adamW(lm.spec, { beta2: 0.95, weightDecay: 0.1 })
  const [values, into] = [initFlat(lm.spec, 1), flatZeros(lm.spec)]
  const text = Int32Array.from({ length: 100_000 }, () => Math.floor(Math.random() * vocab))
  let step = 0
  return async () => {
    const starts = Array.from({ length: batch }, () => Math.floor(Math.random() * (text.length - tokens - 1)))
    await gradients.run(values, windowBatch(text, starts, tokens), ++step, into)
    const squares = await crew.run('sumOfSquares', into.data.length, into.data)
    const gradientScale = clipScale(Math.sqrt(squares.reduce((sum, part) => sum + part)), 1)
    await optimizer.update(values, into, { step, learningRate: 3e-4, gradientScale, crew })
  }
}

const [index] = process.argv.slice(2)
if (index) {
  const { layers, width, tokens, batch, vocab } = sizes[index]
  const title = `train GPT L${layers} D${width} T${tokens} B${batch} V${vocab}`
  await race(title, await ourTraining(sizes[index]), 'gpt_torch.py', 'train', sizes[index])
  process.exit()
}
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}`)
await eachAlone(
  import.meta.url,
  [...sizes.keys()].map((index) => [index]),
)
