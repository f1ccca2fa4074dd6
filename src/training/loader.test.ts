import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Loader } from './loader.ts'

const take = (loader: Loader, n: number) => Array.from({ length: n }, () => [...loader.next()])

describe('a loader', () => {
  it('gives each example once an epoch', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (lengths, batch) => {
        const loader = new Loader(lengths, { batch, seed: 1 })
        const epoch = take(loader, loader.batchesPerEpoch).flat()
        expect(epoch.sort((a, b) => a - b)).toEqual([...lengths.keys()])
      }),
    )
  })

  it('goes on from a state as if it had never stopped', () => {
    const lengths = Array.from({ length: 37 }, (_, i) => i % 7)
    const whole = new Loader(lengths, { batch: 5, seed: 2 })
    for (let i = 0; i < 20; i++) {
      const resumed = new Loader(lengths, { batch: 5, seed: 2 }, whole.state)
      const rest = new Loader(lengths, { batch: 5, seed: 2 }, whole.state)
      expect(take(resumed, 9)).toEqual(take(rest, 9))
      expect([...new Loader(lengths, { batch: 5, seed: 2 }, whole.state).next()]).toEqual([...whole.next()])
    }
  })

  it('orders every epoch and every seed anew', () => {
    const lengths = Array(40).fill(3)
    const loader = new Loader(lengths, { batch: 4, seed: 1 })
    const [first, second] = [take(loader, 10), take(loader, 10)]
    expect(first).not.toEqual(second)
    expect(first).not.toEqual(take(new Loader(lengths, { batch: 4, seed: 2 }), 10))
  })

  it('puts texts of like length together', () => {
    const lengths = Array.from({ length: 500 }, (_, i) => i % 100)
    const loader = new Loader(lengths, { batch: 10, seed: 1 })
    const spreads = take(loader, loader.batchesPerEpoch).map((batch) => {
      const of = batch.map((i) => lengths[i])
      return Math.max(...of) - Math.min(...of)
    })
    expect(Math.max(...spreads)).toBeLessThanOrEqual(3)
  })
})
