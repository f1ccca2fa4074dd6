import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
let folder: string
let text: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-word2vec-cli-'))
  text = join(folder, 'text.txt')
  const line = (i: number) => `New York has ${i % 7} bridges, and the river of New York has ${i % 5} more.\n`
  writeFileSync(text, Array.from({ length: 400 }, (_, i) => line(i)).join(''))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cli = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
const error = (stderr: string) => JSON.parse(stderr).error.message as string

it('trains word vectors of text files, with phrases and n-grams, and tells how it went', () => {
  const out = join(folder, 'model')
  const settings = ['--dim', '8', '--epochs', '2', '--threads', '1', '--subwords', '3-4', '--bucket', '1000']
  const { status, stdout } = cli(
    'train',
    'word2vec',
    text,
    '--out',
    out,
    ...settings,
    '--phrases',
    '--phrase-threshold',
    '0.03',
    '--json',
  )
  expect(status).toBe(0)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['reading', 'phrases', 'vocabulary', 'step', 'epoch', 'done']),
  )
  expect(events.at(-1)).toMatchObject({ type: 'done', folder: out })
  expect(readdirSync(out).sort()).toEqual(['config.json', 'model.safetensors', 'training.json', 'vocabulary.txt'])
  expect(readFileSync(join(out, 'vocabulary.txt'), 'utf8')).toMatch(/^new_york \d+$/m)
  expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({
    model_type: 'loquent-word2vec',
    hidden_size: 8,
    segment: 'runs',
    subwords: { minn: 3, maxn: 4, bucket: 1000 },
  })
  expect(JSON.parse(readFileSync(join(out, 'training.json'), 'utf8')).curve).toHaveLength(2)
})

it('refuses options that belong to another architecture, or to another option', () => {
  const out = join(folder, 'refused')
  const ngram = cli('train', 'ngram', text, '--out', out, '--dim', '8', '--min-count', '2', '--json')
  expect(ngram.status).toBe(1)
  expect(error(ngram.stderr)).toContain('got    --dim, --min-count')
  expect(error(cli('train', 'word2vec', text, '--out', out, '--batch', '8', '--json').stderr)).toContain('got    --batch')
  expect(error(cli('train', 'word2vec', text, '--out', out, '--bucket', '8', '--json').stderr)).toContain('belongs to --subwords')
  expect(cli('train', 'word2vec', text, '--out', out, '--subwords', 'six').status).toBe(2)
})
