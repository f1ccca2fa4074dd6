/**
 * Is text read as fast as by the tools at hand? In turns, medians, one thread, MB of text a second.
 *
 * bzip2 against `bzip2 -dc`; gzip against `gzip -dc`; words against `Intl.Segmenter` by the line; sentences against `Intl.Segmenter` by the
 * paragraph; a MediaWiki dump to plain articles, plain and packed. `TEXTS=FOLDER` names English text files; without it this project's prose.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readText, readTexts, sentences, words } from 'loquent/text'

const ROUNDS = 5
const BYTES = 20e6

const folder = mkdtempSync(join(tmpdir(), 'loquent-reading-'))
const text = prose()
const path = (name) => join(folder, name)
writeFileSync(path('a.txt'), text)
writeFileSync(path('dump.xml'), dump(text))
for (const name of ['a.txt', 'dump.xml']) execFileSync('bzip2', ['-k', path(name)])
execFileSync('gzip', ['-k', path('a.txt')])
/** A string of its own: of cuts from a long one the segmenter is slower still. */
const flat = (part) => Buffer.from(part, 'utf16le').toString('utf16le')
const lines = text.split('\n').slice(0, 20_000).map(flat)
const paragraphs = text
  .split(/\n\s*\n/)
  .slice(0, 5000)
  .map(flat)
const sample = (list) => Buffer.byteLength(list.join('\n'))
const byWord = new Intl.Segmenter('en', { granularity: 'word' })
const bySentence = new Intl.Segmenter('en', { granularity: 'sentence' })

await race('bzip2', BYTES, () => drain('a.txt.bz2'), ['bzip2 -dc', () => spawned('bzip2', 'a.txt.bz2')])
await race('gzip', BYTES, () => drain('a.txt.gz'), ['gzip -dc', () => spawned('gzip', 'a.txt.gz')])
await race('words', sample(lines), () => lines.reduce((sum, line) => sum + words(line).length, 0), [
  'Intl.Segmenter',
  () => lines.reduce((sum, line) => sum + counted(byWord, line, ({ isWordLike }) => isWordLike), 0),
])
await race('sentences', sample(paragraphs), () => paragraphs.reduce((sum, part) => sum + sentences(part).length, 0), [
  'Intl.Segmenter',
  () => paragraphs.reduce((sum, part) => sum + counted(bySentence, part, () => true), 0),
])
await race('lines of .txt', BYTES, () => count('a.txt'))
await race('articles of .xml', BYTES, () => count('dump.xml'))
await race('articles of .xml.bz2', BYTES, () => count('dump.xml.bz2'))
rmSync(folder, { recursive: true })

async function race(title, bytes, ours, peer) {
  const times = { ours: [], peer: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await timed(ours))
    if (peer) times.peer.push(await timed(peer[1]))
  }
  const speed = (list) => bytes / 1e6 / list.toSorted((a, b) => a - b)[ROUNDS >> 1]
  const own = speed(times.ours)
  const other = peer ? `, ${peer[0]} ${speed(times.peer).toFixed(1)}: ratio ${(own / speed(times.peer)).toFixed(2)}` : ''
  console.log(`${title}: ${own.toFixed(1)} MB/s${other}`)
}

async function timed(run) {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

async function drain(name) {
  let length = 0
  for await (const piece of readText(path(name))) length += piece.length
  return length
}

async function count(name) {
  let found = 0
  for await (const _ of readTexts([path(name)])) found++
  return found
}

function spawned(tool, name) {
  return spawnSync(tool, ['-dc', path(name)], { stdio: 'ignore' })
}

function counted(segmenter, part, counts) {
  let found = 0
  for (const segment of segmenter.segment(part)) if (counts(segment)) found++
  return found
}

function prose() {
  const from = process.env.TEXTS ?? 'docs'
  const files = readdirSync(from).filter((name) => /\.(txt|md)$/.test(name))
  let all = files.map((name) => readFileSync(join(from, name), 'utf8')).join('\n')
  while (all.length < BYTES) all += all
  return all.slice(0, BYTES)
}

/** Articles with the markup that Wikipedia's have. */
function dump(all) {
  const escaped = all.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const pages = []
  for (let at = 0; at < escaped.length; at += 5000) {
    const body = escaped.slice(at, at + 5000).replace(/([A-Z][a-z]+)/g, '[[$1 (x)|$1]]')
    const box = '{{Infobox\n| name = x\n| y = {{z|1}}\n}}\n'
    const text = `${box}${body}&lt;ref&gt;{{cite web|url=http://x.org}}&lt;/ref&gt;\n[[Category:X]]`
    pages.push(`<page><title>P${at}</title><ns>0</ns><revision><text>${text}</text></revision></page>\n`)
  }
  return `<mediawiki>\n${pages.join('')}</mediawiki>\n`
}
