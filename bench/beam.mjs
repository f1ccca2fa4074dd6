/**
 * Are targets found at least as fast as by transformers on PyTorch? T5 of three sizes, random weights, f32; greedy and four beams.
 *
 * One run, both sides in turn: one `generate` of ours, then of transformers' (beam_transformers.py), eager and compiled. A step is a
 * whole answer: B sources, the same number of tokens for each.
 * Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- beam`.
 */
import { cpus } from 'node:os'
import { Seq2SeqGenerator } from '../dist/generation/seq2seq-generator.js'
import { t5Seq2Seq } from '../dist/models/t5/model.js'
import { countParams, initParams } from '../dist/tensor/index.js'
import { eachAlone, race, THREADS } from './race.mjs'

const SOURCE = 24
const TOKENS = 48

const models = {
  tiny: { width: 64, layers: 2, heads: 4, ff: 256, vocab: 1000 },
  mini: { width: 256, layers: 4, heads: 4, ff: 1024, vocab: 8000 },
  small: { width: 512, layers: 6, heads: 8, ff: 2048, vocab: 32_128 },
}

async function ourAnswers({ width, layers, heads, ff, vocab }, batch, beams) {
  const model = t5Seq2Seq({
    ...{ modelType: 't5', vocabSize: vocab, dModel: width, dKv: width / heads, dFf: ff, numHeads: heads },
    ...{ numLayers: layers, numDecoderLayers: layers, relativeAttentionNumBuckets: 32, relativeAttentionMaxDistance: 128 },
    ...{ dropoutRate: 0.1, layerNormEpsilon: 1e-6, denseActFn: 'relu', isGatedAct: false },
    ...{ scaleDecoderOutputs: true, tieWordEmbeddings: true },
  })
  const tokens = { start: 0, end: [1], pad: 0, suppressed: [] }
  const generator = await Seq2SeqGenerator.compile(model, initParams(model.spec, 1), tokens, { threads: THREADS })
  const sources = Array.from({ length: batch }, () =>
    Int32Array.from({ length: SOURCE }, () => 2 + Math.floor(Math.random() * (vocab - 2))),
  )
  return {
    parameters: countParams(model.spec),
    answer: () => generator.generate(sources, { beams, maxTokens: TOKENS, minTokens: TOKENS }),
  }
}

const [name, batch, beams] = process.argv.slice(2)
if (name) {
  const { parameters, answer } = await ourAnswers(models[name], +batch, +beams)
  const title = `T5 ${name}, ${(parameters / 1e6).toFixed(1)} M parameters, B${batch}, ${beams === '1' ? 'greedy' : `${beams} beams`}, ${batch * TOKENS} tokens a step`
  const size = { ...models[name], batch, beams, source: SOURCE, tokens: TOKENS }
  await race(title, answer, 'beam_transformers.py', 'answer', size, { rounds: 5, steps: name === 'small' ? 1 : 3 })
  process.exit()
}
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}`)
const lists = Object.keys(models).flatMap((model) => [1, 8].flatMap((B) => [1, 4].map((N) => [model, B, N])))
await eachAlone(import.meta.url, lists)
