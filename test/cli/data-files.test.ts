/** Data files of every kind through the commands: Parquet, compressed, in old encodings, in folders. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

let folder: string
let model: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-data-'))
  const { files } = JSON.parse(readFileSync(join(root, 'test/golden/parquet.json'), 'utf8'))
  const packed = files.find(({ name }: { name: string }) => name === 'row groups of 7, gzip').parquet
  writeFileSync(join(folder, 'data.parquet'), Buffer.from(packed, 'base64'))
  model = join(folder, 'model')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(...args: string[]) {
  const main = join(root, 'dist/cli/main.js')
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder })
}

describe('Parquet', () => {
  it('is trained on and compared on', () => {
    expect(loquent('train', 'bag-of-words', 'data.parquet', '--out', model).stderr).not.toMatch(/Error/)
    const { stdout } = loquent('compare', 'data.parquet', '--models', 'majority', '--out', 'compared', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ data: { trainTexts: 41, testTexts: 10, skipped: 9 } })
  })

  it('is labelled whole, as CSV or JSON lines', () => {
    for (const name of ['out.csv', 'out.jsonl']) {
      const { status, stderr } = loquent('classify', model, 'data.parquet', '--text', 'text', '--out', name)
      expect([status, stderr]).toEqual([0, expect.stringContaining('60 texts labelled')])
    }
    const rows = readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n')
    expect(JSON.parse(rows[0]!)).toMatchObject({ text: 'Zeile 0: grün 😀', label: 'neg', count: '0', list: '[]' })
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toMatch(/^text,label,count,list,predicted,probability\n/)
  })

  it('cut short is a clear error', () => {
    const bytes = readFileSync(join(folder, 'data.parquet'))
    writeFileSync(join(folder, 'cut.parquet'), bytes.subarray(0, 1000))
    const { status, stderr } = loquent('train', 'majority', 'cut.parquet', '--out', 'cut')
    expect([status, stderr]).toEqual([1, expect.stringContaining('ends early')])
  })
})

describe('an old encoding', () => {
  const rows = Array.from({ length: 12 }, (_, i) => `schöne Größe ${i},${i % 2 ? 'gut' : 'schlecht'}`).join('\n')

  it('is refused with the option that reads it', () => {
    writeFileSync(join(folder, 'old.csv'), Buffer.from(`text,label\n${rows}\n`, 'latin1'))
    const refused = loquent('train', 'majority', 'old.csv', '--out', 'old')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(
      /old\.csv: byte 14: [\s\S]*--encoding windows-1252 probably, which reads “schöne Größe 0,schlecht/,
    )
    const { stdout } = loquent('compare', 'old.csv', '--encoding', 'windows-1252', '--models', 'majority', '--out', 'o', '--json')
    expect(JSON.parse(stdout).data.trainTexts).toBe(10)
  })

  it('that does not exist is an error', () => {
    const { status, stderr } = loquent('train', 'majority', 'old.csv', '--encoding', 'klingon', '--out', 'old')
    expect([status, stderr]).toEqual([1, expect.stringContaining('WHATWG')])
  })

  it('may be that of a language model’s text', () => {
    writeFileSync(join(folder, 'old.txt'), Buffer.from('schöne größe, '.repeat(200), 'latin1'))
    expect(loquent('train', 'ngram', 'old.txt', '--out', 'lm').stderr).toContain('--encoding windows-1252')
    const { status, stderr } = loquent('train', 'ngram', 'old.txt', '--encoding', 'windows-1252', '--out', 'lm', '--json')
    expect([status, stderr.includes('Error')]).toEqual([0, false])
  })
})

it('a folder with a folder a class is compared, what it does not read is named', () => {
  for (const part of ['train', 'test']) {
    for (const label of ['pos', 'neg']) {
      mkdirSync(join(folder, 'imdb', part, label), { recursive: true })
      for (let i = 0; i < 4; i++) writeFileSync(join(folder, 'imdb', part, label, `${i}.txt`), `${label} words of ${part} ${i}\n`)
    }
  }
  writeFileSync(join(folder, 'imdb/README'), 'read me')
  const { stdout, stderr } = loquent('compare', 'imdb', '--models', 'majority,bag-of-words', '--out', 'i', '--json')
  expect(stderr).toBe('')
  const { data, rows, warnings } = JSON.parse(stdout)
  expect(data).toMatchObject({ trainTexts: 8, testTexts: 8, labels: 2 })
  expect(rows[1].accuracy).toBe(1)
  expect(warnings[0]).toContain('README')
  expect(loquent('train', 'majority', 'imdb', '--out', 'i2').stderr).toContain('named apart')
})
