import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-tokenize-'))
  const lines = Array.from({ length: 300 }, (_, i) => `The cat number ${i % 7} sat on mat ${i % 5}, naïvely 😀.`)
  writeFileSync(join(folder, 'text.txt'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'table.csv'), `id,body\n${lines.map((line, i) => `${i},"${line}"`).join('\n')}\n`)
  expect(loquent(['train', 'text.txt', '--vocab-size', '290', '--out', 'bpe']).stderr).toBe('')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(args: readonly string[], input?: string) {
  return spawnSync(process.execPath, [main, 'tokenize', ...args], { encoding: 'utf8', cwd: folder, input })
}
const lines = (text: string) => text.trimEnd().split('\n')

describe('train', () => {
  it('writes a folder with both files', () => {
    expect(readdirSync(join(folder, 'bpe')).sort()).toEqual(['tokenizer.json', 'tokenizer_config.json'])
    const config = JSON.parse(readFileSync(join(folder, 'bpe/tokenizer_config.json'), 'utf8'))
    expect(config).toEqual({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<|endoftext|>',
      eos_token: '<|endoftext|>',
    })
  })

  it.each(['wordpiece', 'unigram', 'word', 'char'])('%s, from a table', (model) => {
    const args = ['train', 'table.csv', '--text', 'body', '--model', model, '--vocab-size', '90', '--out', model, '--json']
    const trained = loquent(args)
    expect(trained.stderr).toBe('')
    const { tokens } = JSON.parse(trained.stdout)
    expect(tokens).toBeGreaterThan(10)
    expect(tokens).toBeLessThanOrEqual(90)
    const { ids } = JSON.parse(loquent(['encode', '--tokenizer', model, 'The cat', '--json']).stdout)
    expect(loquent(['decode', '--tokenizer', model, ...ids.map(String)]).stdout.toLowerCase()).toMatch(/^the cat\n$/)
  })

  it.each([
    [['--vocab-size', 'many'], 2, 'a whole number is wanted'],
    [['--model', 'neural'], 2, 'Allowed choices are'],
    [['--vocab-size', '10'], 1, 'ConfigError'],
    [['--model', 'word', '--byte-fallback'], 1, 'byteFallback: has no use with the model word'],
    [['--out', 'bpe'], 1, 'a model goes into a new or empty folder'],
  ])('refuses %j', (args, code, message) => {
    const { status, stderr } = loquent(['train', 'text.txt', '--out', 'other', ...args])
    expect(stderr).toContain(message)
    expect(status).toBe(code)
    expect(existsSync(join(folder, 'other/tokenizer.json'))).toBe(false)
  })

  it('stops at Ctrl-C with nothing written', async () => {
    const words = Array.from({ length: 400_000 }, (_, i) => `${(i * 2654435761) % 4294967296} `)
    writeFileSync(join(folder, 'long.txt'), words.map((word, i) => (i % 20 === 19 ? `${word}\n` : word)).join(''))
    const args = [main, 'tokenize', 'train', 'long.txt', '--vocab-size', '100000', '--out', 'stopped']
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    while (!existsSync(join(folder, 'stopped'))) await new Promise((done) => setTimeout(done, 20))
    await new Promise((done) => setTimeout(done, 500))
    child.kill('SIGINT')
    expect(await new Promise((done) => child.on('close', done))).toBe(130)
    expect(stderr).toContain('tokenize train: stopped')
    expect(readdirSync(join(folder, 'stopped'))).toEqual([])
  })
})

describe('encode and decode', () => {
  const texts = ['The cat', '', ' two  spaces 😀', '{no JSON', '\ttab']

  it('lead there and back, a line a text', () => {
    const encoded = loquent(['encode', '--tokenizer', 'bpe'], `${texts.join('\n')}\n`)
    expect(encoded.stderr).toBe('')
    expect(encoded.stdout).toMatch(/^([\d ]*\n){5}$/)
    const decoded = loquent(['decode', '--tokenizer', 'bpe', '-'], encoded.stdout)
    expect(decoded.stdout).toBe(`${texts.join('\n')}\n`)
  })

  it('as JSON, with tokens and offsets', () => {
    const input = `${JSON.stringify({ body: 'The cat' })}\n`
    const encoded = loquent(['encode', '--tokenizer', 'bpe/tokenizer.json', '-', '--json', '--text', 'body'], input)
    const { ids, tokens, offsets } = JSON.parse(encoded.stdout)
    expect(tokens).toEqual(['The', 'Ġcat'])
    expect(ids).toHaveLength(2)
    expect(offsets).toEqual([
      [0, 3],
      [3, 7],
    ])
    const decoded = loquent(['decode', '--tokenizer', 'bpe', '--json'], encoded.stdout)
    expect(JSON.parse(decoded.stdout)).toEqual({ text: 'The cat' })
    expect(loquent(['decode', '--tokenizer', 'bpe', JSON.stringify(ids)]).stdout).toBe('The cat\n')
  })

  it('with and without special tokens', () => {
    const tokensOf = (args: string[]) =>
      JSON.parse(loquent(['encode', '--tokenizer', 'wordpiece', 'cat', '--json', ...args]).stdout).tokens
    expect(tokensOf([])).toEqual(['[CLS]', 'cat', '[SEP]'])
    expect(tokensOf(['--no-special-tokens'])).toEqual(['cat'])
    const [ids] = lines(loquent(['encode', '--tokenizer', 'wordpiece', 'cat']).stdout)
    expect(loquent(['decode', '--tokenizer', 'wordpiece', ids]).stdout).toBe('cat\n')
    expect(loquent(['decode', '--tokenizer', 'wordpiece', ids, '--special-tokens']).stdout).toBe('[CLS] cat [SEP]\n')
  })

  it.each([
    [['encode', 'text'], 2, "required option '--tokenizer <path>'"],
    [['encode', '--tokenizer', 'nowhere', 'text'], 1, 'no such file'],
    [['encode', '--tokenizer', '.', 'text'], 1, 'none of tokenizer.json, tokenizer.model'],
    [['encode', '--tokenizer', 'text.txt', 'text'], 1, 'each token stands once in a vocabulary'],
    [['decode', '--tokenizer', 'bpe', '1', 'two'], 1, 'ids are whole numbers'],
    [['decode', '--tokenizer', 'bpe', '100000'], 1, 'ids must be whole numbers from 0 to 289'],
  ])('refuse %j', (args, code, message) => {
    const { status, stderr, stdout } = loquent(args)
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(status).toBe(code)
  })

  it('name the line that is wrong', () => {
    expect(loquent(['decode', '--tokenizer', 'bpe', '-'], '1 2\n3 x\n').stderr).toContain('standard input, line 2: ids are')
    expect(loquent(['encode', '--tokenizer', 'bpe', '-'], 'a\n{"id": 3}\n').stderr).toContain(
      'standard input, line 2: a JSON line',
    )
  })
})

describe('a language model', () => {
  it('learns on the tokens of a tokenizer', () => {
    const run = (args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder })
    const trained = run(['train', 'ngram', 'text.txt', '--tokenizer', 'bpe', '--out', 'lm', '--json'])
    expect(trained.stderr).toBe('')
    const tokenizer = JSON.parse(readFileSync(join(folder, 'lm/tokenizer.json'), 'utf8'))
    expect(tokenizer).toEqual(JSON.parse(readFileSync(join(folder, 'bpe/tokenizer.json'), 'utf8')))
    const written = run(['generate', 'lm', 'The cat', '--max-tokens', '6', '--seed', '1', '--json'])
    expect(JSON.parse(written.stdout)).toMatchObject({ usage: { promptTokens: 2, completionTokens: 6 } })
    expect(run(['train', 'ngram', 'text.txt', '--tokenizer', 'wrod', '--out', 'x']).stderr).toContain('wrod: no such file')
  })
})
