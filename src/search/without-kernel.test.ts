import { expect, it, vi } from 'vitest'
import { VectorIndex } from './vector-index.ts'

vi.mock('./scan.js', async (original) => ({ ...(await original<typeof import('./scan.js')>()), hasKernel: false }))

it('an index without WebAssembly searches exactly, and refuses a graph', async () => {
  const index = new VectorIndex({ width: 2, metric: 'dot' })
  index.add(['a', 'b', 'c'], Float32Array.of(1, 0, 2, 0, 3, 0))
  index.remove('b')
  const found = [
    { key: 'c', score: 3 },
    { key: 'a', score: 1 },
  ]
  expect(index.search(Float32Array.of(1, 0), 5)).toEqual(found)
  expect(await index.searchByThreads(Float32Array.of(1, 0), 5, 2)).toEqual([found])
  expect(() => index.add(['d'], Float32Array.of(1, NaN))).toThrow('finite')
  expect(() => new VectorIndex({ width: 2, approximate: true })).toThrow('needs WebAssembly')
})
