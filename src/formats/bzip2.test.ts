import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bunzip2, DamagedBzip2 } from './bzip2.ts'
import { readText } from './text-stream.ts'

type Case = { name: string; length: number; sha256: string; bzip2: string }
const { cases } = JSON.parse(readFileSync('test/golden/bzip2.json', 'utf8')) as { cases: Case[] }
const packed = (name: string) => Buffer.from(cases.find((found) => found.name === name)!.bzip2, 'base64')

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function unpack(bytes: Buffer, size = 2 ** 16): Promise<{ length: number; sha256: string }> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of bunzip2(cut(bytes, size))) {
    hash.update(chunk)
    length += chunk.length
  }
  return { length, sha256: hash.digest('hex') }
}

test.each(cases)('unpacks $name', async ({ length, sha256, bzip2 }) => {
  for (const size of [2 ** 16, 7]) expect(await unpack(Buffer.from(bzip2, 'base64'), size)).toEqual({ length, sha256 })
})

describe('damage', () => {
  const noise = packed('noise over two blocks')

  test('of any byte is found', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(noise.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(noise)
        damaged[at]! ^= flip
        const isLevel = at === 3 && damaged[3]! >= 0x31 && damaged[3]! <= 0x39 // larger blocks are allowed
        const unused = at === noise.length - 1 && flip < 8 // bits that fill the last byte
        if (isLevel || unused) return
        await expect(unpack(damaged)).rejects.toThrow(DamagedBzip2)
      }),
      { numRuns: 100 },
    )
  })

  test('a cut at any place is found', async () => {
    for (const end of [1, 4, 10, 14, 50, noise.length >> 1, noise.length - 10, noise.length - 1]) {
      await expect(unpack(noise.subarray(0, end))).rejects.toThrow(/ends early/)
    }
  })

  test('what stands behind the end is not passed over', async () => {
    await expect(unpack(Buffer.concat([noise, Buffer.from('more text')]))).rejects.toThrow(/no bzip2 stream/)
  })

  test('bytes that never were bzip2', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const start = Buffer.from('BZh11AY&SY\0\0\0\0', 'latin1')
        await expect(unpack(Buffer.concat([start, bytes]))).rejects.toThrow(DamagedBzip2)
      }),
      { numRuns: 300 },
    )
  })
})

test('a stream that unpacks to a thousand times its size passes through bounded memory', async () => {
  const bomb = packed('one long run over several blocks')
  async function* many() {
    for (let i = 0; i < 10; i++) yield bomb
  }
  const before = process.memoryUsage().rss
  let peak = 0
  let length = 0
  for await (const chunk of bunzip2(many())) {
    length += chunk.length
    peak = Math.max(peak, process.memoryUsage().rss)
  }
  expect(length).toBe(300_000_000)
  expect(peak - before).toBeLessThan(150e6)
})

test('text readers recognise it', async () => {
  const read = async (bytes: Buffer) => {
    let text = ''
    for await (const piece of readText(Readable.from([bytes]))) text += piece
    return text
  }
  expect(await read(packed('several streams, one of them empty'))).toBe('first second')
  expect(await read(packed('nothing'))).toBe('')
  await expect(read(packed('one byte').subarray(0, 20))).rejects.toThrow(/bzip2 data is damaged or ends early[\s\S]*bzip2 -t/)
  expect(await read(Buffer.from('BZh9 is how they begin'))).toBe('BZh9 is how they begin')
})
