/**
 * Is a GPT decoded at least twice as fast as by transformers on PyTorch? Batch 1, f32, greedy, with a cache.
 *
 * One run, both sides in turn: a few tokens of ours, then of transformers' (gpt_torch.py), eager and compiled.
 * Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- decode`.
 */
import { cpus } from 'node:os'
import { Decoder } from '../dist/generation/decoder.js'
import { gpt2Config } from '../dist/models/gpt2/config.js'
import { gpt2Lm } from '../dist/models/gpt2/model.js'
import { countParams, initParams, ndarray } from '../dist/tensor/index.js'
import { eachAlone, race, THREADS } from './race.mjs'

const PROMPT = 64

const sizes = [
  { layers: 6, width: 384, heads: 6, tokens: 256, vocab: 256 },
  { layers: 12, width: 768, heads: 12, tokens: 256, vocab: 32_000 },
]

const random = (n, vocab) => Int32Array.from({ length: n }, () => Math.floor(Math.random() * vocab))

/** A step reads the most probable token and predicts the next; a full cache goes back to the prompt. */
async function ourDecoding(lm) {
  const decoder = await Decoder.compile(lm, initParams(lm.spec, 1), { threads: THREADS })
  const cache = decoder.cache()
  let logits = await decoder.read(cache, ndarray(random(PROMPT, lm.vocabSize), [1, PROMPT], 'i32'))
  return async () => {
    if (cache.length === lm.contextLength) cache.truncate(PROMPT)
    let best = 0
    for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i
    logits = await decoder.read(cache, ndarray(Int32Array.of(best), [1, 1], 'i32'))
  }
}

/** Bytes a second that one thread reads from a buffer larger than any cache. */
function readBandwidth() {
  const buffer = Buffer.alloc(2 ** 29, 1)
  buffer.indexOf(2) // touches every page
  const start = performance.now()
  for (let i = 0; i < 4; i++) buffer.indexOf(2)
  return (4 * buffer.length) / ((performance.now() - start) / 1000)
}

const [index] = process.argv.slice(2)
if (index) {
  const size = sizes[index]
  const { layers, width, heads, tokens, vocab } = size
  const lm = gpt2Lm(gpt2Config({ vocabSize: vocab, nPositions: tokens, nEmbd: width, nLayer: layers, nHead: heads }))
  const parameters = countParams(lm.spec)
  console.log(`weights ${((4 * parameters) / 1e6).toFixed(0)} MB`)
  const title = `decode GPT L${layers} D${width} V${vocab}, ${(parameters / 1e6).toFixed(1)} M parameters`
  await race(title, await ourDecoding(lm), 'gpt_torch.py', 'decode', { ...size, prompt: PROMPT }, { rounds: 4, steps: 64 })
  process.exit()
}
const bandwidth = (readBandwidth() / 1e9).toFixed(1)
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}; one thread reads ${bandwidth} GB/s`)
await eachAlone(
  import.meta.url,
  [...sizes.keys()].map((index) => [index]),
)
