import { type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seq2SeqModelTypes } from '../../src/checkpoints/seq2seq.ts'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
let folder: string
let model: string

/** A tiny T5 of transformers with a vocabulary of made-up words. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-translate-'))
  model = join(folder, 'model')
  cpSync(join(root, 'test/golden/checkpoints/t5-tiny'), model, { recursive: true })
  const { vocab_size } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'))
  const words = ['<pad>', '</s>', '<unk>', ...Array.from({ length: vocab_size - 3 }, (_, i) => `w${i}`)]
  const special = (content: string, id: number) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  })
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: words.slice(0, 3).map(special),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: ['A', 'B'].map((id) => ({ Sequence: { id, type_id: 0 } })),
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, i) => [word, i])), unk_token: '<unk>' },
  }
  writeFileSync(join(model, 'tokenizer.json'), JSON.stringify(json))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(args: string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'translate', model, ...args], {
    ...{ encoding: 'utf8', cwd: folder, input },
  })
  return { status, stdout, stderr }
}

const lines = ['w1 w2 w3', '', 'w4', 'w5 w6 w7 w8 w9 w10', 'w11 w2', 'w40 w30 w20']
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return name
}
const short = ['--max-tokens', '8']

describe('translate', () => {
  it('a text, lines of standard input, and a file get the same answers in order', () => {
    const piped = loquent(['-', '--beams', '3', ...short], `${lines.join('\n')}\n`)
    expect(piped.status).toBe(0)
    const answers = piped.stdout.split('\n')
    expect(answers).toHaveLength(lines.length + 1)
    expect(answers[1]).toBe('')
    expect(new Set(answers).size).toBeGreaterThan(3)
    const fromFile = loquent([file('in.txt', `${lines.join('\n')}\n`), '--beams', '3', ...short])
    expect(fromFile.stdout).toBe(piped.stdout)
    const toFile = loquent(['in.txt', '--beams', '3', '--out', 'out.txt', ...short])
    expect(toFile).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('6 texts translated: out.txt') })
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe(piped.stdout)
    expect(loquent([lines[0], '--beams', '3', ...short]).stdout).toBe(`${answers[0]}\n`)
  })

  it('--json tells scores and alternatives, --n-best without it a line each', () => {
    const json = loquent(['w1 w2 w3', '--beams', '4', '--n-best', '3', '--json', ...short])
    const { text, score, tokens, finishReason, alternatives } = JSON.parse(json.stdout)
    expect([typeof score, typeof tokens, finishReason]).toEqual(['number', 'number', expect.stringMatching(/stop|length/)])
    expect(alternatives).toHaveLength(2)
    const plain = loquent(['w1 w2 w3', '--beams', '4', '--n-best', '3', ...short])
      .stdout.trimEnd()
      .split('\n')
    expect(plain).toEqual([{ text, score }, ...alternatives].map((each) => `1\t${each.score.toFixed(4)}\t${each.text}`))
  })

  it('a table keeps its columns and gains the translation', () => {
    file('in.csv', 'id,sentence\n1,w1 w2 w3\n2,w4\n')
    expect(loquent(['in.csv', '--text', 'sentence', '--out', 'out.csv', ...short]).status).toBe(0)
    const [header, first] = readFileSync(join(folder, 'out.csv'), 'utf8').split('\n')
    expect(header).toBe('id,sentence,translation,score')
    expect(first).toMatch(/^1,w1 w2 w3,.*,-?\d+\.\d{4}$/)
    expect(loquent(['in.csv', '--text', 'sentence']).stderr).toMatch(/--out/)
  })

  it('the same seed draws the same', () => {
    const drawn = (seed: string) => loquent(['-', '--temperature', '1.5', '--seed', seed, ...short], lines.join('\n')).stdout
    expect(drawn('1')).toBe(drawn('1'))
    expect(drawn('1')).not.toBe(drawn('2'))
  })

  it('says what cannot be', () => {
    expect(loquent(['w1', '--beams', '2', '--n-best', '3'])).toMatchObject({ status: 1, stderr: /nBest/ })
    expect(loquent(['w1', '--target-lang', 'de']).status).toBe(1)
    expect(loquent(['w1', '--beams', 'two']).status).toBe(2)
    const json = loquent(['w1', '--beams', '2', '--temperature', '1', '--json'])
    expect(JSON.parse(json.stderr).error.code).toBe('config')
  })

  it.each([
    ['columns that would be lost', ['taken.csv', '--out', 'never.csv'], /translation and score already/],
    ['alternatives of rows', ['in.csv', '--text', 'sentence', '--out', 'never.csv', '--n-best', '2', '--beams', '2'], /--n-best/],
    ['a compressed output, of a table', ['in.csv', '--text', 'sentence', '--out', 'never.csv.gz'], /a \.gz file/],
    ['a compressed output, of lines', ['w1', '--out', 'never.gz'], /a \.gz file/],
  ])('refuses %s', (_, args, told) => {
    file('in.csv', 'id,sentence\n1,w1 w2 w3\n2,w4\n')
    file('taken.csv', 'text,translation,score\nw1,by hand,3\n')
    const { status, stderr } = loquent([...args, ...short])
    expect([status, stderr]).toEqual([1, expect.stringMatching(told)])
  })

  it('a first row with the column that is asked for, or with two languages, is a header', () => {
    const table = file('pairs.tsv', `english\tgerman\n${Array.from({ length: 6 }, (_, i) => `w1 w${i}\tx${i} y\n`).join('')}`)
    expect(loquent([table, '--text', 'english', '--out', 'pairs.jsonl', ...short]).status).toBe(0)
    const rows = readFileSync(join(folder, 'pairs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row))
    expect(rows).toHaveLength(6)
    expect(rows[0]).toEqual({ english: 'w1 w0', german: 'x0 y', translation: expect.any(String), score: expect.any(Number) })
    expect(loquent([table, '--out', 'pairs.csv']).stderr).toMatch(/got {4}english, german\n/)
  })

  it('a blank text has its number among several translations', () => {
    const numbers = loquent(['-', '--beams', '2', '--n-best', '2', ...short], 'w1\n\nw2\n').stdout.match(/^\d+\t/gm)
    expect(numbers).toEqual(['1\t', '1\t', '2\t', '3\t', '3\t'])
  })

  it.runIf(existsSync('/dev/full'))('says that the disk is full, without a trace', () => {
    const full = openSync('/dev/full', 'w')
    const stdio: StdioOptions = ['ignore', full, 'pipe']
    const { status, stderr } = spawnSync(process.execPath, [main, 'translate', model, 'w1', ...short], {
      encoding: 'utf8',
      stdio,
    })
    closeSync(full)
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^DataError: standard output: the disk is full\n.*\n$/)])
  })

  it('leaves no half of a table where it is interrupted', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `w${i % 50} w${i % 7}\n`).join('')
    const args = [file('many.csv', `text\n${many}`), '--out', 'half.csv', '--beams', '4']
    const child = spawn(process.execPath, [main, 'translate', model, ...args], { cwd: folder })
    let told = ''
    child.stderr.on('data', (chunk) => {
      told += chunk
    })
    const begun = () => readdirSync(folder).some((name) => name.startsWith('.half.csv'))
    const waiting = setInterval(() => begun() && child.kill('SIGINT') && clearInterval(waiting), 20)
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, told]).toEqual([130, expect.stringContaining('half.csv was not written')])
    expect(existsSync(join(folder, 'half.csv'))).toBe(false)
  })

  it('opens every kind of encoder–decoder that there is', () => {
    cpSync(model, join(folder, 'other'), { recursive: true })
    writeFileSync(join(folder, 'other', 'config.json'), JSON.stringify({ model_type: 'other' }))
    const { stderr } = spawnSync(process.execPath, [main, 'translate', 'other', 'w1'], { encoding: 'utf8', cwd: folder })
    for (const modelType of seq2SeqModelTypes) expect(stderr).toMatch(new RegExp(`\\b${modelType}\\b`))
  })

  it('keeps what was done where it is interrupted', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `w${i % 50} w${i % 7}`).join('\n')
    const child = spawn(process.execPath, [main, 'translate', model, file('many.txt', many), '--beams', '4'], { cwd: folder })
    let out = ''
    let told = ''
    child.stderr.on('data', (chunk) => {
      told += chunk
    })
    child.stdout.on('data', (chunk) => {
      if (out === '') child.kill('SIGINT')
      out += chunk
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(code).toBe(130)
    expect(out.split('\n').length - 1).toBe(Number(/first (\d+) translations/.exec(told)?.[1]))
  })
})
