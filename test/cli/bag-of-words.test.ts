import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const reviews = join(root, 'samples/reviews.csv')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-bow-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loquent = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
const config = (out: string) => JSON.parse(readFileSync(join(folder, out, 'config.json'), 'utf8'))

it('trains each classifier with the options given, as a folder that classifies', () => {
  const stop = join(folder, 'stop.txt')
  writeFileSync(stop, 'the a\nand\n')
  const runs: [architecture: string, options: string[], written: object][] = [
    ['bag-of-words', [], { classifier: 'logistic', ngram_range: [1, 2], C: 10 }],
    ['bag-of-words', ['--classifier', 'svm', '--cost', '0.5', '--ngrams', '1,3', '--min-df', '2'], { classifier: 'svm', C: 0.5 }],
    [
      'bag-of-words',
      ['--weighting', 'hashing', '--hash-features', '512', '--keep-case'],
      { hash_features: 512, lowercase: false },
    ],
    [
      'naive-bayes',
      ['--weighting', 'count', '--stop-words', stop, '--alpha', '2'],
      { stop_words: ['the', 'a', 'and'], alpha: 2 },
    ],
    ['svm', ['--analyzer', 'char_wb', '--ngrams', '3', '--max-df', '0.9', '--strip-accents', 'ascii'], { analyzer: 'char_wb' }],
  ]
  for (const [i, [architecture, options, written]] of runs.entries()) {
    const out = join(folder, `${i}`)
    const { status, stderr } = loquent('train', architecture, reviews, '--out', out, ...options, '--json')
    expect([status, stderr]).toEqual([0, ''])
    expect(config(`${i}`)).toMatchObject(written)
    const { stdout } = loquent('classify', out, 'a wonderful, warm film', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ label: expect.any(String) })
  }
})

it.each([
  ['svm', ['--alpha', '1'], /takes .*--cost/],
  ['naive-bayes', ['--classifier', 'svm'], /takes .*--alpha/],
  ['bag-of-words', ['--epochs', '3'], /takes .*--min-df/],
  ['bag-of-words', ['--alpha', '1'], /--alpha needs --classifier naive-bayes/],
  ['bag-of-words', ['--weighting', 'count', '--term-frequency', 'binary'], /--term-frequency needs --weighting tf-idf/],
  ['bag-of-words', ['--analyzer', 'char', '--words', 'words'], /--words needs --analyzer word/],
  ['bag-of-words', ['--stop-words', 'missing.txt'], /missing\.txt/],
  ['bag-of-words', ['--ngrams', '3,1'], /ngramRange must be/],
  ['encoder', ['--min-df', '1'], /takes/],
])('train %s %j is refused', (architecture, options, message) => {
  const { status, stderr } = loquent('train', architecture, reviews, '--out', join(folder, 'refused'), ...options)
  expect(status).toBe(1)
  expect(stderr).toMatch(message)
})
