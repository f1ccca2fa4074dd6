import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { writeVectors } from '../../formats/word2vec-write.ts'
import { openWordVectors } from './abilities.ts'
import { loadWordVectors } from './load.ts'
import { VectorFile } from './vector-file.ts'

const path = 'test/golden/vectors/word2vec.bin'
const folder = mkdtempSync(join(tmpdir(), 'loquent-'))

describe('vectors that stay in their file', () => {
  it('answer as those in memory', async () => {
    const { vectors: kv } = await loadWordVectors(path)
    await using file = await VectorFile.open(path)
    expect(file.words).toEqual(kv.words)
    for (const query of [
      { positive: ['king'] },
      { positive: ['Norway', 'Rome'], negative: ['Oslo'] },
      { positive: [[1, 2, 3, 4, 5, 6, 7, 8]] },
    ]) {
      for (const options of [{}, { topn: 2, restrictVocab: 9 }]) {
        expect(await file.mostSimilar({ ...query, ...options })).toEqual(kv.mostSimilar({ ...query, ...options }))
      }
    }
    const some = await file.select(['tea', '日本', 'tea'])
    expect(some.words).toEqual(['tea', '日本'])
    expect(some.vector('日本')).toEqual(kv.vector('日本'))
  })

  it('more than a block of them', async () => {
    const width = 300
    const words = Array.from({ length: 9000 }, (_, i) => `word${i}`)
    const vectors = Float32Array.from({ length: words.length * width }, (_, i) => Math.sin(i * 0.7 + Math.floor(i / width) ** 2))
    const large = join(folder, 'large.bin')
    await writeVectors(large, { words, vectors }, { binary: true })
    await using file = await VectorFile.open(large)
    const { vectors: kv } = await loadWordVectors(large)
    expect(await file.mostSimilar({ positive: ['word8999'] })).toEqual(kv.mostSimilar({ positive: ['word8999'] }))
    expect((await file.select(['word4711'])).vector('word4711')).toEqual(vectors.subarray(4711 * width, 4712 * width))
    truncateSync(large, 5_000_000)
    await expect(file.mostSimilar({ positive: ['word1'] })).rejects.toThrow('may not change while it is open')
  })

  it('refuse unknown words, nonsense and compressed files', async () => {
    await using file = await VectorFile.open(path)
    await expect(file.select(['brothr'])).rejects.toThrow('did you mean "brother"?')
    await expect(file.mostSimilar({ positive: ['king'], topn: 0 })).rejects.toThrow('topn')
    await expect(file.mostSimilar({})).rejects.toThrow('at least one word or vector')
    await expect(file.mostSimilar({ positive: [[1, 2]] })).rejects.toThrow('8 finite numbers')
    const compressed = join(folder, 'vectors.bin.gz')
    writeFileSync(compressed, gzipSync(readFileSync(path)))
    await expect(VectorFile.open(compressed)).rejects.toThrow('not compressed')
  })

  it('are the same model', async () => {
    await using memory = await openWordVectors(path)
    await using disk = await openWordVectors(path, { onDisk: true })
    expect(disk.notes).toEqual(['the vectors are larger than half of the free memory and stay in their file'])
    const texts = ['the king drinks tea', 'no such words', 'bread']
    expect(await disk.embed(texts)).toEqual(await memory.embed(texts))
    expect(await disk.neighbors({ positive: ['king'] })).toEqual(await memory.neighbors({ positive: ['king'] }))
    expect(await disk.embed(['nothing here'])).toEqual(await memory.embed(['nothing here']))
  })
})
