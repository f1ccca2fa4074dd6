import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const phrases = join(root, 'samples/phrases.tsv')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-translation-'))
  const rows = readFileSync(phrases, 'utf8').trimEnd().split('\n').slice(1)
  for (const [side, name] of ['a.en', 'b.de'].entries()) {
    writeFileSync(join(folder, name), rows.map((row) => `${row.split('\t')[side]}\n`).join(''))
  }
  writeFileSync(join(folder, 'short.de'), 'Ein Satz.\n')
  writeFileSync(join(folder, 'three.en'), 'One.\nTwo.\n\n')
  writeFileSync(join(folder, 'three.de'), 'Eins.\n\nDrei.\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loquent = (args: readonly string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder })
const tiny = ['--preset', 'tiny', '--layers', '1', '--steps', '10', '--evaluate-every', '5', '--threads', '2', '--json']
const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

describe('train', () => {
  it.each([
    ['rnn', 'loquent-rnn', ['--scheduled-sampling', 'inverse-sigmoid']],
    ['rnn-attention', 'loquent-rnn', ['--attention', 'dot', '--cell', 'lstm']],
    ['transformer', 'm2m_100', ['--schedule', 'linear']],
  ])('%s learns from a table of two columns, which it names', (kind, modelType, options) => {
    const { stdout, stderr } = loquent(['train', kind, phrases, '--out', kind, ...tiny, ...options])
    expect(stderr).toBe(`note: ${phrases}: from column "english" to column "german"\n`)
    const all = events(stdout)
    expect(all[0]).toMatchObject({ type: 'model', pairs: 216, validationPairs: 24 })
    const [first, last] = all.filter(({ type }) => type === 'evaluation')
    expect(last.metrics.loss).toBeLessThan(first.metrics.loss)
    expect(all.at(-1)).toMatchObject({
      type: 'done',
      folder: kind,
      validationLoss: last.metrics.loss,
      parameters: all[0].parameters,
    })
    expect(json(`${kind}/config.json`)).toMatchObject({ model_type: modelType, decoder_start_token_id: 1, pad_token_id: 0 })
  })

  it('learns from two files, to the same bits after Ctrl-C', async () => {
    const args = ['train', 'transformer', 'a.en', 'b.de', ...tiny, '--out']
    expect(loquent([...args, 'whole']).status).toBe(0)
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [main, ...args, 'stopped'], { cwd: folder })
      child.stdout.on('data', (data) => String(data).includes('"step":7,') && child.kill('SIGINT'))
      child.on('exit', resolve)
    })
    expect(code).toBe(130)
    expect(loquent([...args, 'stopped', '--resume']).status).toBe(0)
    const weights = (out: string) => readFileSync(join(folder, out, 'model.safetensors'))
    expect(weights('stopped')).toEqual(weights('whole'))
  })

  it('trains as many minutes as it is told, and as many passes', () => {
    const timed = loquent([
      'train',
      'rnn',
      'a.en',
      'b.de',
      '--out',
      'timed',
      '--minutes',
      '0.02',
      ...tiny.filter((o) => o !== '--steps' && o !== '10'),
    ])
    expect(events(timed.stdout).at(-1)).toMatchObject({ type: 'done' })
    expect(json('timed/training.json').step).toBeGreaterThan(0)
    const passes = [
      '--epochs',
      '2',
      '--batch-tokens',
      '1024',
      '--validation',
      '0',
      '--threads',
      '2',
      '--preset',
      'tiny',
      '--json',
    ]
    const { stdout } = loquent(['train', 'rnn', 'a.en', 'b.de', '--out', 'passes', ...passes])
    const steps = events(stdout).filter(({ type }) => type === 'step')
    expect(steps.at(-1).step).toBe(steps.at(-1).steps)
    expect(steps.length).toBeGreaterThan(8)
  })

  it('tells of pairs that it leaves out', () => {
    const run = loquent(['train', 'rnn', 'a.en', 'b.de', '--out', 'left', '--max-length', '12', ...tiny])
    const told = events(run.stdout).find(({ type }) => type === 'pairs left out')
    expect(told).toMatchObject({ why: 'too long', maxLength: 12, firstLines: expect.arrayContaining([expect.any(Number)]) })
    const blank = loquent([
      'train',
      'rnn',
      'three.en',
      'three.de',
      '--out',
      'blank',
      ...tiny.filter((option) => option !== '--json'),
    ])
    expect(blank.stderr).toContain('three.en, three.de: 2 of 3 pairs left out, as one side is blank, or both: lines 2, 3')
  })

  it('shows samples that the model can read, though the first texts are too long for it', () => {
    const { status, stdout } = loquent(['train', 'transformer', 'a.en', 'b.de', '--out', 'long', '--max-length', '9', ...tiny])
    expect([status, events(stdout).some(({ type }) => type === 'sample')]).toEqual([0, true])
  })

  it('a file in the place of the folder is named', () => {
    const { status, stderr } = loquent(['train', 'rnn', 'a.en', 'b.de', '--out', 'short.de', ...tiny.slice(0, -1)])
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^DataError: short\.de: this is a file, not a folder\n/)])
  })

  it('rnn means a language model where there is one plain text', () => {
    const lm = ['--preset', 'nano', '--steps', '2', '--threads', '2', '--json']
    expect(loquent(['train', 'rnn', 'a.en', '--out', 'lm', ...lm]).status).toBe(0)
    expect(loquent(['train', 'rnn-lm', 'a.en', 'b.de', '--out', 'lm2', ...lm]).status).toBe(0)
    expect([json('lm/config.json').model_type, json('lm2/config.json').model_type]).toEqual(['loquent-rnn-lm', 'loquent-rnn-lm'])
  })

  it.each<[string, string[], RegExp]>([
    ['files of different length', ['transformer', 'a.en', 'short.de'], /a\.en: line 2:/],
    ['three files', ['transformer', 'a.en', 'b.de', 'short.de'], /two text files/],
    ['one plain text', ['rnn-attention', 'a.en'], /goes with a second one/],
    ['an option that would be ignored', ['transformer', 'a.en', 'b.de', '--cell', 'lstm'], /got {4}--cell/],
    ['an option of the language model', ['rnn', 'a.en', 'b.de', '--context', '8'], /got {4}--context/],
    ['an option of the translation model', ['rnn', 'a.en', '--max-length', '8'], /train rnn-lm.*\n.*got {4}--max-length/],
    ['an unknown preset', ['transformer', 'a.en', 'b.de', '--preset', 'nano'], /tiny, small, medium, base/],
    [
      'two ways to say how long',
      ['transformer', 'a.en', 'b.de', '--steps', '3', '--minutes', '1'],
      /one of --steps, --epochs, --minutes/,
    ],
    ['columns of files', ['transformer', 'a.en', 'b.de', '--source-column', 'x'], /no columns/],
    ['an unknown architecture', ['nmt', 'a.en', 'b.de', '--preset', 'tiny'], /an architecture is one of .*transformer.*\n.*nmt/],
    ['a preset of language models', ['rnn', 'a.en', 'b.de', '--preset', 'nano'], /train rnn-lm a language model/],
    ['half of held-out files', ['transformer', 'a.en', 'b.de', '--validation-target', 'b.de'], /needs --validation-source/],
  ])('refuses %s', (_, args, message) => {
    const { status, stderr } = loquent(['train', ...args, '--out', 'refused'])
    expect(stderr).toMatch(message)
    expect(status).toBe(1)
  })
})
