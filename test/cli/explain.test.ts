import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const ANIMALS = { cat: 'Katze', dog: 'Hund', cow: 'Kuh', hen: 'Henne' }
const VERBS = { sees: 'sieht', likes: 'mag', hears: 'hört' }
const pairs = Object.entries(ANIMALS).flatMap(([a, x]) =>
  Object.entries(ANIMALS).flatMap(([b, y]) => Object.entries(VERBS).map(([verb, z]) => [`${a} ${verb} ${b}`, `${x} ${z} ${y}`])),
)

let folder: string
const loquent = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-explain-'))
  for (const [i, name] of ['en', 'de'].entries()) {
    writeFileSync(
      join(folder, `all.${name}`),
      Array.from({ length: 6 }, () => pairs.map((pair) => `${pair[i]}\n`).join('')).join(''),
    )
    writeFileSync(
      join(folder, `test.${name}`),
      pairs
        .slice(0, 12)
        .map((pair) => `${pair[i]}\n`)
        .join(''),
    )
  }
  const sizes = ['--steps', '30', '--width', '16', '--layers', '1', '--vocab-size', '320', '--threads', '1', '--json']
  for (const kind of ['rnn-attention', 'rnn'])
    expect(loquent('train', kind, 'all.en', 'all.de', '--out', kind, ...sizes)).toMatchObject({ status: 0 })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('evaluate, of a translator', () => {
  it('gives scores with their signatures and intervals, loss, speed and quality by length', () => {
    const result = loquent(
      'evaluate',
      'rnn-attention',
      'test.en',
      'test.de',
      '--json',
      '--threads',
      '1',
      '--max-tokens',
      '9',
      '--out',
      'hypotheses',
    )
    expect(result.stderr).toMatch(/^(note: \d+ translations reached the greatest length before their end\n)?$/)
    const { sentences, bleu, chrf, exactMatch, loss, speed, bleuByLength } = JSON.parse(result.stdout)
    expect(sentences).toBe(12)
    expect(bleu.signature).toBe('nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:loquent-1')
    expect(chrf.signature).toContain('nc:6|nw:0')
    for (const { score, low, high } of [bleu, chrf]) {
      expect(low).toBeLessThanOrEqual(score)
      expect(high).toBeGreaterThanOrEqual(score)
    }
    expect(exactMatch).toBeLessThanOrEqual(1)
    expect(loss.perplexity).toBeCloseTo(Math.exp(loss.natsPerToken), 9)
    expect(speed.tokensPerSecond).toBeCloseTo(speed.tokens / speed.seconds, 6)
    expect(bleuByLength).toEqual([{ from: 3, to: 8, sentences: 12, score: bleu.score }])
    expect(readFileSync(join(folder, 'hypotheses'), 'utf8').split('\n')).toHaveLength(13)
    expect(loquent('evaluate', 'rnn-attention', 'test.en', 'test.de').stdout).toMatch(/^BLEU \d+\.\d\d \[.*\nchrF2 .*tokens\/s/s)
  })

  it('names a tokeniser that is not there, and refuses what only translators take', () => {
    const wrong = loquent('evaluate', 'rnn-attention', 'test.en', 'test.de', '--tokenize', 'ja-mecab')
    expect(wrong).toMatchObject({ status: 1 })
    expect(wrong.stderr).toContain('13a, none, intl, zh, char')
    loquent('train', 'ngram', 'all.en', '--out', 'ngram', '--order', '2')
    expect(loquent('evaluate', 'ngram', 'test.en', 'test.de').stderr).toContain('only a translator takes this')
    expect(loquent('evaluate', 'ngram', 'test.en', '--beams', '2').stderr).toMatch(/got {4}--beams\n/)
    const unwritable = loquent('evaluate', 'rnn-attention', 'test.en', 'test.de', '--out', '.')
    expect(unwritable).toMatchObject({ status: 1, stdout: expect.stringMatching(/^BLEU /) })
  })
})

describe('explain', () => {
  const explain = (...args: string[]) => loquent('explain', 'rnn-attention', 'cat sees dog', ...args)

  it('gives the weights of a target as data', () => {
    const { maps, target } = JSON.parse(explain('--target', 'Katze sieht Hund', '--json').stdout)
    expect(target).toBe('Katze sieht Hund')
    expect(maps).toHaveLength(1)
    const [{ kind, rows, columns, weights }] = maps
    expect(kind).toBe('cross')
    expect(rows.slice(0, -1).join('')).toBe('Katze sieht Hund')
    expect(columns.slice(0, -1).join('')).toBe('cat sees dog')
    expect(weights).toHaveLength(rows.length)
    for (const row of weights) expect(row.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 5)
  })

  it("tells by a table what the model's own translation looks at, or draws it", () => {
    expect(explain().stdout).toMatch(/^target +looks most at +weight +over the source\n/)
    expect(explain('--target', 'Hund', '--svg', 'map.svg')).toMatchObject({ status: 0, stdout: '' })
    expect(readFileSync(join(folder, 'map.svg'), 'utf8')).toMatch(/^<svg .*attention to the source.*<\/svg>\n$/s)
  })

  it.each([
    [['--layer', '2'], 1, "layer must be one of 1 … 1, or 'all', or 'mean'"],
    [['--head', 'x'], 2, "a number, 'all' or 'mean' is wanted"],
    [['--kind', 'encoder'], 1, 'kind must be one that the model has: cross'],
  ])('refuses %j', (options, status, message) => {
    const result = explain('--target', 'Katze', ...options)
    expect(result).toMatchObject({ status, stdout: '' })
    expect(result.stderr).toContain(message)
  })

  it('says of models without attention that they have none', () => {
    expect(loquent('explain', 'rnn', 'cat sees dog', '--target', 'Hund').stderr).toContain('only a model with attention')
    expect(loquent('explain', 'ngram', 'cat').stderr).toContain('only a model with attention')
  })
})
