/**
 * Is the encoder trained and run at least as fast as by PyTorch?
 *
 * One run, both sides in turn: short rounds of ours and of PyTorch's twin process (encoder_torch.py), eager and compiled.
 * Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- encoder`.
 */
import { cpus } from 'node:os'
import { EncoderClassifier, encoderLoss, encoderSpec } from '../dist/models/encoder/index.js'
import { countParams, initParams, inputSpec, ndarray } from '../dist/tensor/index.js'
import { WordTokenizer } from '../dist/tokenizers/word.js'
import { Crew } from '../dist/training/crew.js'
import { Gradients } from '../dist/training/gradients.js'
import { adamW, flatZeros, initFlat } from '../dist/training/index.js'
import { clipScale } from '../dist/training/optimizer.js'
import { eachAlone, race, THREADS } from './race.mjs'

const VOCABULARY = 8192

const sizes = [
  { layers: 2, width: 128, heads: 4, tokens: 64, batch: 32 },
  { layers: 4, width: 256, heads: 8, tokens: 128, batch: 16 },
]

const configOf = ({ layers, width, heads, tokens }) => ({
  vocabSize: VOCABULARY,
  maxPositions: tokens,
  numLayers: layers,
  numHeads: heads,
  hiddenSize: width,
  dropout: 0,
  labels: ['no', 'yes'],
})

const randomIds = (n) => Int32Array.from({ length: n }, () => Math.floor(Math.random() * VOCABULARY))

/** A step as the training loop takes it: gradients, clipping, AdamW. */
async function ourTraining(size) {
  const { batch: B, tokens: T } = size
  const config = configOf(size)
  const spec = encoderSpec(config)
  const text = (dtype) => inputSpec(['batch', 'tokens'], dtype)
  const specs = { ids: text('i32'), mask: text('bool'), labels: inputSpec(['batch'], 'i32') }
  const loss = (p, { ids, mask, labels }, _rng) => encoderLoss(p, ids, mask, labels, config)
  const crew = new Crew(THREADS, countParams(spec))
  const gradients = await Gradients.compile(spec, specs, loss, THREADS, crew)
  const [values, into, optimizer] = [initFlat(spec, 1), flatZeros(spec), adamW(spec)]
  let step = 0
  return async () => {
    const batch = {
      ids: ndarray(randomIds(B * T), [B, T], 'i32'),
      mask: ndarray(new Uint8Array(B * T).fill(1), [B, T], 'bool'),
      labels: ndarray(
        Int32Array.from({ length: B }, (_, i) => i % 2),
        [B],
        'i32',
      ),
    }
    await gradients.run(values, batch, ++step, into)
    const squares = await crew.run('sumOfSquares', into.data.length, into.data)
    const gradientScale = clipScale(Math.sqrt(squares.reduce((sum, part) => sum + part)), 1)
    await optimizer.update(values, into, { step, learningRate: 1e-4, gradientScale, crew })
  }
}

async function ourInference(size) {
  const config = configOf(size)
  const model = new EncoderClassifier(config, initParams(encoderSpec(config), 1), new WordTokenizer(['[PAD]', '[UNK]']), {
    threads: THREADS,
  })
  const texts = Array.from({ length: size.batch }, () => randomIds(size.tokens))
  return () => model.logits(texts)
}

// A process a race: its peak memory is its own.
const [mode, index] = process.argv.slice(2)
if (mode) {
  const { layers, width, tokens, batch } = sizes[index]
  const ours = await (mode === 'train' ? ourTraining(sizes[index]) : ourInference(sizes[index]))
  const size = { ...sizes[index], vocab: VOCABULARY, labels: 2 }
  await race(`${mode} L${layers} D${width} T${tokens} B${batch}`, ours, 'encoder_torch.py', mode, size)
  process.exit()
}
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}`)
await eachAlone(
  import.meta.url,
  ['train', 'infer'].flatMap((mode) => [...sizes.keys()].map((index) => [mode, index])),
)
