/**
 * Are texts made vectors at least four times as fast as by scikit-learn, and does the time grow with the text and no faster?
 *
 * One run, both sides in turn, one thread each: fit and transform with the same words, on AG News and on novels in pieces of about
 * 1000 characters. Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- bag-of-words`.
 * Data: ../shared/data, or the folder that DATA names.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Vectorizer } from '../dist/models/bag-of-words/index.js'

const data = process.env.DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const ROUNDS = 7
const WARM_UPS = 3

function newsTexts() {
  const lines = readFileSync(join(data, 'classify/agnews/dev.tsv'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => line.split('\t')[0])
}

function novelTexts() {
  const folder = join(data, 'corpora/novels')
  const books = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return books.flatMap((book) => book.match(/.{1,1000}(?=\s|$)|.{1,1000}/gs))
}

/** Starts scikit-learn with the texts in memory. */
async function peerWith(texts, folder) {
  const file = join(folder, 'texts.json')
  writeFileSync(file, JSON.stringify(texts))
  const script = fileURLToPath(new URL('bag_of_words_sklearn.py', import.meta.url))
  const child = spawn(process.env.PYTHON ?? 'python3', [script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  const { version } = await answer()
  const run = (job) => {
    child.stdin.write(`${JSON.stringify(job)}\n`)
    return answer()
  }
  return { version, run, end: () => child.stdin.end() }
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

function ours(texts, { weighting, ngrams, share }) {
  const part = texts.slice(0, Math.round(texts.length * share))
  const start = performance.now()
  const rows = new Vectorizer({ weighting, tokens: 'scikit-learn', ngramRange: [1, ngrams] }).fitTransform(part)
  return { ms: performance.now() - start, shape: [part.length, rows.columns], entries: rows.ids.length }
}

async function race(name, texts, peer, job, rounds) {
  const times = { ours: [], theirs: [] }
  for (let i = 0; i < WARM_UPS; i++) ours(texts, job) // the compiler's time is not the algorithm's
  for (let round = 0; round < rounds; round++) {
    const [mine, other] = [ours(texts, job), await peer.run(job)]
    if (`${mine.shape} ${mine.entries}` !== `${other.shape} ${other.entries}`) throw new Error('the vectors differ')
    times.ours.push(mine.ms)
    times.theirs.push(other.ms)
  }
  const [mine, other] = [median(times.ours), median(times.theirs)]
  const bytes = texts.slice(0, Math.round(texts.length * job.share)).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const speed = (ms) => `${(bytes / 1000 / ms).toFixed(1)} MB/s`
  const what = `${name} ${(bytes / 1e6).toFixed(1)} MB, ${job.weighting}, n-grams 1 to ${job.ngrams}`
  console.log(`${what}: ours ${speed(mine)}, scikit-learn ${speed(other)}; ratio ${(other / mine).toFixed(2)}`)
}

const folder = mkdtempSync(join(tmpdir(), 'loquent-bench-'))
try {
  for (const [name, texts, shares] of [
    ['AG News', newsTexts(), [1]],
    ['novels', novelTexts(), [1 / 16, 1 / 4, 1]],
  ]) {
    const peer = await peerWith(texts, folder)
    if (name === 'AG News') {
      console.log(`${cpus()[0].model}, one thread, Node ${process.versions.node}, scikit-learn ${peer.version}`)
    }
    for (const ngrams of [1, 2]) {
      for (const share of shares) {
        for (const weighting of ['count', 'tf-idf']) {
          await race(name, texts, peer, { weighting, ngrams, share }, share === 1 && name === 'novels' ? 3 : ROUNDS)
        }
      }
    }
    peer.end()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
