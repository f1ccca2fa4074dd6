import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoquentError } from '../../errors.ts'
import { writeCounts, writeVectors } from '../../formats/word2vec-write.ts'
import { KeyedVectors } from './keyed-vectors.ts'
import { loadWordVectors } from './load.ts'

const FILES = 'test/golden/vectors'
const golden = JSON.parse(readFileSync('test/golden/word_vectors.json', 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'loquent-'))
const vectors = Float32Array.from(golden.vectors.flat())
const table = { words: golden.words as string[], vectors, counts: golden.counts as number[] }

let files = 0
function fileOf(content: string | Uint8Array): string {
  const path = join(folder, `vectors-${files++}`)
  writeFileSync(path, content)
  return path
}
const load = async (content: string | Uint8Array, options = {}) => (await loadWordVectors(fileOf(content), options)).vectors

describe('files that gensim wrote', () => {
  it.each(['word2vec.txt', 'word2vec.txt.gz', 'word2vec.bin', 'glove.txt'])('%s', async (name) => {
    const { vectors: kv, duplicates } = await loadWordVectors(join(FILES, name), { counts: join(FILES, 'counts.txt') })
    expect(duplicates).toBe(0)
    expect(kv.words).toEqual(golden.savedOrder)
    for (const [i, word] of table.words.entries()) {
      expect(kv.vector(word)).toEqual(vectors.subarray(i * 8, (i + 1) * 8))
      expect(kv.counts![kv.indexOf(word)]).toBe(golden.counts[i])
    }
  })

  it.each(['word2vec.txt', 'word2vec.bin', 'glove.txt'])('%s is what we write, to the byte', async (name) => {
    const path = join(folder, name)
    await writeVectors(path, table, { binary: name.endsWith('.bin'), header: name !== 'glove.txt' })
    expect(readFileSync(path).equals(readFileSync(join(FILES, name)))).toBe(true)
  })

  it('counts and compressed text are what we write', async () => {
    const [counts, text] = [join(folder, 'counts.txt'), join(folder, 'text.gz')]
    await writeCounts(counts, table.words, table.counts)
    await writeVectors(text, table)
    expect(readFileSync(counts, 'utf8')).toBe(readFileSync(join(FILES, 'counts.txt'), 'utf8'))
    expect(gunzipSync(readFileSync(text)).equals(readFileSync(join(FILES, 'word2vec.txt')))).toBe(true)
  })

  it.each(['word2vec.txt', 'word2vec.bin'])('%s up to a limit', async (name) => {
    const { vectors: kv } = await loadWordVectors(join(FILES, name), { limit: 3 })
    expect(kv.words).toEqual(golden.savedOrder.slice(0, 3))
    await expect(loadWordVectors(join(FILES, name), { limit: 0 })).rejects.toThrow('a whole number from 1')
  })
})

describe('files of fastText', () => {
  type Case = { file: string; words: number; vectors: [string, number[]][]; nearest?: [string, number][] }
  it.each(golden.fastText as Case[])('$file', async ({ file, words, vectors, nearest }) => {
    const { vectors: kv } = await loadWordVectors(join(FILES, file))
    expect(kv.size).toBe(words)
    for (const [word, expected] of vectors) {
      if (!kv.knows(word))
        expect(new Set(expected)).toEqual(new Set([0])) // fastText says zero where we say unknown
      else for (const [c, x] of expected.entries()) expect(kv.vector(word)[c], word).toBeCloseTo(x, 6)
    }
    const found = kv.knows('teas') ? kv.mostSimilar({ positive: ['teas'], topn: 5 }) : []
    if (nearest) expect(found.map(({ word }) => word)).toEqual(nearest.map(([word]) => word))
    for (const [i, [, similarity]] of (nearest ?? []).entries()) expect(found[i].similarity).toBeCloseTo(similarity, 6)
  })

  it('compressed', async () => {
    const bytes = readFileSync(join(FILES, 'fasttext-skipgram.bin'))
    expect((await load(gzipSync(bytes))).vectors).toEqual((await load(bytes)).vectors)
  })
})

describe('layouts seen in the wild', () => {
  it('words with spaces in them, without a header', async () => {
    const kv = await load('. . 0.5 1\nthe 1 2\nof 3 4\nat name@domain.com 5 6\n')
    expect(kv.words).toEqual(['. .', 'the', 'of', 'at name@domain.com'])
    expect([...kv.vector('at name@domain.com')]).toEqual([5, 6])
  })

  it('spaces at the ends of lines, as word2vec.c and fastText leave them, and Windows line ends', async () => {
    expect((await load('2 2\r\na 1 2 \r\nb 3 4 \r\n')).words).toEqual(['a', 'b'])
  })

  it('a line break before each word of a binary, as word2vec.c writes it', async () => {
    const bytes = Buffer.concat(
      ['2 1\n', 'a ', Buffer.from(Float32Array.of(7).buffer), '\nb ', Buffer.from(Float32Array.of(8).buffer), '\n'].map((x) =>
        Buffer.from(x as string),
      ),
    )
    const kv = await load(bytes)
    expect(kv.words).toEqual(['a', 'b'])
    expect([...kv.vectors]).toEqual([7, 8])
  })

  it('a word given twice: the first is kept, and it is told', async () => {
    const { vectors: kv, duplicates } = await loadWordVectors(fileOf('3 1\na 1\nb 2\na 3\n'))
    expect(duplicates).toBe(1)
    expect([kv.words, [...kv.vectors]]).toEqual([
      ['a', 'b'],
      [1, 2],
    ])
  })

  it('words that are not UTF-8: refused, or escaped', async () => {
    const float = Buffer.from(Float32Array.of(1).buffer)
    const bytes = Buffer.concat([Buffer.from('1 1\n'), Buffer.from([0x61, 0xe6, 0x97]), Buffer.from(' '), float])
    await expect(load(bytes)).rejects.toThrow(/byte 4: words must be UTF-8\n {2}got {4}a\\xe6\\x97/)
    expect((await load(bytes, { invalidUtf8: 'escape' })).words).toEqual(['a\\xe6\\x97'])
    await expect(
      load(Buffer.concat([Buffer.from('2 2\na 1 2\nb'), Buffer.from([0xe6]), Buffer.from(' 1 2\n')])),
    ).rejects.toThrow()
  })
})

describe('damaged files', () => {
  it.each([
    ['3 2\na 1 2\nb 3\nc 4 5\n', /line 3: must hold a word and 2 numbers.*\n.*1 fields/],
    ['2 2\na 1 2\nb 3 4 5\n', /line 3: must hold a word and 2 numbers.*\n.*3 fields/],
    ['2 2\na 1 2\nb 3 x\n', 'line 3'],
    ['2 2\na 1  2\nb 3 4\n', 'line 2'],
    ['2 2\na 1 nan\nb 3 4\n', 'line 2'],
    ['2 2\na 1 1e999\nb 3 4\n', 'line 2'],
    ['2 2\na 1 0x1\nb 3 4\n', 'line 2'],
    ['3 2\na 1 2\nb 3 4\n', 'must hold the 3 words of its first line\n  got    2'],
    ['1 2\na 1 2\nb 3 4\n', 'line 3: the first line announces 1 words'],
    ['0 2\n', 'at least one word'],
    ['2 0\na\nb\n', 'a width of 1'],
    ['900000000000000 300\na 1 2\n', 'line 2'],
    ['the\nof\n', 'each line must hold a word and its numbers'],
    ['', 'each line must hold a word and its numbers'],
    ['\n\n', 'each line must hold a word and its numbers'],
  ])('text %#', async (content, message) => {
    await expect(load(content)).rejects.toThrow(message)
  })

  const binary = readFileSync(join(FILES, 'word2vec.bin'))
  const headed = (header: string) => Buffer.concat([Buffer.from(header), binary.subarray(binary.indexOf(10) + 1)])

  it('a binary cut anywhere', async () => {
    for (let end = 8; end < binary.length; end += 37)
      await expect(load(binary.subarray(0, end)), String(end)).rejects.toThrow(LoquentError)
    await expect(load(binary.subarray(0, binary.length - 1))).rejects.toThrow(/byte \d+: the file ends within entry 28/)
  })

  it('a compressed binary cut short', async () => {
    await expect(load(gzipSync(binary.subarray(0, 500)))).rejects.toThrow('the file ends within entry')
  })

  it('counts that lie, before anything is allocated', async () => {
    await expect(load(headed('99999999999 8\n'))).rejects.toThrow('99999999999 vectors of 8 numbers')
    await expect(load(gzipSync(headed('20000000 8\n')))).rejects.toThrow('at most 16777215 words')
    await expect(load(headed('28 1000000\n'))).rejects.toThrow('28 vectors of 1000000 numbers')
    await expect(load(headed('999999999999999 999999999999999\n'))).rejects.toThrow('a width of 1')
    await expect(load(headed('27 8\n'))).rejects.toThrow('announces 27 words')
    await expect(load(gzipSync(headed('16000000 8\n')))).rejects.toThrow('the file ends within entry 29')
  })

  it.each(['fasttext-skipgram.bin', 'fasttext-pruned.ftz'])('%s cut anywhere', async (name) => {
    const bytes = readFileSync(join(FILES, name))
    for (let end = 4; end < bytes.length; end += 61)
      await expect(load(bytes.subarray(0, end)), String(end)).rejects.toThrow(LoquentError)
    await expect(load(Buffer.concat([bytes, Buffer.from([0])]))).rejects.toThrow('end of the file')
  })

  it('any byte of any file changed: an answer or a clear error', async () => {
    const originals = [
      'word2vec.bin',
      'word2vec.txt',
      'fasttext-skipgram.bin',
      'fasttext-quantised.ftz',
      'fasttext-pruned.ftz',
    ].map((name) => readFileSync(join(FILES, name)))
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }), early: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.nat(originals.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), async (which, changes) => {
        const bytes = Buffer.from(originals[which])
        for (const { at, to, early } of changes) bytes[at % (early ? 120 : bytes.length)] = to
        await load(bytes).then(
          (kv) => expect(kv).toBeInstanceOf(KeyedVectors),
          (error) => expect(error).toBeInstanceOf(LoquentError),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('a counts file that lacks a word or breaks its form', async () => {
    await expect(load('1 1\na 1\n', { counts: fileOf('b 3\n') })).rejects.toThrow('none for "a"')
    await expect(load('1 1\na 1\n', { counts: fileOf('a 3\nb\n') })).rejects.toThrow('line 2: must hold a word and its count')
  })

  it('words that the format cannot hold are not written', async () => {
    for (const word of ['New York', 'a\nb', '\ud800']) {
      await expect(writeVectors(join(folder, 'bad'), { words: [word], vectors: Float32Array.of(1) })).rejects.toThrow(
        'has no space',
      )
    }
  })
})
