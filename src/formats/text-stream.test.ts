import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError, FormatError } from '../errors.ts'
import { MAX_LINE_LENGTH, readLines, readText } from './text-stream.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-text-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function text(...chunks: (Buffer | string)[]): Promise<string> {
  let whole = ''
  for await (const chunk of readText(Readable.from(chunks.map((chunk) => Buffer.from(chunk as string))))) whole += chunk
  return whole
}

async function lines(...chunks: string[]): Promise<string[]> {
  const found: string[] = []
  for await (const { line, text } of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) {
    expect(line).toBe(found.push(text))
  }
  return found
}

const bytes = (...values: number[]) => Buffer.from(values)

describe('encodings', () => {
  test('any text comes back from UTF-8 and UTF-16, plain and gzipped, however it is cut', async () => {
    const sample = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && !value.startsWith('\ufeff'))
    await fc.assert(
      fc.asyncProperty(sample, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (value, size, zip) => {
        const utf16 = Buffer.from(`\ufeff${value}`, 'utf16le')
        for (const plain of [Buffer.from(value), Buffer.from(`\ufeff${value}`), utf16, Buffer.from(utf16).swap16()]) {
          const data = zip ? gzipSync(plain) : plain
          const pieces = Array.from({ length: Math.ceil(data.length / size) }, (_, i) => data.subarray(i * size, (i + 1) * size))
          expect(await text(...pieces)).toBe(value)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('gzip files that were appended to each other read as one', async () => {
    expect(await text(Buffer.concat([gzipSync('erste '), gzipSync('zweite')]))).toBe('erste zweite')
  })

  test('a stream of strings is taken as it is', async () => {
    let whole = ''
    for await (const chunk of readText(Readable.from(['grün', 'e Wiese']))) whole += chunk
    expect(whole).toBe('grüne Wiese')
  })

  test.each([
    ['Latin-1', [Buffer.from('caf'), bytes(0xe9, 0x0a)], 3],
    ['a lone continuation byte', [Buffer.from('grün'), bytes(0x80)], 5],
    ['a character cut off at the end', [Buffer.from('grün'), bytes(0xe2, 0x82)], 5],
    ['an overlong form', [bytes(0x61, 0xc0, 0x80)], 1],
    ['a surrogate', [bytes(0x61, 0x62, 0xed), bytes(0xa0, 0x80)], 2],
  ])('%s is refused at its offset', async (_, chunks, offset) => {
    await expect(text(...chunks)).rejects.toThrow(new RegExp(`the stream: byte ${offset}: text must be UTF-8[^]*--encoding`))
  })

  test('broken UTF-16 and damaged gzip are format errors', async () => {
    await expect(text(bytes(0xff, 0xfe, 0x61))).rejects.toThrow(/UTF-16LE/)
    await expect(text(gzipSync('a text that is long enough').subarray(0, 25))).rejects.toThrow(
      /gzip data is damaged or ends early/,
    )
  })
})

describe('what is not text', () => {
  test.each([
    ['zip', 'PK\x03\x04rest of it', 'zip archive'],
    ['png', '\x89PNG\r\n\x1a\n', 'PNG'],
    ['pdf', '%PDF-1.7\n', 'PDF'],
    ['elf', '\x7fELF\x02\x01\x01', 'ELF'],
    ['sqlite', 'SQLite format 3\0', 'SQLite'],
    ['parquet', 'PAR1\x15\x04', 'Parquet'],
  ])('%s is named', async (_, start, name) => {
    const failure = text(Buffer.from(start, 'latin1'))
    await expect(failure).rejects.toThrow(FormatError)
    await expect(failure).rejects.toThrow(new RegExp(`this is a binary file, not text\\n  got    .*${name}`))
  })

  test('a NUL byte far into a text is found, and gzip in gzip is named', async () => {
    await expect(text('fine\n'.repeat(99), 'then\0')).rejects.toThrow(/NUL/)
    await expect(text(gzipSync(gzipSync('x')))).rejects.toThrow(/gzip inside/)
  })

  test('texts that begin like a binary are texts', async () => {
    expect(await text('PAR1 is the first hole')).toBe('PAR1 is the first hole')
    expect(await text('P')).toBe('P')
  })

  test('missing files and folders say so', async () => {
    const read = async (path: string) => {
      for await (const _ of readText(path));
    }
    await expect(read(join(folder, 'nothing.txt'))).rejects.toThrow(/nothing\.txt: no such file/)
    await expect(read(folder)).rejects.toThrow(DataError)
    await expect(read(folder)).rejects.toThrow(/this is a folder/)
  })
})

describe('lines', () => {
  test('end with \\n or \\r\\n, and the last one needs no end', async () => {
    expect(await lines('one\ntwo\r', '\n\nfo', 'ur')).toEqual(['one', 'two', '', 'four'])
    expect(await lines('one\n')).toEqual(['one'])
    expect(await lines()).toEqual([])
    expect(await lines('\n')).toEqual([''])
  })

  test('a line without end is refused at the limit, not at the end of memory', async () => {
    let pulled = 0
    async function* endless() {
      for (;;) {
        pulled++
        yield Buffer.alloc(2 ** 20, 'x')
      }
    }
    const read = async () => {
      for await (const _ of readLines(Readable.from(endless())));
    }
    await expect(read()).rejects.toThrow(`line 1: a line holds at most ${MAX_LINE_LENGTH} characters`)
    expect(pulled).toBeLessThan(MAX_LINE_LENGTH / 2 ** 20 + 32)
  })
})

test('a large stream passes through bounded memory', async () => {
  const chunk = Buffer.from(`${'wort '.repeat(25)}\n`.repeat(2 ** 13))
  const megabytes = 256
  let pulled = 0
  async function* source() {
    for (; pulled < megabytes; pulled++) yield chunk
  }
  const before = process.memoryUsage().rss
  let peak = before
  let read = 0
  for await (const piece of readText(Readable.from(source()))) {
    read += piece.length
    expect(pulled - read / chunk.length).toBeLessThan(40) // never far ahead of the reader
    peak = Math.max(peak, process.memoryUsage().rss)
  }
  expect(read).toBe(megabytes * chunk.length)
  expect(peak - before).toBeLessThan(200e6)
})

test.skipIf(!existsSync('/proc/self/fd'))('a file is closed when its reader leaves early', async () => {
  const path = join(folder, 'long.txt')
  await writeFile(path, 'line\n'.repeat(200_000))
  const openFiles = () => readdirSync('/proc/self/fd').length
  const before = openFiles()
  for (let i = 0; i < 20; i++) {
    for await (const { line } of readLines(path)) if (line === 3) break
  }
  expect(openFiles()).toBeLessThan(before + 10)
})
