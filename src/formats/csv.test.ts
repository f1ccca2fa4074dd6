import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../errors.ts'
import { csvRows, type Delimiter, detectDelimiter, type TableRow } from './csv.ts'
import { lineBatches } from './text-stream.ts'

async function rows(text: string, delimiter: Delimiter = ','): Promise<TableRow[]> {
  async function* chunks() {
    for (let i = 0; i < text.length; i += 1000) yield text.slice(i, i + 1000)
  }
  const found: TableRow[] = []
  for await (const batch of csvRows(lineBatches(chunks(), 'data.csv'), delimiter, 'data.csv')) found.push(...batch)
  return found
}

const cells = async (text: string, delimiter?: Delimiter) => (await rows(text, delimiter)).map((row) => row.cells)

test('quotes, doubled quotes, line breaks and separators in cells', async () => {
  expect(await rows('id,text\r\n1,"so ""called"", yes"\r\n2,"two\r\nlines"\r\n\r\n3,""\r\n')).toEqual([
    { line: 1, cells: ['id', 'text'] },
    { line: 2, cells: ['1', 'so "called", yes'] },
    { line: 3, cells: ['2', 'two\nlines'] },
    { line: 6, cells: ['3', ''] },
  ])
})

test('a row may lack its last line end, and may be ragged', async () => {
  expect(await cells('a\nb,c,')).toEqual([['a'], ['b', 'c', '']])
})

test('whatever a simple writer writes reads back, on the right lines', async () => {
  const cell = fc
    .array(fc.oneof(fc.constantFrom('"', ',', ';', '\t', '\n', ' ', "'"), fc.string({ unit: 'grapheme', maxLength: 3 })))
    .map((parts) => parts.join('').replaceAll('\r', ''))
  const table = fc.integer({ min: 2, max: 4 }).chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })))
  const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.constantFrom<Delimiter>(',', ';', '|', '\t'),
      fc.constantFrom('\n', '\r\n'),
      async (table, d, end) => {
        const needsQuotes = (value: string) => /["\n]/.test(value) || value.includes(d) || value.trim() === ''
        const text = table.map((row) => row.map((value) => (needsQuotes(value) ? quote(value) : value)).join(d) + end).join('')
        const read = await rows(text, d)
        expect(read.map((row) => row.cells)).toEqual(table)
        let line = 1
        for (const [i, row] of table.entries()) {
          expect(read[i]!.line).toBe(line)
          line += row.join('').split('\n').length
        }
      },
    ),
  )
})

test('a table of many batches keeps its order and its line numbers', async () => {
  const text = Array.from({ length: 5000 }, (_, i) => (i % 100 === 7 ? `${i},"row\n${i}"` : `${i},row ${i} of many`)).join('\n')
  const read = await rows(text)
  expect(read.map((row) => row.cells[0])).toEqual(Array.from({ length: 5000 }, (_, i) => String(i)))
  expect(read[4999]!.line).toBe(5000 + 50)
})

describe('quotes that do not fit', () => {
  test.each([
    ['never closed', 'a,b\n1,"x\ny"\n2,"open\nmore\n3,z\n', 'data.csv: line 4: a quoted cell must end'],
    ['opened after a closed one in the same row', 'a,b\n1,"x\ny","open\nmore', 'data.csv: line 3: a quoted cell must end'],
    ['closed within a cell', 'a,b\n1,x\n2,"closed" early\n', 'the row that begins on line 3: a quote opens a cell'],
    ['in the middle of a cell', 'a,b\n1,5" by 3"\n', 'the row that begins on line 2: a quote opens a cell'],
    ['two stray ones on different lines', 'a,b\r\n1,5"\r\n2,"x"\r\n3,6"\r\n', 'the row that begins on line 2'],
  ])('%s', async (_, text, message) => {
    await expect(rows(text)).rejects.toThrow(FormatError)
    await expect(rows(text)).rejects.toThrow(message)
  })
})

describe('the delimiter', () => {
  test.each([
    ['text,label\nfine,1\n', ','],
    ['text;label\n"a, b, c";1\n', ';'],
    ['I like it, really, I do;pos\nAwful;neg\nWell, yes;pos\n', ';'],
    ['a\tb\n1,5\t2\n', '\t'],
    ['a|b\n', '|'],
    ['one column\nonly\n', ','],
    ['a;b,c;d', ';'],
    ['"x;y\nz;";1\n', ';'],
    ['', ','],
  ])('of %j is %j', (start, delimiter) => {
    expect(detectDelimiter(start)).toBe(delimiter)
  })
})
