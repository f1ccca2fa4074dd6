/**
 * Are word vectors loaded and searched at least as fast as by gensim?
 *
 * One run, both sides in turn; gensim's products run on all cores, ours on one. Python with gensim of the version in
 * test/golden/requirements.txt: `PYTHON=…/python npm run bench -- word-vectors`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { evaluateAnalogies, loadWordVectors, readAnalogies, writeVectors } from '../dist/index.js'

const ROUNDS = 5
const WIDTH = 100
const SIZES = [10_000, 50_000, 200_000]

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

async function write(folder, V) {
  const words = Array.from({ length: V }, (_, i) => `word${i}`)
  const vectors = Float32Array.from({ length: V * WIDTH }, () => Math.random() + Math.random() + Math.random() - 1.5)
  await writeVectors(join(folder, 'vectors.bin'), { words, vectors }, { binary: true })
  await writeVectors(join(folder, 'vectors.txt'), { words, vectors })
  const lines = Array.from({ length: 200 }, (_, i) => [1, 2, 3, 4].map((k) => words[(i * k * 37) % V]).join(' '))
  writeFileSync(join(folder, 'analogies.txt'), `: some\n${lines.join('\n')}\n`)
}

function gensim(folder) {
  const script = fileURLToPath(new URL('word_vectors_gensim.py', import.meta.url))
  const child = spawn(process.env.PYTHON ?? 'python3', [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => (await lines.next()).value
  const run = async (name) => {
    child.stdin.write(`${name}\n`)
    return Number(await answer())
  }
  return { ready: answer(), run, end: () => child.stdin.end() }
}

async function compare(V) {
  const folder = mkdtempSync(join(tmpdir(), 'loquent-vectors-'))
  await write(folder, V)
  const { vectors } = await loadWordVectors(join(folder, 'vectors.bin'))
  const { sections } = await readAnalogies(join(folder, 'analogies.txt'))
  const work = {
    'load binary': () => loadWordVectors(join(folder, 'vectors.bin')),
    'load text': () => loadWordVectors(join(folder, 'vectors.txt')),
    'ten neighbours, 20 times': () => {
      for (let i = 0; i < 20; i++) vectors.mostSimilar({ positive: [vectors.words[17 * i]] })
    },
    'analogies, 200': () => evaluateAnalogies(vectors, sections),
  }
  const peer = gensim(folder)
  await peer.ready
  for (const [name, task] of Object.entries(work)) {
    const times = { ours: [], gensim: [] }
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      await task()
      times.ours.push(performance.now() - start)
      times.gensim.push(await peer.run(name))
    }
    const [ours, theirs] = [median(times.ours), median(times.gensim)]
    console.log(
      `${V} × ${WIDTH}, ${name}: ms: ours ${ours.toFixed(0)}, gensim ${theirs.toFixed(0)}; ratio ${(theirs / ours).toFixed(2)}`,
    )
  }
  peer.end()
  rmSync(folder, { recursive: true })
}

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.versions.node}`)
for (const V of SIZES) await compare(V)
