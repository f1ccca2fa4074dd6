import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, DataError, FormatError } from '../errors.ts'
import { jsonRecords, MAX_JSON_LENGTH } from './json.ts'
import { type RecordFormat, type RecordOptions, type RecordRow, readRecords } from './records.ts'

const SHARED = '../shared/data'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-records-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function all(source: string | Readable, options?: RecordOptions): Promise<{ columns: string[]; rows: RecordRow[] }> {
  const { columns, records } = await readRecords(source, options)
  const rows: RecordRow[] = []
  for await (const row of records) rows.push(row)
  return { columns, rows }
}

const parse = (format: RecordFormat, text: string, options?: RecordOptions) =>
  all(Readable.from([Buffer.from(text)]), { format, ...options })

describe('the format', () => {
  test.each([
    ['a.csv', 'text,label\nfine,1\n'],
    ['a.TSV', 'text\tlabel\nfine\t1\n'],
    ['a.jsonl', '{"text":"fine","label":1}\n'],
    ['a.json', '[{"text":"fine","label":1}]'],
    ['a.csv.gz', gzipSync('text;label\r\nfine;1\r\n')],
  ])('of %s follows from its extension', async (name, content) => {
    await writeFile(join(folder, name), content)
    const { columns, rows } = await all(join(folder, name))
    expect(columns).toEqual(['text', 'label'])
    expect(rows.map((row) => row.fields)).toEqual([{ text: 'fine', label: '1' }])
  })

  test('of a stream is JSON lines where it begins with a brace, otherwise text', async () => {
    expect((await all(Readable.from(['\n {"a":1}\n']))).rows).toEqual([{ line: 2, fields: { a: '1' } }])
    expect((await all(Readable.from(['fine, really\n']))).rows).toEqual([{ line: 1, fields: { text: 'fine, really' } }])
  })

  test('can be said', async () => {
    await writeFile(join(folder, 'a.data'), 'x\ty\n')
    expect((await all(join(folder, 'a.data'), { format: 'tsv' })).columns).toEqual(['1', '2'])
    await expect(all(join(folder, 'a.data'))).rejects.toThrow(ConfigError)
    await expect(all(join(folder, 'a.data'))).rejects.toThrow(/\.csv .*\n {2}got {4}\.data/)
  })
})

describe('nothing to read', () => {
  test.each<RecordFormat>(['csv', 'tsv', 'jsonl', 'json', 'txt'])('%s: empty and blank', async (format) => {
    for (const text of ['', '\n', ' \r\n \n', '\ufeff']) await expect(parse(format, text)).rejects.toThrow(DataError)
    const blanks = parse(format, '\n'.repeat(100_000))
    if (format === 'txt') expect((await blanks).rows).toHaveLength(100_000)
    else await expect(blanks).rejects.toThrow(DataError)
  })

  test('a header alone has columns and no records', async () => {
    expect(await parse('csv', 'text,label\n')).toEqual({ columns: ['text', 'label'], rows: [] })
    expect(await parse('csv', 'fine,1')).toEqual({ columns: ['1', '2'], rows: [{ line: 1, fields: { 1: 'fine', 2: '1' } }] })
  })
})

describe('the header', () => {
  test.each([
    ['a known name', 'text,y\na,1', ['text', 'y']],
    ['a known name among words', 'reviewText,my_label\na,1', ['reviewText', 'my_label']],
    ['a nameless index column', ',text\n0,a', ['1', 'text']],
    ['a word over numbers', 'foo,bar\na,1\nb,2\nc,1\nd,2', ['foo', 'bar']],
    ['a word that never recurs in a column of few', 'foo,bar\na,x\nb,y\nc,x\nd,y', ['foo', 'bar']],
    ['unquoted and padded', '"text" , label\na,1', undefined],
    ['a number', 'text,1\na,0', ['1', '2']],
    ['a class that recurs', 'good,pos\nbad,neg\nnice,pos\nugly,neg\nfine,pos', ['1', '2']],
    ['a sentence', `${'a long sentence that goes on '.repeat(3)},label\nx,y`, ['1', '2']],
    ['too few rows to tell', 'foo,bar\na,x', ['1', '2']],
  ])('auto: %s', async (_, text, columns) => {
    if (columns === undefined) await expect(parse('csv', text)).rejects.toThrow(FormatError)
    else expect((await parse('csv', text)).columns).toEqual(columns)
  })

  test('can be said', async () => {
    expect(await parse('csv', 'text,1\na,0', { header: true })).toEqual({
      columns: ['text', '1'],
      rows: [{ line: 2, fields: { text: 'a', 1: '0' } }],
    })
    expect((await parse('csv', 'text,label', { header: false })).rows).toHaveLength(1)
  })

  test('has names that differ, and some name', async () => {
    await expect(parse('csv', 'text,label,text\na,b,c')).rejects.toThrow(
      /line 1: every column has a name of its own\n.*"text" in columns 1 and 3/,
    )
    await expect(parse('csv', ',,\na,b,c', { header: true })).rejects.toThrow(/line 1: a header names its columns/)
  })

  test('names that mean something to JavaScript are only names', async () => {
    const { rows } = await parse('csv', '__proto__,text,constructor\na,b,c')
    expect(Object.entries(rows[0]!.fields)).toEqual([
      ['__proto__', 'a'],
      ['text', 'b'],
      ['constructor', 'c'],
    ])
    const json = await parse('jsonl', '{"__proto__":"a","b":1}')
    expect(Object.entries(json.rows[0]!.fields)).toEqual([
      ['__proto__', 'a'],
      ['b', '1'],
    ])
  })
})

describe('ragged rows', () => {
  const text = 'text,label\na,1\n"b\nb",2,3\n'
  test('are refused by line', async () => {
    await expect(parse('csv', text)).rejects.toThrow(DataError)
    await expect(parse('csv', text)).rejects.toThrow(/line 3: .*as the header\n {2}got {4}3 cells, expected 2 \(text, label\)/)
  })
  test('can be filled', async () => {
    const { columns, rows } = await parse('csv', '1,2\n3\n4,5,6\n', { raggedRows: 'fill' })
    expect(columns).toEqual(['1', '2', '3'])
    expect(rows.map((row) => row.fields)).toEqual([
      { 1: '1', 2: '2', 3: '' },
      { 1: '3', 2: '', 3: '' },
      { 1: '4', 2: '5', 3: '6' },
    ])
  })
})

describe('JSON lines', () => {
  test('stringify what is nested, blank what is null or missing', async () => {
    const { columns, rows } = await parse('jsonl', '{"a":"x","b":{"c":[1]}}\n\n{"a":null,"d":true}\r\n{"b":1.5}')
    expect(columns).toEqual(['a', 'b', 'd'])
    expect(rows).toEqual([
      { line: 1, fields: { a: 'x', b: '{"c":[1]}', d: '' } },
      { line: 3, fields: { a: '', b: '', d: 'true' } },
      { line: 4, fields: { a: '', b: '1.5', d: '' } },
    ])
  })

  test.each([
    ['not JSON', '{"a":1}\n{"a":', /line 2: every line holds one JSON object/],
    ['not an object', '{"a":1}\n[1]', /line 2: every record is a JSON object\n {2}got {4}an array/],
    ['null', 'null', /got {4}null/],
    ['a document over several lines', '{\n"a": 1\n}', /name the file \.json/],
    ['hostile nesting', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /nested|JSON object/],
  ])('%s is refused by line', async (_, text, message) => {
    await expect(parse('jsonl', text)).rejects.toThrow(FormatError)
    await expect(parse('jsonl', text)).rejects.toThrow(message)
  })
})

describe('JSON', () => {
  test('is an array of objects, or an object with one array', async () => {
    const expected = [
      { line: 1, fields: { text: 'a' } },
      { line: 2, fields: { text: 'b' } },
    ]
    expect((await parse('json', '[{"text":"a"},{"text":"b"}]')).rows).toEqual(expected)
    expect((await parse('json', '{"version":1,"data":[{"text":"a"},{"text":"b"}]}')).rows).toEqual(expected)
  })

  test.each([
    ['two arrays', '{"a":[],"b":[]}', FormatError],
    ['a number', '3', FormatError],
    ['an array of strings', '["a"]', FormatError],
    ['JSON lines', '{"a":1}\n{"a":2}', FormatError],
    ['an empty array', '[]', DataError],
  ])('%s is refused', async (_, text, kind) => {
    await expect(parse('json', text)).rejects.toThrow(kind)
  })
})

test('a JSON document beyond the limit is refused before memory ends', async () => {
  const part = ' '.repeat(2 ** 24)
  async function* endless() {
    for (;;) yield part
  }
  await expect(jsonRecords(endless(), 'big.json')).rejects.toThrow(`at most ${MAX_JSON_LENGTH} characters`)
})

test('text has a record a line, blank ones too', async () => {
  expect(await parse('txt', 'one\n\n"two"\n')).toEqual({
    columns: ['text'],
    rows: [
      { line: 1, fields: { text: 'one' } },
      { line: 2, fields: { text: '' } },
      { line: 3, fields: { text: '"two"' } },
    ],
  })
})

test.skipIf(!existsSync('/proc/self/fd'))('files are closed: unread ones by close, refused ones by themselves', async () => {
  const [fine, refused] = [join(folder, 'unread.csv'), join(folder, 'refused.csv')]
  await writeFile(fine, `text,label\n${'fine,1\n'.repeat(100_000)}`)
  await writeFile(refused, `text,text\n${'fine,1\n'.repeat(100_000)}`)
  const openFiles = () => readdirSync('/proc/self/fd').length
  const before = openFiles()
  for (let i = 0; i < 8; i++) {
    await (await readRecords(fine)).close()
    await expect(readRecords(refused)).rejects.toThrow(DataError)
  }
  expect(openFiles()).toBeLessThan(before + 6)
})

describe.skipIf(!existsSync(SHARED))('real data (skipped where ../shared/data is absent)', () => {
  test.each([
    ['classify/sst2/train.tsv', ['1', '2'], 6920],
    ['classify/agnews/dev.tsv', ['1', '2'], 10_001],
    ['instruct/instruction-data.json', ['instruction', 'input', 'output'], 1100],
  ])('%s', async (name, columns, count) => {
    const found = await all(join(SHARED, name))
    expect([found.columns, found.rows.length]).toEqual([columns, count])
  })

  test('CrowS-Pairs, a table with a nameless index', async () => {
    const { columns, rows } = await all(join(SHARED, 'bias/crows_pairs_anonymized.csv'))
    expect(columns.slice(0, 4)).toEqual(['1', 'sent_more', 'sent_less', 'stereo_antistereo'])
    expect(new Set(rows.map((row) => row.fields.stereo_antistereo))).toEqual(new Set(['stereo', 'antistereo']))
  })

  test('STS benchmark, tab-separated .csv with stray quotes and further cells in some rows', async () => {
    await expect(all(join(SHARED, 'similarity/sts-train.csv'))).rejects.toThrow(/line 5553.*\n.*9 cells, expected 7/)
    const { rows } = await all(join(SHARED, 'similarity/sts-train.csv'), { raggedRows: 'fill' })
    expect(rows).toHaveLength(5749)
    for (const { fields } of rows) expect(Number(fields[5])).toBeLessThanOrEqual(5)
  })
})
