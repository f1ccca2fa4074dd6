import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GgufEntry, ggufBytes } from '../../test/golden/gguf-bytes.ts'
import { readGguf } from './gguf.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-gguf-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(bytes: Uint8Array) {
  const path = join(folder, 'a.gguf')
  await writeFile(path, bytes)
  return readGguf(path)
}

const ENTRIES: Record<string, GgufEntry> = {
  'general.architecture': ['string', 'llama'],
  'ünïcode 😀': ['string', ''],
  u8: ['u8', 255],
  i8: ['i8', -128],
  u16: ['u16', 65535],
  i16: ['i16', -2],
  u32: ['u32', 2 ** 32 - 1],
  i32: ['i32', -(2 ** 31)],
  f32: ['f32', 0.5],
  u64: ['u64', 2 ** 52],
  i64: ['i64', -(2 ** 40)],
  f64: ['f64', Math.PI],
  yes: ['bool', true],
  no: ['bool', false],
  tokens: ['array', 'string', ['a', '', 'ß', '<s>']],
  none: ['array', 'string', []],
  scores: ['array', 'f32', [0, -1.5, 2]],
  types: ['array', 'i32', [1, -2, 3]],
  flags: ['array', 'bool', [true, false]],
  wide: ['array', 'u64', [1, 2 ** 40]],
  bytes: ['array', 'u8', [1, 2, 255]],
  nested: [
    'array',
    'array',
    [
      ['i32', [1]],
      ['string', ['x', 'y']],
    ],
  ],
}

describe('metadata', () => {
  it.each([
    [2, true],
    [3, true],
    [3, false],
  ])('of version %d, little-endian: %s', async (version, little) => {
    const { metadata, ...rest } = await read(ggufBytes(ENTRIES, { version, little, tensors: 0 }))
    expect(rest).toEqual({ version, tensorCount: 0 })
    expect(Object.fromEntries(metadata)).toEqual({
      ...Object.fromEntries(Object.entries(ENTRIES).map(([key, [, value]]) => [key, value])),
      tokens: ['a', '', 'ß', '<s>'],
      none: [],
      scores: Float32Array.of(0, -1.5, 2),
      types: Int32Array.of(1, -2, 3),
      flags: Uint8Array.of(1, 0),
      wide: BigUint64Array.of(1n, 2n ** 40n),
      bytes: Uint8Array.of(1, 2, 255),
      nested: [Int32Array.of(1), ['x', 'y']],
    })
    expect([...metadata.keys()]).toEqual(Object.keys(ENTRIES))
  })

  it('larger than the window of the reader', async () => {
    const tokens = Array.from({ length: 60_000 }, (_, i) => `token ${i} ${'x'.repeat(i % 50)}`)
    const scores = tokens.map((_, i) => -i)
    const { metadata } = await read(ggufBytes({ tokens: ['array', 'string', tokens], scores: ['array', 'f32', scores] }))
    expect(metadata.get('tokens')).toEqual(tokens)
    expect(metadata.get('scores')).toEqual(Float32Array.from(scores))
  })

  it('without what follows', async () => {
    const bytes = Buffer.concat([ggufBytes({ a: ['u8', 1] }, { tensors: 5 }), Buffer.alloc(100)])
    expect(await read(bytes)).toMatchObject({ tensorCount: 5 })
  })
})

describe('refuses', () => {
  const patched = (bytes: Buffer, at: number, value: bigint) => {
    const copy = Buffer.from(bytes)
    copy.writeBigUInt64LE(value, at)
    return copy
  }
  const one = ggufBytes({ key: ['array', 'u64', [1, 2]] })
  const text = ggufBytes({ key: ['string', 'value'] })
  const typed = (at: number, type: number) => {
    const copy = Buffer.from(one)
    copy.writeUInt32LE(type, at)
    return copy
  }
  const deep = (levels: number): GgufEntry =>
    ['array', ...Array.from({ length: levels }).reduce<unknown[]>((inner) => ['array', [inner]], ['u8', [1]])] as GgufEntry

  it.each([
    ['an empty file', Buffer.alloc(0), 'takes 8 bytes'],
    ['another file', Buffer.from('PK\x03\x04 and more of it'), 'a GGUF file begins with GGUF'],
    ['version 1', ggufBytes({}, { version: 1 }), 'the version of a GGUF file is 2 or 3'],
    ['version 4', ggufBytes({}, { version: 4 }), 'the version of a GGUF file is 2 or 3'],
    ['more keys than fit', patched(one, 16, 2n ** 40n), 'the number of keys must fit'],
    ['as many keys as 64 bits count', patched(one, 16, 2n ** 64n - 1n), 'the number of keys must fit'],
    ['more tensors than bytes', patched(one, 8, 2n ** 50n), 'the number of tensors must fit'],
    ['a longer key than fits', patched(one, 24, 2n ** 62n), 'the length of key 1 of 1 must fit'],
    ['a longer array than fits', patched(one, 24 + 8 + 3 + 4 + 4, 3n), 'the number of items in "key" must fit'],
    ['a longer text than fits', patched(text, 24 + 8 + 3 + 4, 6n), 'the length of the value of "key" must fit'],
    ['an unknown type', typed(24 + 8 + 3, 13), 'the type of "key" is a number from 0 to 12'],
    ['an unknown type of items', typed(24 + 8 + 3 + 4, 99), 'the type of "key" is a number from 0 to 12'],
    ['a key twice', Buffer.concat([patched(text, 16, 2n), text.subarray(24)]), 'each key stands once'],
    ['text that is not UTF-8', Buffer.concat([text.subarray(0, -1), Buffer.of(0xff)]), 'must be UTF-8'],
    ['a key that is too long', ggufBytes({ ['k'.repeat(70_000)]: ['u8', 1] }), 'has at most 65535 bytes'],
    ['arrays that are nested too deeply', ggufBytes({ key: deep(6) }), 'arrays are nested at most 4 deep'],
  ])('%s', async (_, bytes, message) => {
    const error = await read(bytes).catch((error) => error)
    expect(error.message).toContain(message)
    expect(error).toMatchObject({ code: 'format', message: expect.stringContaining(join(folder, 'a.gguf')) })
  })

  it('a file that is not there', async () => {
    await expect(readGguf(join(folder, 'none.gguf'))).rejects.toMatchObject({ code: 'data' })
  })

  it('every file that is cut short', async () => {
    const bytes = ggufBytes(ENTRIES)
    for (let length = 0; length < bytes.length; length += 3) {
      await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'format' })
    }
  })

  it('damaged bytes with an error of ours, or reads them', async () => {
    const bytes = ggufBytes(ENTRIES)
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const copy = Buffer.from(bytes)
        for (const [at, byte] of changes) copy[at] = byte
        const result = await read(copy).catch((error) => error.code)
        expect(typeof result === 'object' || result === 'format').toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
