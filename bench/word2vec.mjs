/**
 * Is word2vec trained at least 2.5 times as fast as by gensim, at the same quality? With fastText's program beside it.
 *
 * Speed: an epoch of the novels, all sides in turn, at 1 and 2 threads. Quality: 3 seeds of 5 epochs, both sides judged by gensim's own
 * rules and files (Google analogies, WordSim-353, SimLex-999), which also shows that gensim loads our vectors. All settings are gensim's:
 * dim 100, window 5, 5 negatives, min count 5, sample 1e-3, rate 0.025.
 *
 * `PYTHON=…/python npm run bench -- word2vec`, with the packages gensim and fasttext; by itself also
 * `node bench/word2vec.mjs [--speed|--quality] [--cbow] [--reproducible] [--folder texts] [--seeds 3] [--rounds 3]`
 */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeVectors } from '../dist/formats/word2vec-write.js'
import { word2vecDefaults } from '../dist/models/word2vec/config.js'
import { openCorpus, writeCorpus } from '../dist/models/word2vec/corpus.js'
import { Trainer } from '../dist/models/word2vec/trainer.js'
import { weightsOf } from '../dist/models/word2vec/weights.js'
import { wordSegmenter } from '../dist/models/word2vec/words.js'
import { readTexts } from '../dist/text/texts.js'

const data = fileURLToPath(new URL('../../shared/data', import.meta.url))
const { values: args } = parseArgs({
  options: {
    speed: { type: 'boolean' },
    quality: { type: 'boolean' },
    cbow: { type: 'boolean', default: false },
    reproducible: { type: 'boolean', default: false },
    subwords: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(data, 'corpora/novels') },
    analogies: { type: 'string', default: join(data, 'similarity/questions-words.txt') },
    seeds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1,2' },
  },
})
const both = !args.speed && !args.quality
const config = { ...word2vecDefaults, model: args.cbow ? 'cbow' : 'skip-gram' }
const sg = args.cbow ? 0 : 1
if (args.subwords) config.subwords = { minn: 3, maxn: 6, bucket: 2_000_000 }
const work = mkdtempSync(join(tmpdir(), 'loquent-word2vec-'))
const threadCounts = args.threads.split(',').map(Number)

const python = spawn(process.env.PYTHON ?? 'python3', [fileURLToPath(new URL('word2vec_gensim.py', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'ignore'],
})
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
async function ask(request) {
  python.stdin.write(`${JSON.stringify(request)}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error('the Python side has ended: does it have gensim and fasttext?')
  return JSON.parse(value)
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const k = (wordsPerSecond) => `${Math.round(wordsPerSecond / 1000)}k`

/** One token file for all sides: the words of each line between spaces. */
async function writeTokens() {
  const path = join(work, 'tokens.txt')
  const stream = createWriteStream(path)
  const wordsOf = wordSegmenter('runs')
  for await (const { text } of readTexts([args.folder])) {
    const words = wordsOf(text)
    if (words.length > 0 && !stream.write(`${words.join(' ')}\n`)) await new Promise((resolve) => stream.once('drain', resolve))
  }
  await new Promise((resolve) => stream.end(resolve))
  return path
}

async function ourEpochs(corpus, threads, seed, epochs) {
  const trainer = new Trainer(corpus, { ...config, epochs }, { seed, threads, reproducible: args.reproducible })
  await trainer.train(0, 0, 0) // the threads have started
  const started = performance.now()
  for (let epoch = 0; epoch < epochs; epoch++) await trainer.train(epoch, 0, trainer.blocks)
  const seconds = (performance.now() - started) / 1000
  await trainer[Symbol.asyncDispose]()
  return { seconds, weights: weightsOf(trainer) }
}

async function speed(corpus, tokens) {
  for (const threads of threadCounts) {
    const times = { ours: [], gensim: [], fastText: [] }
    let words = 0
    for (let round = 0; round < Number(args.rounds); round++) {
      times.ours.push((await ourEpochs(corpus, threads, 1, 1)).seconds)
      if (!args.subwords) {
        const theirs = await ask({ do: 'speed', tokens, threads, sg })
        words = theirs.words
        times.gensim.push(theirs.seconds)
      }
      times.fastText.push((await ask({ do: 'speed_fasttext', tokens, threads, sg, maxn: args.subwords ? 6 : 0 })).seconds)
    }
    const { wordsKept } = corpus.summary
    if (words > 0 && words !== wordsKept) console.log(`  the vocabularies differ: ${wordsKept} words here, ${words} in gensim`)
    const sides = Object.entries(times).filter(([, list]) => list.length > 0)
    const rates = Object.fromEntries(sides.map(([name, list]) => [name, wordsKept / median(list)]))
    const shown = Object.entries(rates).map(([name, rate]) => `${name} ${k(rate)}`)
    const ratios = Object.entries(rates)
      .filter(([name]) => name !== 'ours')
      .map(([name, rate]) => `${(rates.ours / rate).toFixed(2)}× ${name}`)
    console.log(
      `${config.model}, ${threads} thread${threads > 1 ? 's' : ''}: words/s ${shown.join(', ')}; ratio ${ratios.join(', ')}`,
    )
  }
}

async function quality(corpus, tokens) {
  const threads = Math.max(...threadCounts)
  const sums = {}
  const judge = async (side, seed, path) => {
    const scores = await ask({ do: 'evaluate', path, analogies: args.analogies })
    const shown = Object.entries(scores).map(([name, score]) => `${name} ${score.toFixed(3)}`)
    console.log(`  ${side}, seed ${seed}: ${shown.join(', ')}`)
    sums[side] ??= {}
    for (const [name, score] of Object.entries(scores)) sums[side][name] = (sums[side][name] ?? 0) + score / Number(args.seeds)
  }
  for (let seed = 1; seed <= Number(args.seeds); seed++) {
    const { weights } = await ourEpochs(corpus, threads, seed, 5)
    const path = join(work, 'ours.bin')
    const { words, counts } = weights.vocabulary
    await writeVectors(path, { words, counts, vectors: weights.embeddings }, { binary: true })
    await judge('ours', seed, path)
    const out = join(work, 'gensim.bin')
    await ask({ do: 'train', tokens, threads, sg, seed, epochs: 5, out })
    await judge('gensim', seed, out)
  }
  for (const [side, scores] of Object.entries(sums)) {
    const shown = Object.entries(scores).map(([name, score]) => `${name} ${score.toFixed(3)}`)
    console.log(`${config.model}, ${side}, mean of ${args.seeds} seeds, ${threads} threads: ${shown.join(', ')}`)
  }
}

console.log(`${cpus()[0].model}, Node ${process.versions.node}`)
try {
  const tokens = await writeTokens()
  const corpus = await openCorpus(work, await writeCorpus(readTexts([tokens]), config, work))
  if (both || args.speed) await speed(corpus, tokens)
  if (both || args.quality) await quality(corpus, tokens)
} finally {
  python.stdin.end()
  rmSync(work, { recursive: true, force: true })
}
