import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { readTexts, type TextsOptions } from './texts.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-texts-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Record<string, string | Buffer>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

async function texts(names: string[] = ['.'], options?: TextsOptions) {
  const found: [string, string][] = []
  const paths = names.map((name) => join(folder, name))
  for await (const { text, place } of readTexts(paths, options)) found.push([text, relative(folder, place)])
  return found
}

const dump = (text: string) =>
  `<mediawiki><page><title>A</title><ns>0</ns><revision><text>${text}</text></revision></page></mediawiki>`

// Written by Python's bz2.compress(b'bz text\n').
const BZIP2 = Buffer.from('QlpoOTFBWSZTWYejcUAAAAFRgAAQQAASAARQIAAiGTNQhgINkDxdyRThQkIejcUA', 'base64')

test('every format, in the order of the names, with the place of each text', async () => {
  await write({
    'a.txt': 'one\n\n  \ntwo\n',
    'b/c.csv': 'id,text\n1,three\n2,\n3,"four\nlines"\n',
    'b/d.jsonl': '{"text":"five"}\n',
    'b/e.json': '[{"review":"six","stars":1}]',
    'b/.hidden.txt': 'no',
    '.git/a.txt': 'no',
    'c.xml': dump("the ''seventh''"),
    'd.txt.gz': gzipSync('eight'),
    'e.txt': '',
  })
  expect(await texts()).toEqual([
    ['one', 'a.txt: line 1'],
    ['two', 'a.txt: line 4'],
    ['three', 'b/c.csv: line 2'],
    ['four\nlines', 'b/c.csv: line 4'],
    ['five', 'b/d.jsonl: line 1'],
    ['six', 'b/e.json: record 1'],
    ['the seventh', 'c.xml: page 1'],
    ['eight', 'd.txt.gz: line 1'],
  ])
})

test('files and folders come in the order in which they are named', async () => {
  await write({ 'a/x.md': '# x', 'b.txt': 'b', 'f.txt.bz2': BZIP2 })
  expect((await texts(['f.txt.bz2', 'b.txt', 'a', 'b.txt'])).map(([text]) => text)).toEqual(['bz text', 'b', '# x', 'b'])
})

test('text files may be read by paragraph or whole', async () => {
  await write({ 'a.txt': '\none\r\ntwo\n \nthree\n\n\n' })
  expect(await texts(['a.txt'], { unit: 'paragraph' })).toEqual([
    ['one\ntwo', 'a.txt: line 2'],
    ['three', 'a.txt: line 5'],
  ])
  expect(await texts(['a.txt'], { unit: 'file' })).toEqual([['\none\r\ntwo\n \nthree\n\n\n', 'a.txt']])
})

test('an encoding may be named', async () => {
  await write({ 'a.txt': Buffer.from('caf\xe9', 'latin1'), 'b.csv': Buffer.from('text,y\ncaf\xe9,1', 'latin1') })
  expect((await texts(['.'], { encoding: 'latin1' })).map(([text]) => text)).toEqual(['café', 'café'])
  await expect(texts()).rejects.toThrow(/a\.txt: byte 3[\s\S]*--encoding/)
})

describe('files of other kinds in a folder', () => {
  test('are refused by name, or left out and handed over', async () => {
    await write({ 'a.txt': 'a', 'b.pdf': 'b', 'c/LICENSE': 'c' })
    await symlink(folder, join(folder, 'loop'))
    await expect(texts()).rejects.toThrow(DataError)
    await expect(texts()).rejects.toThrow(/nothing but data files[\s\S]*3 other files: .*b\.pdf, .*LICENSE, .*loop/)
    const skipped: string[] = []
    expect(await texts(['.'], { onSkipped: (paths) => skipped.push(...paths) })).toHaveLength(1)
    expect(skipped.map((path) => relative(folder, path))).toEqual(['b.pdf', 'c/LICENSE', 'loop'])
  })

  test('alone are no data', async () => {
    await write({ 'b.pdf': 'b' })
    await expect(texts(['.'], { onSkipped: () => {} })).rejects.toThrow(/a folder of texts holds data files/)
  })
})

test.each<[string, Record<string, string>, TextsOptions | undefined, RegExp]>([
  ['nothing there', {}, undefined, /no such file/],
  ['no text', { 'a.txt': '\n \n' }, undefined, /there must be text to read/],
  [
    'no column that must be it',
    { 'a.csv': 'foo,label\na,1\nb,2' },
    undefined,
    /the column of the texts must be named\n.*foo, label/,
  ],
  ['a column that is not there', { 'a.csv': 'text,label\na,1' }, { text: 'body' }, /there is no column "body"/],
])('%s is refused', async (_, files, options, message) => {
  await write(files)
  await expect(texts(['a.csv' in files ? 'a.csv' : 'a.txt'], options)).rejects.toThrow(message)
})

test('the only column of a table is the text', async () => {
  await write({ 'a.csv': 'something\nanother thing\n' })
  expect((await texts(['a.csv'])).map(([text]) => text)).toEqual(['something', 'another thing'])
})
