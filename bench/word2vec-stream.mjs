/**
 * Does word2vec train on a corpus larger than memory? A generated text of any size, the same each time; peak resident memory, time of
 * each part, words a second.
 *
 * Words come by Zipf's law from a million, and one in two hundred is new, so that the counting of 10 GB must forget rare words. With --dump the
 * text is first written as a MediaWiki dump of several bzip2 streams, and read as one; its pages repeat --repeats times, as compressing takes longer
 * than reading.
 *
 * `node bench/word2vec-stream.mjs [--gigabytes 10] [--dump [--repeats 5]] [--epochs 1] [--dim 100] [--window 5] [--threads 2] [--min-count 20]
 * [--folder FOLDER]`
 */
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { Random } from '../dist/tensor/random.js'
import { readTexts } from '../dist/text/texts.js'
import { trainWord2Vec } from '../dist/training/train-word2vec.js'

const { values: args } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '10' },
    dump: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '5' },
    epochs: { type: 'string', default: '1' },
    dim: { type: 'string', default: '100' },
    window: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    'min-count': { type: 'string', default: '20' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const bytes = Number(args.gigabytes) * 1e9
const work = mkdtempSync(join(args.folder, 'loquent-stream-'))

const KNOWN = 1_000_000
const WORDS_A_TEXT = 400

/** `ba`, `ce`, …: pronounceable, short where the number is low. */
function wordOf(number) {
  const [consonants, vowels] = ['bcdfghjklmnprstvwz', 'aeiou']
  let word = ''
  for (let rest = number + 1; rest > 0; rest = Math.floor(rest / 90)) {
    word += consonants[rest % 18] + vowels[Math.floor(rest / 18) % 5]
  }
  return word
}

function* generated(bytes) {
  const random = new Random(1, 'stream')
  const words = Array.from({ length: KNOWN }, (_, i) => wordOf(i))
  const span = Math.log(KNOWN)
  let fresh = 0
  for (let made = 0; made < bytes; ) {
    const text = []
    for (let i = 0; i < WORDS_A_TEXT; i++) {
      const isNew = random.uniform() < 1 / 200
      text.push(isNew ? `new${(fresh++).toString(36)}` : words[Math.floor(Math.exp(random.uniform() * span)) - 1])
    }
    const joined = text.join(' ')
    made += joined.length + 1
    yield { text: joined }
  }
}

/** What `write` is given, as one bzip2 stream at the end of a file. */
async function appendStream(path, write) {
  const bzip2 = spawn('bzip2', ['-1', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const written = new Promise((resolve, reject) => {
    bzip2.on('error', reject)
    bzip2.stdout
      .pipe(createWriteStream(path, { flags: 'a' }))
      .on('finish', resolve)
      .on('error', reject)
  })
  await write((text) => bzip2.stdin.write(text) || new Promise((resolve) => bzip2.stdin.once('drain', resolve)))
  bzip2.stdin.end()
  await written
}

/** The text as the articles of a dump. */
async function writeDump(path, repeats) {
  const pages = `${path}.pages`
  await appendStream(pages, async (write) => {
    let n = 0
    for (const { text } of generated(bytes / repeats)) {
      const head = `<page><title>Page ${++n}</title><ns>0</ns><id>${n}</id><revision><id>${n}</id><model>wikitext</model>`
      await write(`${head}<format>text/x-wiki</format><text xml:space="preserve">${text}</text></revision></page>\n`)
    }
  })
  const namespace = 'http://www.mediawiki.org/xml/export-0.11/'
  await appendStream(path, (write) => write(`<mediawiki xmlns="${namespace}" version="0.11" xml:lang="en">\n`))
  for (let i = 0; i < repeats; i++) await pipeline(createReadStream(pages), createWriteStream(path, { flags: 'a' }))
  await appendStream(path, (write) => write('</mediawiki>\n'))
  rmSync(pages)
}

const started = performance.now()
const since = () => `${((performance.now() - started) / 1000).toFixed(0)} s`
const peak = () => `${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`
console.log(
  `${cpus()[0].model}, Node ${process.versions.node}, ${(totalmem() / 1e9).toFixed(0)} GB of memory; ${args.gigabytes} GB of text`,
)
try {
  const path = join(work, 'dump.xml.bz2')
  if (args.dump) {
    await writeDump(path, Number(args.repeats))
    console.log(`${since()}: dump of ${(statSync(path).size / 1e9).toFixed(2)} GB written; peak ${peak()}`)
  }
  let said = 0
  const onEvent = (event) => {
    const now = performance.now()
    const passing = event.type === 'reading' || event.type === 'step'
    if (passing && now - said < 30_000) return
    said = now
    const { type, texts, words, distinctWords, vocabulary, wordsKept, undercount, epoch, step, steps, wordsPerSecond, loss } =
      event
    const shown = { texts, words, distinctWords, vocabulary, wordsKept, undercount, epoch, step, steps, wordsPerSecond, loss }
    console.log(`${since()}: ${type} ${JSON.stringify(shown)}; peak ${peak()}`)
  }
  const texts = args.dump ? () => readTexts([path]) : () => generated(bytes)
  const options = {
    epochs: Number(args.epochs),
    dimensions: Number(args.dim),
    window: Number(args.window),
    minCount: Number(args['min-count']),
  }
  const run = { out: join(work, 'model'), seed: 1, threads: Number(args.threads), onEvent }
  const { words, vocabulary, wordsPerSecond, seconds } = await trainWord2Vec(texts, options, run)
  console.log(
    `${words} words, ${vocabulary} in the vocabulary: ${seconds.toFixed(0)} s in all, ${wordsPerSecond} words/s while training`,
  )
  console.log(`peak resident memory ${peak()}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
