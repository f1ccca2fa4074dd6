import { describe, expect, it } from 'vitest'
import type { TokenPairs } from '../models/seq2seq-loss.ts'
import { Random } from '../tensor/random.ts'
import { TokenBatches } from './token-batches.ts'

const random = new Random(1)
const texts = () => Array.from({ length: 500 }, () => new Int32Array(1 + random.below(30)))
const pairs: TokenPairs = { sources: texts(), targets: texts() }
const options = { batchTokens: 256, seed: 3 }

function epoch(batches: TokenBatches): Int32Array[] {
  return Array.from({ length: batches.batchesPerEpoch }, () => batches.next())
}

const padded = (batch: Int32Array, side: readonly Int32Array[]) => Math.max(...Array.from(batch, (i) => side[i].length))
const size = (batch: Int32Array) => batch.length * (padded(batch, pairs.sources) + padded(batch, pairs.targets) + 1)

describe('batches by tokens', () => {
  it('hold every pair once an epoch, in an order that changes', () => {
    const batches = new TokenBatches(pairs, options)
    const orders = [epoch(batches), epoch(batches)].map((all) => all.flatMap((batch) => [...batch]))
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...pairs.sources.keys()])
    expect(orders[0]).not.toEqual(orders[1])
  })

  it('stay within their tokens, padding included, and are nearly full', () => {
    const sizes = epoch(new TokenBatches(pairs, options)).map(size)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(options.batchTokens)
    const real = [...pairs.sources, ...pairs.targets].reduce((sum, { length }) => sum + length, pairs.targets.length)
    expect(real / sizes.reduce((a, b) => a + b)).toBeGreaterThan(0.75)
  })

  it('go on from where they stood', () => {
    const whole = new TokenBatches(pairs, options)
    const first = Array.from({ length: whole.batchesPerEpoch + 3 }, () => whole.next())
    const resumed = new TokenBatches(pairs, options, whole.state)
    expect(first.length).toBeGreaterThan(3)
    for (let i = 0; i < 20; i++) expect(resumed.next()).toEqual(whole.next())
  })

  it('refuse a pair that no batch holds, and no pair at all', () => {
    expect(() => new TokenBatches(pairs, { batchTokens: 20, seed: 1 })).toThrow(/must hold the longest pair/)
    expect(() => new TokenBatches({ sources: [], targets: [] }, options)).toThrow(/at least one pair/)
  })
})
