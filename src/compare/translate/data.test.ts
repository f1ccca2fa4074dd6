import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../../errors.ts'
import { nameOf, readPairs, warningsAbout } from './data.ts'
import { metricFor } from './judge.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-pairs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const numbered = (n: number) => ({
  sources: Array.from({ length: n }, (_, i) => `source ${i}`),
  targets: Array.from({ length: n }, (_, i) => `target ${i}`),
})

describe('the parts of parallel texts', () => {
  it('share the pairs out by the seed, each pair once and with its own translation', async () => {
    const { train, validation, test } = await readPairs(numbered(100), {}, 1)
    expect([train, validation, test].map(({ sources }) => sources.length)).toEqual([80, 10, 10])
    const all = [train, validation, test].flatMap(({ sources, targets }) => sources.map((source, i) => [source, targets[i]]))
    expect(new Set(all.map(([source]) => source)).size).toBe(100)
    expect(all.every(([source, target]) => source.split(' ')[1] === target.split(' ')[1])).toBe(true)
    expect((await readPairs(numbered(100), {}, 1)).test.sources).toEqual(test.sources)
    expect((await readPairs(numbered(100), {}, 2)).test.sources).not.toEqual(test.sources)
  })

  it('are a test of their own where one is named, of two files or a table', async () => {
    const [a, b, table] = ['t.en', 't.de', 't.tsv'].map((name) => join(folder, name))
    await writeFile(a, 'one\n\ntwo\n')
    await writeFile(b, 'eins\nnull\nzwei\n')
    await writeFile(table, 'en\tde\none\teins\ntwo\tzwei\n')
    const parts = await readPairs(numbered(50), { test: [a, b] }, 1)
    expect(parts).toMatchObject({ test: { sources: ['one', 'two'], targets: ['eins', 'zwei'] }, skipped: 1 })
    expect(parts.train.sources.length).toBe(45)
    expect((await readPairs(numbered(50), { test: table }, 1)).test.targets).toEqual(['eins', 'zwei'])
  })

  it('need pairs, whole ones, and enough', async () => {
    await expect(readPairs(numbered(9), {}, 1)).rejects.toThrow(/10 at least\n {2}got {4}9/)
    const uneven = { sources: ['a', 'b'], targets: ['c'] }
    await expect(readPairs(uneven, {}, 1)).rejects.toThrow(DataError)
    await expect(readPairs({ sources: ['a', 'b'], targets: ['c', ' '] }, {}, 1)).rejects.toThrow('pair 2 lacks a side')
  })

  it('are warned about where the test stands in the training', async () => {
    const pairs = numbered(60)
    const doubled = { sources: [...pairs.sources, ...pairs.sources], targets: [...pairs.targets, ...pairs.targets] }
    const warnings = warningsAbout(await readPairs(doubled, {}, 1))
    expect(warnings.join('\n')).toMatch(/\d+ of 12 test pairs stand in the training data too/)
    expect(warnings.join('\n')).toContain('only 12 test pairs')
    const other = { sources: doubled.sources, targets: doubled.targets.map((target, i) => `${target} ${i}`) }
    expect(warningsAbout(await readPairs(other, {}, 1)).join('\n')).toContain('with another translation')
    expect(warningsAbout(await readPairs(numbered(400), {}, 1))).toEqual([])
  })
})

const MULTI30K = '../shared/data/translate'

describe.skipIf(!existsSync(MULTI30K))('Multi30k (skipped where ../shared/data is absent)', () => {
  it('is read whole, with a test of its own, and nothing of that stands in the training', async () => {
    const sides = (part: string) => [`${MULTI30K}/${part}.lc.norm.tok.en`, `${MULTI30K}/${part}.lc.norm.tok.de`] as const
    const parts = await readPairs(sides('train'), { test: sides('test_2016_flickr') }, 1)
    expect([parts.train, parts.validation, parts.test].map(({ sources }) => sources.length)).toEqual([28_500, 500, 1000])
    expect(warningsAbout(parts)).toEqual([])
    expect(metricFor(parts.test.targets)).toBe('bleu')
  })
})

it('the data is named after its files', () => {
  expect(nameOf(['x/train.en', 'x/train.de'])).toBe('train.en-de')
  expect(nameOf(['x/english.txt', 'x/german.txt'])).toBe('english')
  expect(nameOf('x/pairs.tsv.gz')).toBe('pairs')
  expect(nameOf({ sources: [], targets: [] })).toBe('pairs')
})
