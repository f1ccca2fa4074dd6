/**
 * Are tokenizers trained at least as fast as by Hugging Face tokenizers and by SentencePiece, on one thread, and does the time grow
 * with the text?
 *
 * One run, all sides in turn, each training a process of its own, timed from the opening of the same file to the finished vocabulary.
 *
 *     PYTHON=…/python npm run bench -- train-tokenizer TEXT [MEGABYTES]
 *
 * Python with `tokenizers` and `sentencepiece`; TEXT is a file or a folder of .txt files, of which the first MEGABYTES (20) are taken.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { trainTokenizer } from '../dist/tokenizers/index.js'

const VOCAB_SIZE = 8000
const ROUNDS = 3

const WORK = [
  { title: 'BPE of bytes (GPT-2)', ours: { model: 'bpe' }, peers: ['hf-bpe'] },
  { title: 'BPE with byte fallback (Llama)', ours: { model: 'bpe', byteFallback: true, limitAlphabet: 100 }, peers: ['spm-bpe'] },
  { title: 'WordPiece (BERT)', ours: { model: 'wordpiece' }, peers: ['hf-wordpiece'] },
  { title: 'Unigram (T5)', ours: { model: 'unigram' }, peers: ['hf-unigram', 'spm-unigram'] },
]

/** Lines with their ends, as Hugging Face tokenizers reads files. */
function* linesOf(path) {
  const file = openSync(path)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const buffer = new Uint8Array(2 ** 20)
  let rest = ''
  for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
    const text = rest + decoder.decode(buffer.subarray(0, bytes), { stream: true })
    let start = 0
    for (let end = text.indexOf('\n') + 1; end > 0; end = text.indexOf('\n', start) + 1) {
      yield text.slice(start, end)
      start = end
    }
    rest = text.slice(start)
  }
  closeSync(file)
  if (rest !== '') yield rest
}

async function ourTraining(path, options) {
  const start = performance.now()
  await trainTokenizer(linesOf(path), { vocabSize: VOCAB_SIZE, ...options })
  return (performance.now() - start) / 1000
}

const run = (command, args, env = {}) => {
  const { stdout, stderr, status } = spawnSync(command, args.map(String), { encoding: 'utf8', env: { ...process.env, ...env } })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return Number(stdout.trim().split('\n').at(-1))
}
const ours = (path, options) => run(process.execPath, [fileURLToPath(import.meta.url), 'one', path, JSON.stringify(options)])
const oneThread = { RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false' }
const twin = fileURLToPath(new URL('train_tokenizer_peer.py', import.meta.url))
const peer = (name, path) => run(process.env.PYTHON ?? 'python3', [twin, name, path, VOCAB_SIZE], oneThread)
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

function readBytes(source, bytes) {
  const files = statSync(source).isDirectory()
    ? readdirSync(source)
        .filter((name) => name.endsWith('.txt'))
        .sort()
        .map((name) => join(source, name))
    : [source]
  const data = Buffer.concat(files.map((file) => readFileSync(file)))
  // Cut at the end of a line.
  return data.subarray(0, data.lastIndexOf(10, bytes) + 1)
}

function race(path) {
  for (const { title, ours: options, peers } of WORK) {
    const times = Object.fromEntries(['ours', ...peers].map((name) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      times.ours.push(ours(path, options))
      for (const name of peers) times[name].push(peer(name, path))
    }
    const medians = Object.entries(times).map(([name, list]) => [name, median(list)])
    const shown = medians.map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`).join(', ')
    const ratio = Math.min(...medians.slice(1).map(([, seconds]) => seconds)) / medians[0][1]
    console.log(`${title}: ${shown}; ratio to the fastest ${ratio.toFixed(2)}`)
  }
}

/** Copies of the text would have no new words: growing parts of it. */
function growth(source, folder, megabytes) {
  for (const { title, ours: options } of WORK) {
    const times = [16, 4, 1].map((part) => {
      const path = join(folder, `part-${part}.txt`)
      writeFileSync(path, readBytes(source, (megabytes * 1e6) / part))
      return median(Array.from({ length: ROUNDS }, () => ours(path, options)))
    })
    console.log(`${title}: 1×, 4×, 16× the text: ${times.map((seconds) => `${seconds.toFixed(2)} s`).join(', ')}`)
  }
}

const [source, megabytes = 20, options] = process.argv.slice(2)
if (source === 'one') {
  console.log(await ourTraining(megabytes, JSON.parse(options)))
} else {
  if (source === undefined) throw new Error('which text? npm run bench -- train-tokenizer TEXT [MEGABYTES]')
  const folder = mkdtempSync(join(tmpdir(), 'loquent-bench-'))
  const path = join(folder, 'text.txt')
  writeFileSync(path, readBytes(source, megabytes * 1e6))
  console.log(
    `${cpus()[0].model}, Node ${process.versions.node}; ${megabytes} MB, ${VOCAB_SIZE} tokens, 1 thread, medians of ${ROUNDS}`,
  )
  race(path)
  growth(source, folder, megabytes)
  rmSync(folder, { recursive: true })
}
