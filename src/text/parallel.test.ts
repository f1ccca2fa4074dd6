import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError, FormatError } from '../errors.ts'
import { isParallelTable, type ParallelOptions, readParallel } from './parallel.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-parallel-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const two = async (
  source: string | Uint8Array,
  target: string | Uint8Array,
  names = ['a.en', 'b.de'],
  options?: ParallelOptions,
) => readParallel(await file(names[0], source), await file(names[1], target), options)

const table = async (content: string, name = 'pairs.tsv', options: ParallelOptions = {}) =>
  readParallel(await file(name, content), undefined, options)

describe('two text files', () => {
  it('are read line by line, pairs that occur twice kept', async () => {
    const { sources, targets, lines } = await two('one\ntwo \r\none\n', 'eins\n zwei\neins')
    expect({ sources, targets, lines }).toEqual({
      sources: ['one', 'two', 'one'],
      targets: ['eins', 'zwei', 'eins'],
      lines: [1, 2, 3],
    })
  })

  it('may be compressed, of any name, and in an encoding that is named', async () => {
    const latin = Uint8Array.from(Buffer.from('grün\n', 'latin1'))
    const read = await two(gzipSync('green\n'), latin, ['a.txt.gz', 'b.latin'], { encoding: 'windows-1252' })
    expect([read.sources, read.targets]).toEqual([['green'], ['grün']])
    await expect(two('green\n', latin)).rejects.toThrow(FormatError)
  })

  it('leave out pairs with a blank side, counted and named', async () => {
    const { sources, lines, blank } = await two('a\n\nc\n \ne\n', '1\n2\n\n\n5\n')
    expect(sources).toEqual(['a', 'e'])
    expect(lines).toEqual([1, 5])
    expect(blank).toEqual({ pairs: 3, firstLines: [2, 3, 4] })
  })

  it.each([
    [
      'the target is longer',
      'a\nb\n',
      '1\n2\n3 drei\n4\n',
      /b\.de: line 3:.*\n.*"3 drei", but .*a\.en ends after line 2 and .*b\.de after line 4/,
    ],
    ['the source is longer', 'a\nb\nc\n', '1\n2\n', /a\.en: line 3:.*\n.*"c", but .*b\.de ends after line 2/],
    ['blank lines come before the odd one', 'a\n', '1\n\n\n4\n', /b\.de: line 4:/],
  ])('of different length are refused: %s', async (_, source, target, message) => {
    const reading = two(source, target)
    await expect(reading).rejects.toThrow(DataError)
    await expect(reading).rejects.toThrow(message)
  })

  it('may end in blank lines', async () => {
    expect((await two('a\n\n\n', '1\n')).sources).toEqual(['a'])
  })

  it('must hold a pair', async () => {
    await expect(two('\n\n', '\n\n')).rejects.toThrow(/2 pairs with a blank side/)
    await expect(two('', '')).rejects.toThrow(DataError)
  })

  it('are no tables, have no columns, and must be there', async () => {
    await expect(two('a,b\n', 'c\n', ['a.csv', 'b.txt'])).rejects.toThrow(/plain text/)
    await expect(two('a\n', 'b\n', undefined, { sourceColumn: 'x' })).rejects.toThrow(ConfigError)
    await expect(readParallel(join(folder, 'none'), join(folder, 'a.en'))).rejects.toThrow(/none/)
  })
})

describe('a table', () => {
  it.each([
    ['source and target', 'id\ttarget\tsource\n1\teins\tone\n', { source: 'source', target: 'target', by: 'name' }],
    ['languages in English', 'note\tEnglish\tGerman\nx\tone\teins\n', { source: 'English', target: 'German', by: 'name' }],
    ['codes of languages', 'en\tde_DE\none\teins\n', { source: 'en', target: 'de_DE', by: 'name' }],
    ['no header', 'one\teins\ntwo\tzwei\n', { source: '1', target: '2', by: 'order' }],
  ])('is read by its names: %s', async (_, content, columns) => {
    const read = await table(content)
    expect(read.columns).toEqual(columns)
    expect([read.sources[0], read.targets[0]]).toEqual(['one', 'eins'])
  })

  it('is read by its only two columns of texts', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `${i}\ta sentence of words\tnews\tein Satz aus Wörtern\n`)
    const read = await table(`nr\tone\ttopic\tother\n${rows.join('')}`)
    expect(read.columns).toEqual({ source: 'one', target: 'other', by: 'content' })
    const question = table('nr\tone\n1\ta sentence of words\n2\tanother sentence\n', 'x.tsv', { sourceColumn: 'one' })
    expect((await question).columns).toMatchObject({ target: 'nr' }) // the only one that is left
  })

  it('is read by the columns that are asked for', async () => {
    const options = { sourceColumn: 'de', targetColumn: 'fr' }
    const read = await table('{"en":"one","de":"eins","fr":"un"}\n{"en":"x","de":"","fr":"y"}\n', 'a.jsonl', options)
    expect(read).toMatchObject({
      sources: ['eins'],
      targets: ['un'],
      blank: { pairs: 1, firstLines: [2] },
      columns: { by: 'asked' },
    })
  })

  it.each<[string, string, string, ParallelOptions, RegExp]>([
    ['a column that is not there', 'en\tde\na\tb\n', 'a.tsv', { sourceColumn: 'fr' }, /no column "fr"\n.*en, de/],
    ['one column for both', 'en\tde\na\tb\n', 'a.tsv', { sourceColumn: 'en', targetColumn: 'en' }, /different columns/],
    ['one column only', 'text\na\n', 'a.csv', {}, /two columns/],
    ['a plain text', 'a\nb\n', 'a.txt', {}, /goes with a second one/],
    ['three languages', '{"en":"a b c d e","de":"f g h i k","fr":"l m n o p"}\n', 'a.jsonl', {}, /must be named/],
    ['a row that does not fit', 'en\tde\na\tb\tc\n', 'a.tsv', {}, /line 2/],
    ['nothing', '', 'a.tsv', {}, /at least one record/],
  ])('is refused with %s', async (_, content, name, options, message) => {
    await expect(table(content, name, options)).rejects.toThrow(message)
  })

  it('is told from texts to continue', async () => {
    const is = async (name: string, content: string) => isParallelTable(await file(name, content))
    expect(await is('t.tsv', 'english\tgerman\na\tb\n')).toBe(true)
    expect(await is('t.txt', 'english german\n')).toBe(false)
    expect(await is('t.jsonl', '{"text":"a"}\n')).toBe(false)
    expect(await is('t.jsonl', '{"id":1,"text":"a","label":"b"}\n')).toBe(false)
    expect(await isParallelTable(folder)).toBe(false)
  })
})

it('whatever two files hold, lines are never paired with others than their own', async () => {
  const line = fc.constantFrom('', ' ', 'a', 'b c', 'ü')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, line), { maxLength: 8 }), async (pairs) => {
      const side = (k: 0 | 1) => pairs.map((pair) => `${pair[k]}\n`).join('')
      const want = pairs.filter(([a, b]) => a.trim() !== '' && b.trim() !== '')
      const reading = two(side(0), side(1))
      if (want.length === 0) {
        await expect(reading).rejects.toThrow(DataError)
        return
      }
      const { sources, targets, blank } = await reading
      expect(sources.map((source, i) => [source, targets[i]])).toEqual(want)
      expect(blank.pairs).toBe(pairs.length - want.length)
    }),
    { numRuns: 40 },
  )
})
