import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readParts, warningsAbout } from '../compare/classify/data.ts'
import { DataError } from '../errors.ts'
import { readLabelled } from './labelled.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Record<string, string | Buffer>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

const at = (name: string) => join(folder, name)

test('a folder a class: a file is a text, line breaks and all', async () => {
  await write({
    'pos/2.txt': 'fine\nreally\n',
    'pos/10.txt': 'nice',
    'neg/a/1.txt': 'bad',
    'neg/2.txt': ' \n',
    '.cache/x.txt': 'no',
  })
  expect(await readLabelled(folder)).toEqual({
    texts: ['bad', 'nice', 'fine\nreally\n'],
    labels: ['neg', 'pos', 'pos'],
    labelNames: ['neg', 'pos'],
    textColumn: 'text',
    labelColumn: 'label',
    skipped: 1,
  })
})

test('what is no labelled text is left out by name', async () => {
  await write({
    'pos/1.txt': 'a',
    'neg/1.txt': 'b',
    'neg/1.feat': '0',
    'unsup/1.txt': 'c',
    'urls.txt': 'http',
    'empty/x.pdf': '',
  })
  const { texts, leftOut } = await readLabelled(folder)
  expect(texts).toEqual(['b', 'a'])
  expect(leftOut!.map((path) => relative(folder, path)).sort()).toEqual([
    'empty',
    'empty/x.pdf',
    'neg/1.feat',
    'unsup',
    'urls.txt',
  ])
})

test('an encoding may be named', async () => {
  await write({ 'pos/1.txt': Buffer.from('sch\xf6n', 'latin1'), 'neg/1.txt': 'b' })
  expect((await readLabelled(folder, { encoding: 'latin1' })).texts).toEqual(['b', 'schön'])
  await expect(readLabelled(folder)).rejects.toThrow(/1\.txt: byte 3/)
})

test('tables with the same columns read as one', async () => {
  await write({ 'b.jsonl': '{"y":"p","line":"two"}\n', 'a.csv': 'line,y\none,p\nthree,q\n', LICENSE: 'x' })
  const { texts, labels, leftOut } = await readLabelled(folder, { text: 'line', label: 'y', header: true })
  expect([texts, labels]).toEqual([
    ['one', 'three', 'two'],
    ['p', 'q', 'p'],
  ])
  expect(leftOut).toEqual([at('LICENSE')])
  await write({ 'c.csv': 'foo,bar\n1,2\n' })
  await expect(readLabelled(folder, { text: 'line', label: 'y', header: true })).rejects.toThrow(
    /c\.csv: there is no column "line"/,
  )
})

test.each<[string, Record<string, string>, RegExp]>([
  ['text files without classes', { 'a.txt': 'a' }, /a folder a class/],
  ['tables in classes', { 'pos/a.csv': 'a', 'neg/b.csv': 'b' }, /a table in a folder/],
  ['training and test side by side', { 'train/pos/1.txt': 'a', 'test/pos/1.txt': 'b' }, /are named apart[\s\S]*train/],
  ['nothing of use', { 'a.pdf': 'a' }, /folder a class with a \.txt file a text/],
  ['one class', { 'pos/a.txt': 'a' }, /at least two different labels/],
])('%s: refused', async (_, files, message) => {
  await write(files)
  await expect(readLabelled(folder)).rejects.toThrow(DataError)
  await expect(readLabelled(folder)).rejects.toThrow(message)
})

test('columns of a folder of classes do not exist', async () => {
  await write({ 'pos/a.txt': 'a', 'neg/a.txt': 'b' })
  await expect(readLabelled(folder, { text: 'body' })).rejects.toThrow(/has no columns/)
})

test('compare takes train and test from a folder that holds both', async () => {
  await write({
    'train/pos/1.txt': 'a',
    'train/neg/1.txt': 'b',
    'train/x.feat': '',
    'test/pos/1.txt': 'c',
    'test/neg/2.txt': 'd',
    README: 'r',
  })
  const parts = await readParts(folder, {}, 1)
  expect([parts.train.texts, parts.test.texts]).toEqual([
    ['b', 'a'],
    ['d', 'c'],
  ])
  expect(warningsAbout(parts)[0]).toBe(`no labelled texts in ${at('README')}, ${at('train/x.feat')}: left out`)
})

test('train and test may be tables; a third part is not passed over', async () => {
  await write({ 'train.csv': 'text,label\na,1\nb,2\n', 'test.csv': 'text,label\nc,1\nd,2\n' })
  expect((await readParts(folder, {}, 1)).test.texts).toEqual(['c', 'd'])
  await write({ 'validation.csv': 'text,label\nc,1\nd,2\n' })
  await expect(readParts(folder, {}, 1)).rejects.toThrow(/train and test alone\n.*validation\.csv/)
})
