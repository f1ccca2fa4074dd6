/**
 * Is text tokenized at least twice as fast as by Hugging Face's tokenizers, and as fast as by tiktoken and gpt-tokenizer?
 *
 * One run, one thread a side, all sides in turn on the same pieces of text; medians. `npm run bench -- tokenize TOKENIZERS TEXTS`, with
 * a folder of tokenizers (gpt2/tokenizer.json …) and one of .txt files; Python with `tokenizers` and `tiktoken`: PYTHON=…/python.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as gptTokenizer from 'gpt-tokenizer/encoding/r50k_base'
import { tokenizerFromJSON } from '../dist/tokenizers/index.js'

const MEGABYTES = 20
const PIECE = 100_000
const ROUNDS = 3

const [tokenizers = '../shared/data/tokenizers', texts = '../shared/data/corpora/novels'] = process.argv.slice(2)

/** About so many bytes of text. */
function corpus(bytes) {
  let text = ''
  const names = readdirSync(texts).filter((name) => name.endsWith('.txt'))
  for (let i = 0; text.length < bytes; i++) text += readFileSync(join(texts, names[i % names.length]), 'utf8')
  return text.slice(0, bytes)
}

/** Cut where a line ends. */
function pieces(text) {
  const found = []
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at + PIECE) + 1 || text.length
    found.push(text.slice(at, end))
    at = end
  }
  return found
}

/** The Python side: asked for a round, it answers its seconds and how many tokens there were. */
function peer(library, file, parts) {
  const script = fileURLToPath(new URL('tokenize_peers.py', import.meta.url))
  const env = { ...process.env, TOKENIZERS_PARALLELISM: 'false', RAYON_NUM_THREADS: '1' }
  const child = spawn(process.env.PYTHON ?? 'python3', [script, library, file], { stdio: ['pipe', 'pipe', 'inherit'], env })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.write(`${JSON.stringify(parts)}\n`)
  return {
    async round() {
      child.stdin.write('run\n')
      return JSON.parse((await lines.next()).value)
    },
    end: () => child.stdin.end(),
  }
}

/** Sides in this process, timed here. */
const local = (encode, parts) => ({
  async round() {
    const start = performance.now()
    let tokens = 0
    for (const part of parts) tokens += encode(part).length
    return { seconds: (performance.now() - start) / 1000, tokens }
  },
  end() {},
})

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

async function race(title, sides, megabytes) {
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]))
  const counts = {}
  const first = {} // nothing is compiled, and no word was seen before
  for (const [name, side] of Object.entries(sides)) first[name] = (await side.round()).seconds
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, side] of Object.entries(sides)) {
      const { seconds, tokens } = await side.round()
      times[name].push(seconds)
      counts[name] = tokens
    }
  }
  for (const side of Object.values(sides)) side.end()
  const ours = median(times.ours)
  console.log(title)
  for (const [name, seconds] of Object.entries(times)) {
    const ratio = name === 'ours' ? '' : `  ours is ${(median(seconds) / ours).toFixed(2)}x as fast`
    const speed = (megabytes / median(seconds)).toFixed(1).padStart(6)
    const firstRatio = name === 'ours' ? '' : `, ${(first[name] / first.ours).toFixed(2)}x`
    console.log(
      `  ${name.padEnd(14)} ${speed} MB/s  ${counts[name]} tokens${ratio} (first round ${(megabytes / first[name]).toFixed(1)} MB/s${firstRatio})`,
    )
  }
}

console.log(`${cpus()[0].model}, one thread, Node ${process.versions.node}`)
const text = corpus(MEGABYTES * 1e6)
const parts = pieces(text)
const megabytes = Buffer.byteLength(text) / 1e6

for (const name of ['gpt2', 'bert-base-uncased', 'tinyllama']) {
  const file = join(tokenizers, name, 'tokenizer.json')
  const tokenizer = tokenizerFromJSON(JSON.parse(readFileSync(file, 'utf8')), file)
  const sides = { ours: local((part) => tokenizer.encode(part), parts), 'Hugging Face': peer('tokenizers', file, parts) }
  if (name === 'gpt2') {
    sides.tiktoken = peer('tiktoken', file, parts)
    sides['gpt-tokenizer'] = local((part) => gptTokenizer.encode(part), parts)
  }
  await race(`${name}, ${megabytes.toFixed(1)} MB`, sides, megabytes)
  for (const times of [1, 4, 16]) {
    const bytes = (text.length / 16) * times
    const { seconds } = await local((part) => tokenizer.encode(part), [text.slice(0, bytes)]).round()
    console.log(
      `  ${times}x the text in one piece: ${(seconds * 1000).toFixed(0)} ms, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`,
    )
  }
  const long = 'abcdefghij'.repeat(10_000)
  for (const length of [25_000, 100_000]) {
    const start = performance.now()
    tokenizer.encode(long.slice(0, length))
    console.log(`  ${length} letters without a space: ${(performance.now() - start).toFixed(0)} ms`)
  }
}
