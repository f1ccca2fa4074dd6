import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')

let folder: string
let text: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-lm-'))
  text = join(folder, 'text.txt')
  writeFileSync(text, Array.from({ length: 400 }, (_, i) => `The cat number ${i % 7} sat on mat ${i % 5}.\n`).join(''))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(args: readonly string[], input?: string) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder, input })
}

const nano = ['--preset', 'nano', '--steps', '40', '--threads', '2', '--json']
const weights = (out: string) => readFileSync(join(folder, out, 'model.safetensors'))

describe.each(['gpt', 'llama', 'rnn', 'ngram'])('%s', (kind) => {
  it('is trained, continues a text, and is measured', () => {
    const trained = loquent(['train', kind, text, '--out', kind, ...(kind === 'ngram' ? ['--order', '4', '--json'] : nano)])
    expect(trained.stderr).toBe('')
    const { validationLoss } = JSON.parse(trained.stdout.trim().split('\n').at(-1)!)
    expect(validationLoss).toBeLessThan(3)
    const ask = ['generate', kind, '-', '--max-tokens', '20', '--seed', '1', '--json']
    const [first, second] = [loquent(ask, 'The cat'), loquent(ask, 'The cat')]
    expect(first.stderr).toBe('')
    expect(JSON.parse(first.stdout)).toMatchObject({ finishReason: 'length', usage: { promptTokens: 7, completionTokens: 20 } })
    expect(second.stdout).toBe(first.stdout)
    const { perplexity, natsPerToken, bitsPerByte } = JSON.parse(loquent(['evaluate', kind, text, '--json']).stdout)
    expect(natsPerToken).toBeLessThan(3)
    expect(perplexity).toBeCloseTo(Math.exp(natsPerToken), 9)
    expect(bitsPerByte).toBeCloseTo(natsPerToken / Math.LN2, 1)
  })
})

describe('a language model', () => {
  it('is listed', () => {
    const listed = loquent(['models', '--json'])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(listed.map(({ folder, modelType }) => [folder, modelType])).toEqual([
      ['gpt', 'gpt2'],
      ['llama', 'llama'],
      ['ngram', 'ngram'],
      ['rnn', 'loquent-rnn-lm'],
    ])
    expect(listed[0].parameters).toBeGreaterThan(100_000)
    expect(loquent(['models', 'nowhere']).stderr).toContain('no such')
  })

  it('goes on to the same bits after Ctrl-C', async () => {
    const args = ['train', 'gpt', text, ...nano, '--dropout', '0.1', '--out']
    expect(loquent([...args, 'whole']).status).toBe(0)
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [main, ...args, 'stopped'], { cwd: folder })
      child.stdout.on('data', (data) => String(data).includes('"step":9,') && child.kill('SIGINT'))
      child.on('exit', resolve)
    })
    expect(code).toBe(130)
    expect(loquent([...args, 'stopped', '--resume']).status).toBe(0)
    expect(weights('stopped')).toEqual(weights('whole'))
  })

  it.each<[string, string[], string | undefined, RegExp]>([
    [
      'a text shorter than the context',
      ['train', 'gpt', 'short.txt', '--out', 'short', ...nano],
      undefined,
      /longer than the context of 64 tokens/,
    ],
    ['a character that it never saw', ['generate', 'ngram', 'The ☃'], undefined, /U\+2603/],
    ['an empty prompt', ['generate', 'gpt', ''], undefined, /must not be empty/],
    ['a prompt past the context', ['generate', 'gpt', 'The cat '.repeat(10)], undefined, /64 tokens at most\n.*80 tokens/],
    ['a negative temperature', ['generate', 'gpt', 'The', '--temperature', '-1'], undefined, /temperature/],
    ['labels that it does not give', ['classify', 'gpt', 'The'], undefined, /a gpt2, which can generate, evaluate/],
    ['an option that would be ignored', ['train', 'ngram', 'text.txt', '--out', 'p', '--lr', '1'], undefined, /got {4}--lr/],
    ['a share of more than all', ['train', 'gpt', 'text.txt', '--out', 'p', '--dropout', '1.5'], undefined, /dropout/],
    ['an unknown preset', ['train', 'gpt', 'text.txt', '--out', 'p', '--preset', 'huge'], undefined, /nano, micro/],
    ['a folder without its tokenizer', ['generate', 'bare', 'The'], undefined, /none of tokenizer\.json, tokenizer\.model/],
    ['a config that contradicts the weights', ['generate', 'wide', 'The'], undefined, /asks for/],
  ])('refuses %s', (name, args, input, message) => {
    writeFileSync(join(folder, 'short.txt'), 'Too short.')
    if (name.includes('tokenizer') || name.includes('config')) copyModel(name.includes('config') ? 'wide' : 'bare')
    const { status, stderr, stdout } = loquent(args, input)
    expect(stderr).toMatch(message)
    expect([status, stdout]).toEqual([1, ''])
  })
})

/** The trained gpt, spoilt: `bare` lacks its tokenizer, `wide` says another width. */
function copyModel(to: 'bare' | 'wide'): void {
  const copy = spawnSync(process.execPath, ['-e', `require('fs').cpSync('gpt','${to}',{recursive:true})`], { cwd: folder })
  expect(copy.status).toBe(0)
  const path = join(folder, to, 'config.json')
  if (to === 'bare') rmSync(join(folder, to, 'tokenizer.json'))
  else writeFileSync(path, readFileSync(path, 'utf8').replace('"n_embd": 64', '"n_embd": 128'))
}
