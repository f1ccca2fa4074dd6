/**
 * How long do the nearest neighbours take? Exactly, against NumPy with OpenBLAS (`M @ q`, `Q @ M.T`, argpartition, sort), with as many
 * threads; approximately, against hnswlib (M 16, ef_construction 200, one thread), with the recall of both. Alternately in one run.
 *
 *     PYTHON=python3 node bench/neighbors.mjs [exact] [approximate] [--rows 10000,100000,400000] [--width 384]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MatrixSearch, unitRows, VectorIndex } from '../dist/index.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string', default: '10000,100000,400000' }, width: { type: 'string', default: '384' } },
})
const parts = positionals.length > 0 ? positionals : ['exact', 'approximate']
const width = Number(values.width)
const sizes = values.rows.split(',').map(Number)
const ROUNDS = 7
const BATCH = 100
const QUERIES = 1000

const folder = mkdtempSync(join(tmpdir(), 'loquent-neighbors-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Numbers of a normal distribution, the same in every run. */
function normal(seed) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
  return { uniform, draw: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) }
}

/** Unit vectors; around one of `centres` directions each, where there are any. */
function vectors(rows, centres, seed) {
  const shared = normal(1)
  const middle = Float32Array.from({ length: centres * width }, shared.draw)
  const { uniform, draw } = normal(seed)
  const data = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const centre = Math.floor(uniform() * centres) * width
    for (let i = 0; i < width; i++) data[row * width + i] = draw() + (centres > 0 ? 1.5 * middle[centre + i] : 0)
  }
  return unitRows(data, width)
}

function python(threads) {
  const script = fileURLToPath(new URL('neighbors_numpy.py', import.meta.url))
  const env = { ...process.env, OPENBLAS_NUM_THREADS: `${threads}`, OMP_NUM_THREADS: `${threads}` }
  const child = spawn(process.env.PYTHON ?? 'python3', [script, folder, `${width}`], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (...command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`)
    return JSON.parse((await lines.next()).value)
  }
  return { ask, end: () => child.stdin.end() }
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
const settle = () => new Promise((resolve) => setTimeout(resolve, 100))
const timed = async (work) => {
  const start = performance.now()
  const result = await work()
  return { ms: performance.now() - start, result }
}

async function exact(data, queries) {
  for (const threads of [1, 2]) {
    const peer = python(threads)
    for (const rows of sizes) {
      await peer.ask('load', 'vectors', rows)
      const matrix = data.subarray(0, rows * width)
      const { ms: build, result: search } = await timed(() => new MatrixSearch(matrix, rows, width))
      console.log(`${rows} × ${width}, ${threads} thread(s); the matrix is coded once in ${build.toFixed(0)} ms`)
      for (const n of [1, BATCH]) {
        for (const k of [1, 10, 100]) await duel(search, peer, queries.subarray(0, n * width), n, k, threads)
      }
      search[Symbol.dispose]()
    }
    peer.end()
  }
}

async function duel(search, peer, queries, n, k, threads) {
  const ask = () => (threads === 1 ? search.topKBatch(queries, k) : search.topKByThreads(queries, k, threads))
  const [ours, theirs] = [[], []]
  await ask()
  let answer = await peer.ask('exact', 'queries', n, k, 1)
  let found
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, result } = await timed(ask)
    found = result
    ours.push(ms)
    await settle()
    answer = await peer.ask('exact', 'queries', n, k, 1)
    theirs.push(...answer.ms)
    await settle()
  }
  const same = found.filter(({ ids }, i) => ids.join() === answer.ids[i].join()).length
  const [a, b] = [median(ours), median(theirs)]
  const shown = `ours ${a.toFixed(2)} ms, NumPy ${b.toFixed(2)} ms, ratio ${(b / a).toFixed(2)}`
  console.log(`  ${n} quer${n === 1 ? 'y' : 'ies'}, k ${k}: ${shown}; the same order for ${same} of ${n}`)
}

const recallOf = (found, truth) =>
  found.reduce((sum, ids, i) => sum + ids.filter((id) => truth[i].has(id)).length, 0) / (found.length * 10)

async function approximate(kind, data, queries, rows) {
  const peer = python(1)
  await peer.ask('load', kind, rows)
  const keys = Array.from({ length: rows }, (_, row) => `${row}`)
  const index = new VectorIndex({ width, approximate: true })
  const { ms: ours } = await timed(() => index.add(keys, data.subarray(0, rows * width)))
  const theirs = (await peer.ask('build', 16, 200)).ms[0]
  const built = `ours ${(ours / 1e3).toFixed(1)} s, hnswlib ${(theirs / 1e3).toFixed(1)} s, ratio ${(theirs / ours).toFixed(2)}`
  console.log(`${kind}, ${rows} × ${width}: build ${built}`)
  const exact = index.searchMany(queries, 10, { exact: true })
  const truth = exact.map((hits) => new Set(hits.map(({ key }) => Number(key))))
  for (const ef of [50, 100, 200, 400, 800, 1600, 5000]) {
    const rounds = { ours: [], theirs: [] }
    let [found, answer] = [[], { ids: [] }]
    for (let round = 0; round < 3; round++) {
      const { ms, result } = await timed(() => index.searchMany(queries, 10, { ef }))
      rounds.ours.push((ms / QUERIES) * 1e3)
      found = result.map((hits) => hits.map(({ key }) => Number(key)))
      answer = await peer.ask('walk', `${kind}-queries`, QUERIES, 10, ef)
      rounds.theirs.push((answer.ms[0] / QUERIES) * 1e3)
    }
    const [a, b] = [median(rounds.ours), median(rounds.theirs)]
    const recalls = `recall@10 ours ${recallOf(found, truth).toFixed(4)}, hnswlib ${recallOf(answer.ids, truth).toFixed(4)}`
    console.log(`  ef ${ef}: ${recalls}; µs a query ours ${a.toFixed(0)}, hnswlib ${b.toFixed(0)}, ratio ${(b / a).toFixed(2)}`)
  }
  peer.end()
}

const save = (name, data) => writeFileSync(join(folder, `${name}.f32`), data)

if (parts.includes('exact')) {
  const [data, queries] = [vectors(Math.max(...sizes), 0, 2), vectors(BATCH, 0, 3)]
  save('vectors', data)
  save('queries', queries)
  await exact(data, queries)
}
if (parts.includes('approximate')) {
  const rows = sizes.includes(100_000) ? 100_000 : sizes[0]
  for (const [kind, centres] of [
    ['clustered', 1000],
    ['random', 0],
  ]) {
    const [data, queries] = [vectors(rows, centres, 2), vectors(QUERIES, centres, 3)]
    save(kind, data)
    save(`${kind}-queries`, queries)
    await approximate(kind, data, queries, rows)
  }
}
