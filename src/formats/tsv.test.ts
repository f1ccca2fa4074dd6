import { expect, test } from 'vitest'
import { tsvRows } from './tsv.ts'

async function cells(...texts: string[]): Promise<string[][]> {
  async function* lines() {
    yield texts.map((text, i) => ({ line: i + 1, text }))
  }
  const found: string[][] = []
  for await (const rows of tsvRows(lines())) found.push(...rows.map((row) => row.cells))
  return found
}

test('a tab always separates, and stray quotes are text', async () => {
  expect(await cells('"what a film\t1', 'he said "no"\t0', '"\t"', 'a 5" pipe\t', '"a" and "b"\t1', '"opens\tcloses"')).toEqual([
    ['"what a film', '1'],
    ['he said "no"', '0'],
    ['"', '"'],
    ['a 5" pipe', ''],
    ['"a" and "b"', '1'],
    ['"opens', 'closes"'],
  ])
})

test('a cell that is quoted as a whole loses its quotes', async () => {
  expect(await cells('"he said ""no"""\t"0"', '""\t""""')).toEqual([
    ['he said "no"', '0'],
    ['', '"'],
  ])
})

test('blank lines are left out', async () => {
  expect(await cells('a\tb', '', '  ', 'c\td')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})
