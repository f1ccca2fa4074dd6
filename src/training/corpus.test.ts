import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCorpus } from './corpus.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-corpus-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function corpus(name: string, content: string | Buffer, encoding?: string): Promise<string> {
  await writeFile(join(folder, name), content)
  const { tokenizer, ids } = await readCorpus([join(folder, name)], 'byte', encoding)
  return tokenizer.decode(ids)
}

test('a text file is read as it is, whatever its name', async () => {
  expect(await corpus('a.txt', 'one\n\n two\n')).toBe('one\n\n two\n')
  expect(await corpus('noname', 'one\n')).toBe('one\n')
  expect(await corpus('old.txt', Buffer.from('sch\xf6n', 'latin1'), 'latin1')).toBe('schön')
})

test('of tables and dumps the texts are read', async () => {
  expect(await corpus('a.csv', 'label,text\n1,one\n0,"two\nlines"\n')).toBe('one\n\ntwo\nlines\n\n')
  const page = "<page><title>A</title><ns>0</ns><revision><text>''one''</text></revision></page>"
  expect(await corpus('a.xml', `<mediawiki>${page}</mediawiki>`)).toBe('one\n\n')
})
