import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError, FormatError } from '../errors.ts'
import { openSafetensors, type SafetensorsDtype, type SafetensorsInput, writeSafetensors } from './safetensors.ts'

const GOLDEN = 'test/golden/safetensors/mixed.safetensors' // made by test/golden/safetensors_mixed.py
const STORIES = '../shared/data/checkpoints/stories260K/model.safetensors'

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-safetensors-'))
  path = join(folder, 'model.safetensors')
})
afterAll(() => rm(folder, { recursive: true }))

/** A file with this header, given as JSON text or as an object, and so many bytes of data. */
async function file(header: unknown, dataBytes = 0): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  await writeFile(path, Buffer.concat([length, json, Buffer.alloc(dataBytes)]))
  return path
}

const entry = (dtype: unknown, shape: unknown, start: unknown, end: unknown) => ({ dtype, shape, data_offsets: [start, end] })

describe('golden file of the reference implementation', () => {
  test('reads', async () => {
    await using golden = await openSafetensors(GOLDEN)
    const values = async (name: string) => [...(await golden.tensors.get(name)!.read())]
    expect(golden.metadata).toEqual({ format: 'pt' })
    expect(golden.tensors.size).toBe(17)
    expect(golden.tensors.get('layer.float32')).toMatchObject({ dtype: 'F32', shape: [2, 3], byteLength: 24 })
    expect(await values('layer.float32')).toEqual([1, -2.5, 3.25, Number.POSITIVE_INFINITY, 0, Math.fround(1e-45)])
    expect(await values('layer.float64')).toEqual([0.5, -1e300])
    expect(await values('layer.float16')).toEqual([0x3c00, 0xb800, 0x7bff])
    expect(await values('layer.bfloat16')).toEqual([0x3f80, 0xc040])
    expect(await values('layer.int64')).toEqual([-(2n ** 63n), 2n ** 63n - 1n])
    expect(await values('layer.uint64')).toEqual([2n ** 64n - 1n])
    expect(await values('layer.int32')).toEqual([-(2 ** 31), 7])
    expect(await values('layer.int8')).toEqual([-128, 127, 0])
    expect(await values('layer.bool')).toEqual([1, 0, 1])
    expect(golden.tensors.get('layer.uint64')!.shape).toEqual([])
    expect(await values('10')).toEqual([])
    expect(await values('ünïcode "name"')).toEqual([42])
  })

  test('written again has the same bytes, whatever the order', async () => {
    await using golden = await openSafetensors(GOLDEN)
    const tensors = await Promise.all(
      [...golden.tensors].map(async ([name, tensor]) => [name, { ...tensor, data: await tensor.read() }] as const),
    )
    await writeSafetensors(path, tensors.reverse(), golden.metadata)
    expect(await readFile(path)).toEqual(await readFile(GOLDEN))
  })
})

test.skipIf(!existsSync(STORIES))('a real checkpoint (skipped where ../shared/data is absent)', async () => {
  await using checkpoint = await openSafetensors(STORIES)
  const embedding = checkpoint.tensors.get('model.embed_tokens.weight')!
  expect(embedding).toMatchObject({ dtype: 'F32', shape: [512, 64] })
  expect((await embedding.read()).every((value) => Number.isFinite(value))).toBe(true)
})

test('any tensors come back, bit for bit', async () => {
  const arrays = { F32: Float32Array, I64: BigInt64Array, BF16: Uint16Array, U8: Uint8Array, BOOL: Uint8Array } as const
  const tensor = fc
    .record({
      dtype: fc.constantFrom<keyof typeof arrays>('F32', 'I64', 'BF16', 'U8', 'BOOL'),
      shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    })
    .chain(({ dtype, shape }) => {
      const size = shape.reduce((product, dim) => product * dim, arrays[dtype].BYTES_PER_ELEMENT)
      return fc.uint8Array({ minLength: size, maxLength: size }).map((data): SafetensorsInput => ({ dtype, shape, data }))
    })
  const name = fc.string({ unit: 'grapheme' }).filter((value) => value !== '__metadata__')
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, tensor, { noNullPrototype: false }),
      fc.dictionary(name, fc.string({ unit: 'grapheme' })),
      async (tensors, metadata) => {
        await writeSafetensors(path, Object.entries(tensors), metadata)
        await using read = await openSafetensors(path)
        expect({ ...read.metadata }).toEqual({ ...metadata })
        expect([...read.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort())
        for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
          const back = read.tensors.get(name)!
          const bytes = await back.read()
          expect([back.dtype, back.shape]).toEqual([dtype, shape])
          expect(new Uint8Array(bytes.buffer)).toEqual(data)
        }
      },
    ),
    { numRuns: 50 },
  )
})

describe('writing', () => {
  test.each<[string, [string, SafetensorsInput][]]>([
    ['too few bytes', [['a', { dtype: 'F32', shape: [2], data: new Float32Array(1) }]]],
    ['the same name twice', [1, 2].map(() => ['a', { dtype: 'U8', shape: [1], data: new Uint8Array(1) }])],
    ['the reserved name', [['__metadata__', { dtype: 'U8', shape: [1], data: new Uint8Array(1) }]]],
    ['a name that is not Unicode', [['\ud800', { dtype: 'U8', shape: [1], data: new Uint8Array(1) }]]],
  ])('refuses %s and leaves nothing', async (_, tensors) => {
    await rm(path, { force: true })
    await expect(writeSafetensors(path, tensors)).rejects.toThrow(FormatError)
    expect(await readdir(folder)).toEqual([])
  })

  test('takes views into larger buffers, and aligns the data', async () => {
    const data = new Float64Array([1, 2, 3]).subarray(1, 2)
    await writeSafetensors(path, [['a', { dtype: 'F64', shape: [1], data }]])
    const bytes = await readFile(path)
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0)
    expect(bytes.readDoubleLE(bytes.length - 8)).toBe(2)
  })
})

describe('a broken file', () => {
  const big = 2 ** 40
  test.each<[string, unknown, number, RegExp]>([
    ['no object', '[]', 0, /begins with {/],
    ['space before the object', ' {}', 0, /begins with {/],
    ['no JSON', '{"a":', 0, /is JSON in UTF-8/],
    [
      'the same name twice',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061" :{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
      /no name occurs twice.*\n.*"a"/,
    ],
    ['the same key twice in a tensor', '{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1, /"dtype"/],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 0, /maps strings to strings/],
    ['a tensor that is no object', { a: null }, 0, /tensor "a": an object describes/],
    ['an unknown dtype', { a: entry('toString', [], 0, 1) }, 1, /dtype is one of/],
    ['a shape that is no array', { a: entry('U8', 1, 0, 1) }, 1, /shape is an array/],
    ['a negative dimension', { a: entry('U8', [-1], 0, 1) }, 1, /shape is an array/],
    ['a fraction', { a: entry('U8', [1.5], 0, 1) }, 1, /shape is an array/],
    ['one offset', { a: { dtype: 'U8', shape: [1], data_offsets: [1] } }, 1, /two whole numbers/],
    ['offsets in the wrong order', { a: entry('U8', [1], 1, 0) }, 1, /span the bytes/],
    ['a shape of other bytes', { a: entry('F32', [2], 0, 4) }, 4, /4 bytes for F32 \[2\] = 8/],
    ['a shape that overflows', { a: entry('F32', [big, big], 0, 0) }, 0, /can be counted/],
    ['a shape that overflows to nothing', { a: entry('F32', [big, big, 0], 0, 0) }, 0, /can be counted/],
    ['a hole before the first', { a: entry('U8', [1], 1, 2) }, 2, /without holes or overlaps/],
    ['a hole between', { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, 3, /without holes or overlaps/],
    ['an overlap', { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, 3, /without holes or overlaps/],
    ['the same bytes twice', { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 0, 1) }, 1, /without holes or overlaps/],
    ['data that ends early', { a: entry('U8', [4], 0, 4) }, 3, /cover the data exactly/],
    ['data beyond the tensors', { a: entry('U8', [4], 0, 4) }, 5, /cover the data exactly/],
  ])('%s', async (_, header, dataBytes, message) => {
    const failure = openSafetensors(await file(header, dataBytes))
    await expect(failure).rejects.toThrow(FormatError)
    await expect(failure).rejects.toThrow(message)
  })

  test.each<[string, Buffer, RegExp]>([
    ['is empty', Buffer.alloc(0), /a file of 0 bytes/],
    ['is shorter than its header', Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 0x7b]), /a header of 9 bytes in a file of 9/],
    [
      'has a header beyond the limit',
      Buffer.from([1, 0xe1, 0xf5, 5, 0, 0, 0, 0, 0x7b]),
      /100000001 bytes; the limit is 100000000/,
    ],
    ['has a header beyond all numbers', Buffer.alloc(9, 255), /18446744073709551615 bytes/],
    ['has a header that is not UTF-8', Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]), /JSON in UTF-8/],
  ])('that %s', async (_, bytes, message) => {
    await writeFile(path, bytes)
    await expect(openSafetensors(path)).rejects.toThrow(FormatError)
    await expect(openSafetensors(path)).rejects.toThrow(message)
  })

  test('that is cut while it is open', async () => {
    await using opened = await openSafetensors(await file({ a: entry('U8', [4], 0, 4) }, 4))
    await truncate(path, (await stat(path)).size - 1)
    await expect(opened.tensors.get('a')!.read()).rejects.toThrow(FormatError)
  })

  test('that is missing or a folder', async () => {
    await expect(openSafetensors(join(folder, 'none'))).rejects.toThrow(DataError)
    await expect(openSafetensors(folder)).rejects.toThrow(/this is a folder/)
  })

  test('names that mean something to JavaScript are only names', async () => {
    const header =
      '{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}'
    await using opened = await openSafetensors(await file(header, 2))
    expect([...opened.tensors.keys()]).toEqual(['__proto__', 'constructor'])
  })

  test('however its bytes are changed, it opens or is refused with a format error', async () => {
    const golden = await readFile(GOLDEN)
    const headerEnd = 8 + Number(golden.readBigUInt64LE())
    const change = fc.record({
      at: fc.oneof(fc.nat(8), fc.nat(headerEnd)),
      cut: fc.nat(4),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom('{', '}', '"', '[', ',', '-', '9', '1e9', 'null').map((s) => Buffer.from(s)),
      ),
      fixLength: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let bytes: Buffer = golden
        for (const { at, cut, put, fixLength } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])
          if (fixLength) bytes.writeBigUInt64LE(BigInt(headerEnd - 8 + bytes.length - golden.length))
        }
        await writeFile(path, bytes)
        try {
          await using opened = await openSafetensors(path)
          for (const tensor of opened.tensors.values()) {
            const { length } = await tensor.read()
            expect(length).toBe(tensor.shape.reduce((product, dim) => product * dim, 1))
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

test('a header of many tensors and of deep nesting is read or refused, not crashed on', async () => {
  const many: Record<string, { dtype: SafetensorsDtype; shape: number[]; data_offsets: number[] }> = {}
  for (let i = 0; i < 20_000; i++) many[`layer.${i}`] = { dtype: 'U8', shape: [1], data_offsets: [i, i + 1] }
  await using opened = await openSafetensors(await file(many, 20_000))
  expect(opened.tensors.size).toBe(20_000)
  const deep = `{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`
  await expect(openSafetensors(await file(deep))).rejects.toThrow(FormatError)
  const deepShape = `{"a":{"dtype":"U8","shape":[${'['.repeat(300_000)}${']'.repeat(300_000)}],"data_offsets":[0,1]}}`
  await expect(openSafetensors(await file(deepShape))).rejects.toThrow(FormatError)
})
