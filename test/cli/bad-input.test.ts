import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-bad-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    cwd: folder,
  })
  return { status, stdout, stderr }
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const compare = (path: string, ...args: string[]) =>
  loquent('compare', path, '--models', 'majority', '--out', join(folder, 'out'), ...args)

describe('bad data is a clear error', () => {
  it.each([
    ['an empty file', '', /empty/],
    ['a header alone', 'text,label\n', /./],
    ['a binary file', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3), /binary/],
    ['a ragged row', 'text,label\ngood,1\nbad,0,extra\n', /line 3/],
    ['an unclosed quote', 'text,label\n"good,1\nbad,0\n', /quot/],
    ['a single class', 'text,label\ngood,1\nfine,1\nnice,1\n', /two/],
  ])('%s', (name, content, message) => {
    const { status, stderr, stdout } = compare(file(`${name.replaceAll(' ', '-')}.csv`, content))
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^\w+Error: /)
    expect([status, stdout]).toEqual([1, ''])
  })

  it('a column that is not there lists those that are', () => {
    const { status, stderr } = compare(file('columns.csv', 'review,stars\ngood,5\nbad,1\n'), '--text', 'comment')
    expect(status).toBe(1)
    expect(stderr).toContain('columns: review, stars')
  })

  it('a folder instead of a file, and a file that is not there', () => {
    expect(compare(folder).status).toBe(1)
    expect(compare(join(folder, 'nowhere.csv')).stderr).toContain('no such file')
  })

  it('--json tells the error as data', () => {
    const { status, stderr } = compare(join(folder, 'nowhere.csv'), '--json')
    expect(status).toBe(1)
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'data', message: expect.stringContaining('nowhere.csv') })
  })
})

describe('wrong usage', () => {
  it.each([[['compare']], [['compare', 'a.csv', '--modles', 'x']], [['comprae']], [['compare', 'a.csv', '--seed', 'x']]])(
    '%j exits with 2',
    (args) => {
      expect(loquent(...args).status).toBe(2)
    },
  )

  it('an unknown contestant names those that exist', () => {
    const { status, stderr } = loquent('compare', 'a.csv', '--models', 'encodr')
    expect(status).toBe(1)
    expect(stderr).toContain('did you mean encoder?')
  })
})

it('quotes, newlines and separators inside fields reach the model, and the model reads whole files', () => {
  const rows = Array.from({ length: 20 }, (_, i) => (i % 2 ? `"so ""bad"", really\nbad ${i}",no` : `"good, fine ${i}",yes`))
  const data = file('quoted.csv', `text,label\n${rows.join('\n')}\n`)
  const { status, stdout } = loquent('compare', data, '--models', 'bag-of-words', '--out', join(folder, 'quoted'), '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ task: 'classify', rows: [{ model: 'bag-of-words', accuracy: 1 }] })
  const scored = join(folder, 'scored.jsonl')
  expect(loquent('classify', join(folder, 'quoted/bag-of-words'), data, '--text', 'text', '--out', scored).status).toBe(0)
})
