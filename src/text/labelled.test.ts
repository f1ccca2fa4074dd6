import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { readLabelled } from './labelled.ts'

const SHARED = '../shared/data/classify'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-labelled-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string, wanted?: { text?: string; label?: string }, name = 'data.csv') {
  await writeFile(join(folder, name), text)
  return readLabelled(join(folder, name), wanted)
}

const repeat = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => `${row(i)}\n`).join('')

test('reads texts and labels by well-known names', async () => {
  expect(await read('id,Label,Review\n1, pos ,good film\n2,neg," bad, bad film "\n3,pos,nice\n')).toEqual({
    texts: ['good film', ' bad, bad film ', 'nice'],
    labels: ['pos', 'neg', 'pos'],
    labelNames: ['neg', 'pos'],
    textColumn: 'Review',
    labelColumn: 'Label',
    skipped: 0,
  })
})

test('counts rows whose text or label is blank', async () => {
  const data = await read(
    '{"text":"a","label":1}\n{"text":" ","label":1}\n{"text":"b"}\n{"text":"c","label":0}\n',
    {},
    'data.jsonl',
  )
  expect([data.texts, data.labels, data.skipped]).toEqual([['a', 'c'], ['1', '0'], 2])
})

describe('the columns', () => {
  const wide = 'text,title,label,lang\nlong text,a,x,en\nother text,b,y,de\n'
  const chosen = async (text: string, wanted?: { text?: string; label?: string }) => {
    const { textColumn, labelColumn } = await read(text, wanted)
    return [textColumn, labelColumn]
  }

  test('can be said, both or one', async () => {
    expect(await chosen(wide)).toEqual(['text', 'label'])
    expect(await chosen(wide, { text: 'title', label: 'lang' })).toEqual(['title', 'lang'])
    expect(await chosen(wide, { label: 'text' })).toEqual(['title', 'text'])
  })

  test('without known names: the label has the fewest values, the text is the longest', async () => {
    const rows = repeat(40, (i) => `${i},sentence number ${i} about things,${i % 3 ? 'spam' : 'ham'},constant`)
    expect(await chosen(rows)).toEqual(['2', '3'])
    expect(await chosen(rows, { text: '1' })).toEqual(['1', '3'])
    expect(await chosen(rows, { label: '1' })).toEqual(['2', '1'])
  })

  test('a file sorted by class is judged to its end', async () => {
    const rows = repeat(20_000, (i) => `${i < 19_990 ? 'ham' : 'spam'},sentence number ${i}`)
    expect((await read(rows)).labelNames).toEqual(['ham', 'spam'])
  })

  test.each<[string, string, { text?: string; label?: string } | undefined, RegExp]>([
    [
      'that do not exist are answered with those that do',
      wide,
      { label: 'stars' },
      /no column "stars"\n {2}got {4}columns: text, title, label, lang/,
    ],
    [
      'that fit equally well',
      repeat(60, (i) => `some text ${i},${i % 2},${i % 2}`),
      undefined,
      /several columns may be the label\n {2}got {4}columns: 2, 3\n.*--label 2/,
    ],
    ['of which none repeats', repeat(80, (i) => `some text ${i},${i}`), undefined, /no column looks like the label/],
    ['of which only one exists', 'text\na\nb\n', undefined, /no column looks like the label/],
    ['that leave no text', 'label\na\nb\n', undefined, /no column looks like the text/],
    ['that are one and the same', wide, { text: 'label', label: 'label' }, /text and the label are different columns/],
  ])('%s', async (_, text, wanted, message) => {
    await expect(read(text, wanted)).rejects.toThrow(DataError)
    await expect(read(text, wanted)).rejects.toThrow(message)
  })
})

describe('labels that nothing can be learned from', () => {
  test.each([
    [
      'one class',
      'text,label\na,x\nb,x\n',
      /column "label": there must be at least two different labels\n {2}got {4}only "x" in 2 rows/,
    ],
    ['none', 'text,label\na,\n,x\n', /no labelled text, 2 rows with a blank/],
    ['a header alone', 'text,label\n', /no labelled text/],
    ['one a row', `text,label\n${repeat(60, (i) => `a${i},${i}.5`)}`, /60 different labels in 60 rows/],
  ])('%s', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(DataError)
    await expect(read(text)).rejects.toThrow(message)
  })
})

describe.skipIf(!existsSync(SHARED))('real data (skipped where ../shared/data is absent)', () => {
  test('SST-2 has no header', async () => {
    const data = await readLabelled(join(SHARED, 'sst2/train.tsv'))
    expect([data.texts.length, data.labelNames, data.textColumn, data.labelColumn]).toEqual([6920, ['0', '1'], '1', '2'])
  })

  test('AG News has quoted cells', async () => {
    const data = await readLabelled(join(SHARED, 'agnews/dev.tsv'))
    expect([data.texts.length, data.labelNames]).toEqual([10_001, ['Business', 'Sci/Tech', 'Sports', 'World']])
    expect(data.texts.filter((text) => text.includes('""'))).toEqual([])
  })
})
