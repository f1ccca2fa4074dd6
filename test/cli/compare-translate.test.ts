/** `compare --task translate`, end to end on a toy language. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const common = ['--threads', '1', '--json']

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-translators-'))
  const [sources, targets] = toyLanguage(200)
  writeFileSync(join(folder, 'toy.en'), `${sources.join('\n')}\n`)
  writeFileSync(join(folder, 'toy.xx'), `${targets.join('\n')}\n`)
  writeFileSync(join(folder, 'toy.tsv'), `en\txx\n${sources.map((source, i) => `${source}\t${targets[i]}\n`).join('')}`)
  mkdirSync(join(folder, 'broken'))
  writeFileSync(join(folder, 'broken', 'config.json'), '{ "model_type": "marian" }')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A language whose adjectives stand behind their nouns. */
function toyLanguage(pairs: number): [sources: string[], targets: string[]] {
  const [nouns, adjectives, verbs] = ['cat dog bird tree man', 'big old red good', 'sees likes finds hears'].map((list) =>
    list.split(' '),
  )
  const sides = Array.from({ length: pairs }, (_, i) => {
    const [a, b] = [nouns[i % 5], nouns[(i * 7 + 1) % 5]]
    const [adjective, verb] = [adjectives[(i >> 1) % 4], verbs[(i >> 3) % 4]]
    return [`the ${adjective} ${a} ${verb} the ${b} number ${i}`, `la ${a}o ${adjective}a ${verb}as la ${b}on ${i}`]
  })
  return [sides.map(([source]) => source), sides.map(([, target]) => target)]
}

const loquent = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder })
const compare = (...args: string[]) => loquent('compare', ...args, ...common)

describe('three generations on two files', () => {
  it('are judged on the same held-out pairs, and the winner is put to work', () => {
    const { stdout, stderr, status } = compare('toy.en', 'toy.xx', '--steps', '4', '--out', 'three')
    expect([status, stderr]).toEqual([0, 'note: two files, so --task translate\n'])
    const { task, rows, data, chosen, verdict, out } = JSON.parse(stdout)
    expect(task).toBe('translate')
    expect(data).toMatchObject({ name: 'toy.en-xx', trainPairs: 160, validationPairs: 20, testPairs: 20, budget: { steps: 4 } })
    expect(rows.map(({ model }: { model: string }) => model)).toEqual(['rnn', 'rnn-attention', 'transformer'])
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(FIELDS)
      expect(row.bleuInterval[0]).toBeLessThanOrEqual(row.bleu)
      expect(row.perplexity).toBeCloseTo(Math.exp(row.lossNats))
      expect(row.parameters / rows[0].parameters).toBeCloseTo(1, 1)
      expect(row.curve.at(-1).step).toBe(4)
      expect(row.secondsToEqualLoss).toBeLessThanOrEqual(row.curve.at(-1).seconds)
      const lines = readFileSync(join(folder, row.predictions), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.length).toBe(20)
      expect(lines[0]).toMatchObject({
        source: data.example === lines[0].source ? data.example : expect.any(String),
        predicted: expect.any(String),
      })
    }
    expect(verdict).toContain('To reach a loss that all of them reached')
    const report = readFileSync(join(folder, out, 'report.md'), 'utf8')
    expect(report).toContain(verdict)
    expect(report).toContain(`    loquent translate three/${chosen} '${data.example}'`)
    expect(loquent('translate', `three/${chosen}`, data.example).status).toBe(0)
  })

  it('and a model that came trained, beside one that fails: the others go on', () => {
    const { stdout, stderr, status } = compare(
      'toy.tsv',
      '--task',
      'translate',
      '--models',
      'broken,three/transformer',
      '--out',
      'given',
    )
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^broken failed: /)])
    const { rows, warnings, verdict, chosen } = JSON.parse(stdout)
    expect(rows[0]).toEqual({
      model: 'broken',
      error: { code: expect.any(String), message: expect.any(String), ...rows[0].error },
    })
    expect(rows[1]).toMatchObject({
      model: 'three/transformer',
      folder: 'three/transformer',
      trainSeconds: null,
      secondsToEqualLoss: null,
      curve: [],
    })
    expect(rows[1].predictions).toBe(join('given', 'predictions', 'three_transformer.jsonl'))
    expect(warnings).toContain('three/transformer came trained: its loss is per token of its own tokenizer')
    expect([chosen, verdict]).toEqual(['three/transformer', expect.stringContaining('Only one contestant was measured')])
  })

  it('end with 130 at Ctrl-C, and leave a report of what is finished', async () => {
    const args = ['compare', 'toy.en', 'toy.xx', '--models', 'transformer,rnn', '--steps', '1000000', '--out', 'cut', ...common]
    const child = spawn(process.execPath, [main, ...args], { cwd: folder })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    while (!existsSync(join(folder, 'cut', 'transformer'))) await new Promise((resolve) => setTimeout(resolve, 100))
    child.kill('SIGINT')
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect([code, JSON.parse(stderr.trim().split('\n').at(-1)!)]).toMatchObject([130, { error: { code: 'interrupted' } }])
    expect(JSON.parse(readFileSync(join(folder, 'cut', 'report.json'), 'utf8'))).toMatchObject({ task: 'translate', rows: [] })
    const again = compare('toy.en', 'toy.xx', '--models', 'transformer', '--steps', '1', '--out', 'cut')
    expect(again.status).toBe(0)
  })
})

const FIELDS = [
  ...['bleu', 'bleuInterval', 'byLength', 'chrf', 'chrfInterval', 'curve', 'decodeTokensPerSecond', 'exactMatch', 'folder'],
  ...['latencyMsP50', 'lossNats', 'model', 'modelBytes', 'parameters', 'peakBytes', 'perplexity', 'predictions'],
  ...['secondsToEqualLoss', 'trainSeconds', 'trainTokensPerSecond'],
]

describe('what cannot be compared', () => {
  it.each([
    [['toy.en', 'toy.xx', '--models', 'transfromer'], 'did you mean transformer?'],
    [['toy.en', 'toy.xx', '--task', 'classify'], 'takes one data file'],
    [['toy.en', 'toy.xx', '--label', 'x'], '--label'],
    [['toy.tsv', '--minutes', '1'], '--task translate'],
    [['toy.en', 'toy.xx', '--minutes', '1', '--steps', '5'], 'minutes or steps, not both'],
    [['toy.en', 'toy.xx', '--preset', 'huge'], 'the preset is one of tiny, small, '],
    [['toy.en', 'toy.xx', '--test-source', 'toy.en'], '--test-source and --test-target together'],
    [['toy.en', 'short.xx'], 'toy.en: line 2'],
    [['toy.en', 'toy.xx', '--models', 'never/../broken', '--out', '.'], 'no contestant lies in there'],
  ])('%j', (args, said) => {
    writeFileSync(join(folder, 'short.xx'), 'la\n')
    const { status, stderr } = loquent('compare', '--out', 'never', ...args)
    expect([status, stderr]).toEqual([1, expect.stringContaining(said)])
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })
})
