import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ConfigError, FormatError } from '../errors.ts'
import { encodingOf } from './encoding.ts'
import { readText } from './text-stream.ts'

type Case = { language: string; encoding: string; text: string; bytes: string }
const { cases } = JSON.parse(readFileSync('test/golden/encodings.json', 'utf8')) as { cases: Case[] }

async function read(bytes: Buffer, encoding?: string, size = 2 ** 16): Promise<string> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  let text = ''
  for await (const piece of readText(Readable.from(chunks), { encoding })) text += piece
  return text
}

test.each(cases)('$language in $encoding is read where that is named', async ({ encoding, text, bytes }) => {
  for (const size of [1, 3, 2 ** 16]) expect(await read(Buffer.from(bytes, 'base64'), encoding, size)).toBe(text)
})

test.each(cases)('$language in $encoding is refused with its encoding and how it reads', async ({ encoding, text, bytes }) => {
  const failure = read(Buffer.from(bytes, 'base64'))
  await expect(failure).rejects.toThrow(FormatError)
  const message = await failure.catch((error: Error) => error.message)
  expect(message).toMatch(/byte \d+: text must be UTF-8/)
  expect(message).toContain(`--encoding ${encoding} probably`)
  const excerpt = /“(.*)”/.exec(message)![1]!
  expect(text).toContain(excerpt)
})

test('of a few letters among many no more than one option is made', async () => {
  const long = Buffer.concat([Buffer.from('plain text\n'.repeat(20_000)), Buffer.from('caf\xe9 au lait\n', 'latin1')])
  await expect(read(long)).rejects.toThrow(/byte 220003: [\s\S]*--encoding windows-1252 probably, which reads “café au lait”/)
})

test('random bytes get no guess', async () => {
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 255) + 1))
  await expect(read(noise)).rejects.toThrow(/name its encoding with --encoding/)
})

describe('UTF-16 and UTF-32', () => {
  test('UTF-16 without a mark shows in its zero bytes', async () => {
    const text = 'Grüße, 世界!\n'
    expect(await read(Buffer.from(text, 'utf16le'))).toBe(text)
    expect(await read(Buffer.from(text, 'utf16le').swap16())).toBe(text)
    expect(encodingOf(Buffer.from('a\0b'))).toBe('utf-8')
  })

  test('UTF-32 is refused by its mark', async () => {
    await expect(read(Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0]))).rejects.toThrow(/UTF-32 is not read[\s\S]*iconv/)
    await expect(read(Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 65]))).rejects.toThrow(/UTF-32 is not read/)
  })
})

describe('a named encoding', () => {
  test('must exist', async () => {
    await expect(read(Buffer.from('a'), 'cp437')).rejects.toThrow(ConfigError)
    await expect(read(Buffer.from('a'), 'klingon')).rejects.toThrow(/WHATWG[\s\S]*got {4}klingon/)
  })

  test('is held to', async () => {
    await expect(read(Buffer.from([0x41, 0x81]), 'windows-1252')).rejects.toThrow(/byte 1: text must be valid WINDOWS-1252/)
    await expect(read(Buffer.from([0x82]), 'shift_jis')).rejects.toThrow(/text must be valid SHIFT_JIS/)
  })

  test('gives way to a byte order mark, which no text has by chance', async () => {
    expect(await read(Buffer.from('\ufeffgrün'), 'windows-1252')).toBe('grün')
    expect(await read(Buffer.from('\ufeffgrün', 'utf16le'), 'windows-1252')).toBe('grün')
  })

  test('of Windows has its quotes', async () => {
    expect(await read(Buffer.from([0x80, 0x93, 0x94, 0xe9]), 'latin1')).toBe('€“”é')
    expect(await read(Buffer.from([0xe9]), 'latin-1')).toBe('é') // Python's name for it
  })
})
