import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LoquentError } from '../errors.ts'
import { openSafetensors, type SafetensorsInput, writeSafetensors } from '../formats/safetensors.ts'
import { loadVectorIndex, saveVectorIndex } from './index-file.ts'
import { type IndexMetric, VectorIndex } from './vector-index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-search-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function random(size: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  })
}

const names = (rows: number, prefix = 'v') => Array.from({ length: rows }, (_, i) => `${prefix}${i}`)

/** Groups of vectors around common centres, as those of texts are. */
function clustered(rows: number, width: number, seed: number): Float32Array {
  const centres = random(20 * width, 99)
  return random(rows * width, seed).map((x, i) => centres[(Math.floor(i / width) % 20) * width + (i % width)] + 0.5 * x)
}

/** The keys of the k largest scores among the vectors that are there, by the definition; ties by the order of adding. */
function expected(vectors: Map<string, Float32Array>, query: Float32Array, k: number, metric: IndexMetric): string[] {
  const scored = [...vectors].map(([key, v]) => {
    const product = v.reduce((sum, x, i) => sum + x * query[i], 0)
    return { key, score: metric === 'dot' ? product : -v.reduce((sum, x, i) => sum + (x - query[i]) ** 2, 0) }
  })
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, k)
    .map(({ key }) => key)
}

const keysOf = (found: { key: string }[]) => found.map(({ key }) => key)

describe('an exact VectorIndex', () => {
  const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 5, maxLength: 5 })
  const key = fc.integer({ min: 0, max: 40 }).map((n) => `k${n}`)
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.record({ type: fc.constant('add' as const), key, vector }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('remove' as const), key }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const) }) },
  )

  it('answers after any additions, removals and reloads as a search of what is left', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 250 }),
        vector,
        fc.constantFrom<IndexMetric>('dot', 'euclidean'),
        async (operations, query, metric) => {
          let index = new VectorIndex({ width: 5, metric })
          const model = new Map<string, Float32Array>()
          const path = join(folder, `exact-${run++}`)
          for (const operation of operations) {
            if (operation.type === 'add') {
              model.delete(operation.key)
              model.set(operation.key, Float32Array.from(operation.vector))
              index.add([operation.key], Float32Array.from(operation.vector))
            } else if (operation.type === 'remove') {
              expect(index.remove(operation.key)).toBe(model.delete(operation.key))
            } else {
              await saveVectorIndex(index, path)
              index = await loadVectorIndex(path)
            }
          }
          expect(index.size).toBe(model.size)
          const q = Float32Array.from(query)
          expect(keysOf(index.search(q, 7))).toEqual(expected(model, q, 7, metric))
          for (const [key, vector] of model) expect(index.get(key)).toEqual(vector)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('compares directions where the metric is the cosine', () => {
    const index = new VectorIndex({ width: 2 })
    index.add(['far', 'near', 'zero'], Float32Array.of(0, 900, 1e-3, 1e-3, 0, 0))
    expect(index.search(Float32Array.of(5, 0), 3)).toEqual([
      { key: 'near', score: Math.fround(Math.SQRT1_2) },
      { key: 'far', score: 0 },
      { key: 'zero', score: 0 },
    ])
  })

  it('searches by threads as alone, also while it changes', async () => {
    const [rows, width] = [30_000, 16]
    using index = new VectorIndex({ width, metric: 'dot' })
    index.add(names(rows), random(rows * width, 1))
    const queries = random(3 * width, 2)
    const alone = index.searchMany(queries, 5)
    expect(await index.searchByThreads(queries, 5, 2)).toEqual(alone)
    const searching = index.searchByThreads(queries, 5, 2)
    index.remove(alone[0][0].key)
    expect(keysOf((await searching)[0])).toEqual(keysOf(index.searchMany(queries, 5)[0]))
  })

  it.each([
    ['a key twice', () => add(['a', 'a'], [1, 2, 3, 4]), 'a key is given once'],
    ['half a surrogate pair', () => add(['\ud800'], [1, 2]), 'keys are Unicode'],
    ['NaN', () => add(['a', 'b'], [1, 2, NaN, 4]), 'at dimension 0'],
    ['a wrong width', () => add(['a'], [1, 2, 3]), 'width of the index'],
    ['a wrong query', () => add([], []).search(new Float32Array(3), 1), 'width of the index'],
    ['an infinite query', () => add(['a'], [1, 2]).search(Float32Array.of(1, Infinity), 1), 'finite'],
    ['a negative k', () => add(['a'], [1, 2]).search(new Float32Array(2), -1), 'search: k'],
    ['no width', () => new VectorIndex({ width: 0 }), 'search: width'],
    ['one link', () => new VectorIndex({ width: 2, approximate: { m: 1 } }), 'search: m'],
    ['ef 0', () => add([], []).search(new Float32Array(2), 1, { ef: 0 }), 'search: ef'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(LoquentError)
    expect(act).toThrow(message)
  })

  it('adds all of a batch or nothing', () => {
    const index = new VectorIndex({ width: 2, metric: 'dot' })
    index.add(['a'], Float32Array.of(1, 1))
    expect(() => index.add(['a', 'b', 'c'], Float32Array.of(2, 2, 3, 3, NaN, 0))).toThrow('finite')
    index.add(['d'], Float32Array.of(0, 1))
    expect(keysOf(index.search(Float32Array.of(1, 1), 9))).toEqual(['a', 'd'])
  })
})

function add(keys: string[], numbers: number[]): VectorIndex {
  const index = new VectorIndex({ width: 2, metric: 'dot' })
  index.add(keys, Float32Array.from(numbers))
  return index
}

describe('an approximate VectorIndex', () => {
  const [rows, width] = [3000, 20]
  const options = { width, approximate: { m: 8, efConstruction: 60, seed: 3 } }

  it.each<[string, IndexMetric, (rows: number, width: number, seed: number) => Float32Array]>([
    ['clusters, cosine', 'cosine', clustered],
    ['clusters, Euclidean', 'euclidean', clustered],
    ['no structure at all', 'cosine', (rows, width, seed) => random(rows * width, seed)],
  ])('finds at least 95 of 100 true neighbours: %s', (_, metric, make) => {
    const index = new VectorIndex({ ...options, metric })
    index.add(names(rows), make(rows, width, 1))
    const queries = make(100, width, 2)
    expect(recall(index, queries, 200)).toBeGreaterThan(0.95)
  })

  it('is a function of its seed', () => {
    const build = (seed: number) => {
      const index = new VectorIndex({ width, approximate: { m: 4, efConstruction: 20, seed } })
      index.add(names(500), random(500 * width, 1))
      return index.state().graph
    }
    expect(build(1)).toEqual(build(1))
    expect(build(1)?.towers).not.toEqual(build(2)?.towers)
  })

  it('gives the scores of the exact search', () => {
    const index = new VectorIndex(options)
    index.add(names(rows), clustered(rows, width, 1))
    const query = clustered(1, width, 5)
    const exact = new Map(index.search(query, rows, { exact: true }).map(({ key, score }) => [key, score]))
    for (const { key, score } of index.search(query, 10)) expect(score).toBe(exact.get(key))
  })

  it('finds no removed vector, the others still, and is rebuilt where most are removed', () => {
    const index = new VectorIndex(options)
    const all = names(rows)
    index.add(all, clustered(rows, width, 1))
    const queries = clustered(50, width, 2)
    for (const share of [0.3, 0.8]) {
      for (const key of all.slice(0, rows * share)) index.remove(key)
      expect(index.size).toBe(rows - rows * share)
      const found = index.searchMany(queries, 10).flat()
      expect(found.some(({ key }) => Number(key.slice(1)) < rows * share)).toBe(false)
      expect(recall(index, queries, 100)).toBeGreaterThan(0.95)
    }
    expect(index.state().keys.length).toBeLessThan(rows / 2)
  })

  it('finds a replaced vector at its new place only', () => {
    const index = new VectorIndex({ ...options, metric: 'euclidean' })
    index.add(names(rows), clustered(rows, width, 1))
    const moved = new Float32Array(width).fill(50)
    index.add(['v7'], moved)
    expect(index.search(moved, 1)[0]).toEqual({ key: 'v7', score: -0 })
    expect(index.size).toBe(rows)
  })

  it('puts up with a thousand equal vectors, and with one', () => {
    const index = new VectorIndex({ ...options, metric: 'euclidean' })
    index.add(['first'], new Float32Array(width))
    expect(keysOf(index.search(new Float32Array(width), 3))).toEqual(['first'])
    index.add(names(1000), new Float32Array(1000 * width))
    index.add(['other'], new Float32Array(width).fill(1))
    expect(index.search(new Float32Array(width).fill(1), 1)[0].key).toBe('other')
    expect(index.search(new Float32Array(width), 20).every(({ score }) => score === 0)).toBe(true)
  })

  it('goes on from a file as if it had never been away', async () => {
    const path = join(folder, 'graph')
    const [first, second] = [clustered(600, width, 1), clustered(200, width, 7)]
    const whole = new VectorIndex(options)
    whole.add(names(600), first)
    whole.remove('v3')
    await saveVectorIndex(whole, path)
    const loaded = await loadVectorIndex(path)
    for (const index of [whole, loaded]) index.add(names(200, 'w'), second)
    expect(loaded.state()).toEqual(whole.state())
    expect(loaded.search(first.subarray(0, width), 10)).toEqual(whole.search(first.subarray(0, width), 10))
  })
})

function recall(index: VectorIndex, queries: Float32Array, ef: number): number {
  const exact = index.searchMany(queries, 10, { exact: true })
  const found = index.searchMany(queries, 10, { ef }).map((hits) => new Set(keysOf(hits)))
  const hits = exact.map((truth, i) => truth.filter(({ key }) => found[i].has(key)).length)
  return hits.reduce((sum, n) => sum + n, 0) / (10 * exact.length)
}

describe('an index file', () => {
  const rows = 300
  const width = 4
  let tensors: [string, SafetensorsInput][]
  let metadata: Record<string, string>
  beforeAll(async () => {
    const index = new VectorIndex({ width, approximate: { m: 4, efConstruction: 20 } })
    index.add(names(rows, 'é'), random(rows * width, 1))
    index.remove('é5')
    await saveVectorIndex(index, join(folder, 'sound'))
    await using file = await openSafetensors(join(folder, 'sound'))
    metadata = { ...file.metadata }
    tensors = await Promise.all(
      [...file.tensors].map(async ([name, { dtype, shape, read }]) => {
        return [name, { dtype, shape, data: await read() }] as [string, SafetensorsInput]
      }),
    )
  })

  const changed = (name: string, change: (data: any) => void) => () => {
    const [, tensor] = tensors.find(([other]) => other === name)!
    const data = (tensor.data as Float32Array).slice()
    change(data)
    return { tensors: tensors.map(([other, t]) => [other, other === name ? { ...t, data } : t] as const), metadata }
  }
  /** A row that is in the lowest layer only. */
  const lowRow = () => (tensors.find(([name]) => name === 'graph.towers')![1].data as Uint8Array).indexOf(0)
  const without = (name: string) => () => ({ tensors: tensors.filter(([other]) => other !== name), metadata })
  const told = (change: Record<string, string | undefined>) => () => {
    const pairs = Object.entries({ ...metadata, ...change }).filter(([, value]) => value !== undefined)
    return { tensors, metadata: Object.fromEntries(pairs) as Record<string, string> }
  }

  it.each([
    ['another format', told({ format: 'x' }), 'loquent vector index'],
    ['another version', told({ version: '2' }), 'version'],
    ['an unknown metric', told({ metric: 'manhattan' }), 'metric'],
    ['no width', told({ width: undefined }), 'width'],
    ['a width of others', told({ width: '5' }), 'tensor vectors'],
    ['a huge width', told({ width: '4000000000' }), 'tensor vectors'],
    ['a fractional m', told({ m: '4.5' }), 'm is a whole number'],
    ['an m of others', told({ m: '5' }), 'graph.links'],
    ['an m beyond all use', told({ m: '100000' }), 'graph.links'],
    ['no entry', told({ entry: undefined }), 'the entry is a row of the top layer'],
    ['an entry beyond the rows', told({ entry: '300' }), 'the entry is a row of the top layer'],
    ['an empty graph over rows', told({ entry: '-1' }), 'the entry is a row of the top layer'],
    ['ef_construction 0', told({ ef_construction: '0' }), 'efConstruction'],
    ['a seed beyond 32 bits', told({ seed: '9999999999' }), 'seed'],
    ['no vectors', without('vectors'), 'tensor vectors'],
    ['no keys', without('keys'), 'tensor keys'],
    ['no key lengths', without('key_lengths'), 'tensor key_lengths'],
    ['no towers', without('graph.towers'), 'graph.towers'],
    ['no links', without('graph.links'), 'graph.links'],
    ['no upper links', without('graph.upper_links'), 'graph.upper_links'],
    ['a vector with NaN', changed('vectors', (v) => v.fill(NaN, 9, 10)), 'row 2'],
    ['a key that is too long', changed('key_lengths', (v) => v.fill(5000, 0, 1)), 'keys lie within'],
    ['keys that end early', changed('key_lengths', (v) => v.fill(0, 299)), 'the keys fill'],
    ['keys that are not UTF-8', changed('keys', (v) => v.fill(0xff, 0, 1)), 'keys are UTF-8'],
    ['a key twice', changed('keys', (v) => v.set(v.slice(0, 3), 3)), 'keys differ'],
    ['a link to nowhere', changed('graph.links', (v) => v.fill(300, 0, 1)), 'links lead to rows'],
    ['a negative link', changed('graph.links', (v) => v.fill(-2, 0, 1)), 'links lead to rows'],
    ['a link after the last', changed('graph.links', (v) => v.set([-1, 7], 0)), 'links lead to rows'],
    ['a link that leaves its layer', changed('graph.upper_links', (v) => v.fill(lowRow(), 0, 1)), 'links lead to rows'],
    ['a tower that is too tall', changed('graph.towers', (v) => v.fill(200, 0, 1)), 'graph.upper_links'],
  ])('with %s is refused', async (name, make, message) => {
    const path = join(folder, name)
    const { tensors, metadata } = make()
    await writeSafetensors(path, tensors, metadata)
    const error = await loadVectorIndex(path).then(
      () => undefined,
      (error) => error,
    )
    expect(error).toBeInstanceOf(LoquentError)
    expect(error.message).toContain(message)
  })

  it('never crashes a search, whatever bytes are changed', async () => {
    const bytes = await readFile(join(folder, 'sound'))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        async (changes) => {
          const path = join(folder, 'fuzzed')
          const damaged = Buffer.from(bytes)
          for (const [at, byte] of changes) damaged[at] = byte
          await writeFile(path, damaged)
          const index = await loadVectorIndex(path).catch((error) => {
            expect(error).toBeInstanceOf(LoquentError)
          })
          if (index) expect(index.search(random(index.width, 1), 5).length).toBeLessThanOrEqual(5)
        },
      ),
      { numRuns: 150 },
    )
  })
})
