import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const WORDS = 'cat 1 0 0\ndog 0.9 0.1 0\ncar 0 1 0\nbus 0.1 0.9 0\nsun 0 0 1\nrain 0 0.1 0.9\n'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-search-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  write('words.txt', WORDS)
  write('a.txt', 'the cat sat\n\na dog ran.\nThe car left!\n')
  write('b.csv', 'text,n\nbus and car,1\n"rain, rain",2\nqqq,3\n')
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const loquent = (args: string[], input?: string) =>
  spawnSync(process.execPath, [main, ...args], { cwd: folder, input, encoding: 'utf8' })
const json = (args: string[], input?: string) => {
  const { status, stdout, stderr } = loquent([...args, '--json'], input)
  expect(stderr.replace(/^note: .*\n/gm, '')).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}
const error = (args: string[]) => {
  const { status, stderr } = loquent([...args, '--json'])
  expect(status).toBe(1)
  return JSON.parse(stderr).error
}

describe('index and search', () => {
  it('find the nearest texts with their places', () => {
    const { stderr } = loquent(['index', 'words.txt', 'a.txt', 'b.csv', '--out', 'out'])
    expect(stderr).toContain('no word is known, which are not indexed: 1')
    expect(json(['search', 'out', 'dog cat', '--topn', '2'])).toEqual([
      { text: 'the cat sat', place: 'a.txt: line 1', score: expect.closeTo(0.9986, 3) },
      { text: 'a dog ran.', place: 'a.txt: line 3', score: expect.closeTo(0.9986, 3) },
    ])
    const { stdout } = loquent(['search', 'out', '-', '--topn', '1'], 'sun\nbus\n')
    expect(stdout.split('\n').map((line) => line.split('\t').slice(1))).toEqual([
      ['b.csv: line 3', 'rain, rain'],
      ['b.csv: line 2', 'bus and car'],
      [],
    ])
  })

  it('replace a file that is indexed again, add another, remove one', () => {
    expect(json(['index', 'words.txt', 'a.txt', '--out', 'out'])).toEqual({ texts: 3, added: 3, removed: 0, skipped: 0 })
    write('a.txt', 'only rain\n')
    expect(json(['index', 'words.txt', 'a.txt', 'b.csv', '--out', 'out'])).toEqual({ texts: 3, added: 3, removed: 3, skipped: 1 })
    expect(json(['search', 'out', 'cat'])).toHaveLength(3)
    expect(json(['index', 'words.txt', '--remove', 'b.csv', '--out', 'out'])).toMatchObject({ texts: 1, removed: 2 })
    expect(json(['search', 'out', 'cat']).map(({ text }: { text: string }) => text)).toEqual(['only rain'])
  })

  it('cut texts into paragraphs and sentences', () => {
    loquent(['index', 'words.txt', 'a.txt', '--out', 'out', '--chunk', 'sentence', '--approximate'])
    const places = json(['search', 'out', 'car']).map(({ text, place }: { text: string; place: string }) => [text, place])
    expect(places[0]).toEqual(['The car left!', 'a.txt: line 3, sentence 2'])
    expect(places).toHaveLength(3)
  })

  it('search by words where the model is bm25', () => {
    loquent(['index', 'bm25', 'a.txt', 'b.csv', '--out', 'out'])
    const found = json(['search', 'out', 'the rain'])
    expect(found.map(({ place }: { place: string }) => place)).toEqual(['b.csv: line 3', 'a.txt: line 1', 'a.txt: line 4'])
    expect(json(['search', 'out', 'nothing'])).toEqual([])
  })

  it('refuse a changed model, another kind of index, another cut and an unknown file', () => {
    loquent(['index', 'words.txt', 'a.txt', '--out', 'out'])
    expect(error(['index', 'bm25', 'a.txt', '--out', 'out']).message).toContain('an index by vectors')
    expect(error(['index', 'words.txt', 'a.txt', '--out', 'out', '--chunk', 'paragraph']).message).toContain('cut by line')
    expect(error(['index', 'words.txt', 'a.txt', '--out', 'out', '--approximate']).message).toContain('an exact index')
    expect(error(['index', 'words.txt', '--out', 'out', '--remove', 'c.txt']).message).toContain('none of a.txt')
    expect(error(['index', 'words.txt', '--out', 'out']).message).toContain('needs files')
    expect(error(['search', 'nowhere', 'cat']).message).toContain('an index is a folder')
    const before = readFileSync(join(folder, 'out/texts.jsonl'))
    write('words.txt', WORDS.replace('cat 1 0 0', 'cat 0 0 1'))
    expect(error(['search', 'out', 'sun']).message).toContain('the model that made its vectors')
    expect(error(['index', 'words.txt', 'b.csv', '--out', 'out']).message).toContain('the model that made its vectors')
    expect(readFileSync(join(folder, 'out/texts.jsonl'))).toEqual(before)
  })
})
