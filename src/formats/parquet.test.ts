import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError, FormatError } from '../errors.ts'
import { readRecords } from './records.ts'

type File = { name: string; columns: string[]; parquet: string; lengths?: number[]; invalid?: true }
const golden = JSON.parse(readFileSync('test/golden/parquet.json', 'utf8')) as {
  columns: string[]
  rows: string[][]
  files: File[]
}
const bytesOf = (name: string) => Buffer.from(golden.files.find((file) => file.name === name)!.parquet, 'base64')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-parquet-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(bytes: Buffer) {
  const path = join(folder, 'data.parquet')
  await writeFile(path, bytes)
  const file = await readRecords(path)
  try {
    const rows: Record<string, string>[] = []
    for await (const { line, fields } of file.records) expect(line).toBe(rows.push(fields))
    return { columns: file.columns, rows }
  } finally {
    await file.close()
  }
}

const tables = golden.files.filter(({ lengths, invalid }) => lengths === undefined && !invalid)
test.each(tables)('pyarrow: $name', async ({ columns, parquet }) => {
  const found = await read(Buffer.from(parquet, 'base64'))
  expect(found.columns).toEqual(columns)
  const expected = golden.rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[golden.columns.indexOf(name)]])))
  expect(found.rows).toEqual(expected)
})

test.each(golden.files.filter(({ lengths }) => lengths))('pyarrow: $name', async ({ parquet, lengths }) => {
  const { columns, rows } = await read(Buffer.from(parquet, 'base64'))
  expect(columns).toEqual(['text'])
  expect(rows.map(({ text }) => text!.length)).toEqual(lengths)
})

describe('refused', () => {
  const sound = bytesOf('every type, plain, uncompressed')

  test.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /too short/],
    ['other bytes', Buffer.from('text,label\n'.repeat(9)), /begins with PAR1/],
    ['a file cut short', sound.subarray(0, -20), /ends with PAR1, so this one ends early/],
    ['metadata longer than the file', withFooterLength(sound, 0x7fffffff), /metadata of 2147483647 bytes in a file/],
    ['metadata that begins too late', withFooterLength(sound, 40), /a Parquet file is sound|readable metadata/],
    ['no bytes between', Buffer.from('PAR1\0\0\0\0PAR1', 'latin1'), /readable metadata/],
    ['an encrypted file', Buffer.from('PARE\0\0\0\0\0\0\0\0PARE', 'latin1'), /encrypted/],
    ['text that is not UTF-8', bytesOf('no text'), /has its texts in UTF-8/],
  ])('%s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(FormatError)
    await expect(read(bytes)).rejects.toThrow(message)
  })

  test('a stream, a folder, and a missing file', async () => {
    await expect(readRecords(Readable.from([sound]), { format: 'parquet' })).rejects.toThrow(/from a file, not from a stream/)
    await expect(readRecords(Readable.from([sound]))).rejects.toThrow(/a Parquet file/)
    await expect(readRecords(join(folder, 'no.parquet'))).rejects.toThrow(DataError)
    await expect(readRecords(folder, { format: 'parquet' })).rejects.toThrow(DataError)
  })

  test('lists in the metadata that claim more than there is take no memory', async () => {
    const lists = Buffer.alloc(400, Buffer.from([0x19, 0xf9, 0xff, 0xff, 0xff, 0x7f])) // lists of lists of 268 million
    const length = Buffer.alloc(4)
    length.writeUInt32LE(lists.length)
    const bytes = Buffer.concat([Buffer.from('PAR1'), lists, length, Buffer.from('PAR1')])
    await expect(read(bytes)).rejects.toThrow(/readable metadata/)
  })
})

test('damage anywhere gives an error or other cells, never a crash or a hang', { timeout: 60_000 }, async () => {
  const files = [
    'every type, dictionary, snappy, pages v2',
    'row groups of 7, gzip',
    'small pages, zstd, pages v2',
    'delta encodings',
    'lz4',
  ]
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.integer({ min: 0, max: 255 }) })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 4 }), async (name, changes) => {
      const bytes = bytesOf(name)
      for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte
      await read(bytes).catch((error) => {
        if (!(error instanceof FormatError || error instanceof DataError)) throw error
      })
    }),
    { numRuns: 400 },
  )
})

function withFooterLength(file: Buffer, length: number): Buffer {
  const copy = Buffer.from(file)
  copy.writeUInt32LE(length, copy.length - 8)
  return copy
}
