import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NgramCounter } from './count.ts'

const V = 3
const texts = fc.array(fc.array(fc.nat({ max: V - 1 }), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 })

/** Occurrences of full n-grams, and of shorter ones the different tokens before them, by their tokens. */
function countsByHand(texts: readonly number[][], order: number): Map<string, number> {
  const found = new Map<string, Set<unknown>>()
  for (const [text, ids] of texts.entries()) {
    for (let at = 0; at < ids.length; at++) {
      for (let n = 1; n <= Math.min(order, ids.length - at); n++) {
        const gram = ids.slice(at, at + n).join(' ')
        if (!found.has(gram)) found.set(gram, new Set())
        found.get(gram)!.add(n === order ? `${text}:${at}` : ids[at - 1])
      }
    }
  }
  return new Map([...found].map(([gram, before]) => [gram, before.size]))
}

function countsOf({ tokens, counts, children }: ReturnType<NgramCounter['finish']>): Map<string, number> {
  const found = new Map<string, number>()
  const visit = (node: number, before: readonly number[]) => {
    const gram = node === 0 ? before : [...before, tokens[node]!]
    if (node > 0) found.set(gram.join(' '), counts[node]!)
    if (node >= children.length - 1) return
    for (let child = children[node]!; child < children[node + 1]!; child++) visit(child, gram)
  }
  visit(0, [])
  return found
}

/** Pushes texts in chunks whose sizes take turns. */
function count(texts: readonly number[][], order: number, blockTokens: number | undefined, sizes: readonly number[]) {
  const counter = new NgramCounter({ vocabSize: V, order, smoothing: 'kneser-ney' }, { blockTokens })
  let turn = 0
  for (const ids of texts) {
    for (let at = 0; at < ids.length; ) {
      const size = sizes[turn++ % sizes.length]!
      counter.push(Int32Array.from(ids.slice(at, at + size)))
      at += size
    }
    counter.endText()
  }
  return counter.finish()
}

const order = fc.integer({ min: 1, max: 5 })
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })

describe('an n-gram counter', () => {
  it('counts what counting by hand does', () => {
    fc.assert(
      fc.property(texts, order, (texts, order) => {
        const trie = count(texts, order, undefined, [100])
        expect(countsOf(trie)).toEqual(countsByHand(texts, order))
        expect(trie.counts[0]).toBe(texts.flat().length)
      }),
    )
  })

  it('counts the same whatever the chunks and blocks', () => {
    fc.assert(
      fc.property(texts, order, sizes, fc.integer({ min: 1, max: 12 }), (texts, order, sizes, blockTokens) => {
        expect(count(texts, order, blockTokens, sizes)).toEqual(count(texts, order, undefined, [100]))
      }),
      { numRuns: 500 },
    )
  })

  it('does not mind empty chunks and empty texts', () => {
    const counter = new NgramCounter({ vocabSize: V, order: 2, smoothing: 'kneser-ney' }, { blockTokens: 1 })
    const empty = new Int32Array()
    counter.endText()
    for (const ids of [empty, Int32Array.of(0, 1), empty]) counter.push(ids)
    for (let i = 0; i < 3; i++) counter.endText()
    counter.push(Int32Array.of(2, 0))
    const apart = ['01', '20'].map((text) => Array.from(text, Number))
    expect(counter.finish()).toEqual(count(apart, 2, undefined, [100]))
  })

  it('begins anew', () => {
    const counter = new NgramCounter({ vocabSize: V, order: 3, smoothing: 'kneser-ney' }, { blockTokens: 2 })
    counter.push(Int32Array.of(2, 2, 1, 2, 2, 0))
    counter.finish()
    expect(() => counter.finish()).toThrow(/at least one token/)
    counter.push(Int32Array.of(0, 1, 0))
    expect(counter.finish()).toEqual(count([[0, 1, 0]], 3, undefined, [100]))
  })

  it('names a wrong token by its place in all that came', () => {
    const counter = new NgramCounter({ vocabSize: V, order: 2, smoothing: 'kneser-ney' })
    counter.push(Int32Array.of(0, 1))
    expect(() => counter.push(Int32Array.of(2, 3))).toThrow(/token 3: ids must be from 0 to 2\n {2}got {4}3/)
    expect(counter.finish()).toEqual(count([[0, 1]], 2, undefined, [100]))
  })
})
