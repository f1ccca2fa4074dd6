/**
 * Is the encoder trained and run at least as fast as by PyTorch?
 *
 * One run, both sides in turn: short rounds of ours and of PyTorch's twin process (encoder_torch.py), eager and compiled.
 * Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- encoder`.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { EncoderClassifier, encoderLoss, encoderSpec } from '../dist/models/encoder/index.js'
import { countParams, initParams, inputSpec, ndarray } from '../dist/tensor/index.js'
import { WordTokenizer } from '../dist/tokenizers/word.js'
import { Crew } from '../dist/training/crew.js'
import { Gradients } from '../dist/training/gradients.js'
import { adamW, flatZeros, initFlat } from '../dist/training/index.js'
import { clipScale } from '../dist/training/optimizer.js'

const THREADS = 2
const ROUNDS = 12
const STEPS = 8
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

async function timed(step, n) {
  const times = []
  for (let i = 0; i < n; i++) {
    const start = performance.now()
    await step()
    times.push(performance.now() - start)
  }
  return times
}

/** PyTorch's twin: asked for n steps, it answers their times. */
function torch(mode, compiled, { layers, width, heads, tokens, batch }) {
  const numbers = { layers, width, heads, tokens, batch, vocab: VOCABULARY, labels: 2, threads: THREADS }
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const script = fileURLToPath(new URL('encoder_torch.py', import.meta.url))
  const child = spawn(process.env.PYTHON ?? 'python3', [script, '--mode', mode, ...(compiled ? ['--compile'] : []), ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  let peak = 0
  return {
    started: answer(),
    run: async (n) => {
      child.stdin.write(`run ${n}\n`)
      const { stepMs, peakBytes } = await answer()
      peak = peakBytes
      return stepMs
    },
    peakBytes: () => peak,
    end: () => child.stdin.end(),
  }
}

/** Threads of the last one to run may still spin, and would take the next one's time. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 400))

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const peakBytes = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

async function race(mode, size) {
  const ours = await (mode === 'train' ? ourTraining(size) : ourInference(size))
  const peers = { eager: torch(mode, false, size), compiled: torch(mode, true, size) }
  const times = { ours: [], eager: [], compiled: [] }
  for (const { started } of Object.values(peers)) await started
  await timed(ours, 3)
  for (const peer of Object.values(peers)) await peer.run(3)
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(...(await timed(ours, STEPS)))
    await settle()
    for (const [name, peer] of Object.entries(peers)) {
      times[name].push(...(await peer.run(STEPS)))
      await settle()
    }
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
  const best = Math.min(medians.eager, medians.compiled)
  const { layers, width, tokens, batch } = size
  const shown = Object.entries(medians)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(', ')
  const memory = `peak MB ours ${(peakBytes() / 1e6).toFixed(0)}, eager ${(peers.eager.peakBytes() / 1e6).toFixed(0)}, compiled ${(peers.compiled.peakBytes() / 1e6).toFixed(0)}`
  console.log(
    `${mode} L${layers} D${width} T${tokens} B${batch}: ms a step: ${shown}; ratio ${(best / medians.ours).toFixed(2)}; ${memory}`,
  )
  for (const peer of Object.values(peers)) peer.end()
}

// A process a race: its peak memory is its own.
const [mode, index] = process.argv.slice(2)
if (mode) {
  await race(mode, sizes[index])
  process.exit()
}
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}`)
for (const mode of ['train', 'infer']) {
  for (const index of sizes.keys()) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), mode, `${index}`], { stdio: 'inherit' })
    await new Promise((resolve) => child.on('exit', resolve))
  }
}
