import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Bm25, wordsOf } from './bm25.ts'

type Case = { query: string; k1: number; b: number; scores: number[] }
const { texts, cases }: { texts: string[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL('../../test/golden/bm25.json', import.meta.url), 'utf8'),
)

describe('Bm25', () => {
  it.each(cases)('ranks $query with k1 $k1, b $b as the definition does', ({ query, k1, b, scores }) => {
    const { ids, scores: found } = new Bm25(texts, { k1, b }).search(query, 99)
    const matching = scores.map((score, i) => ({ score, i })).filter(({ score }) => score > 0)
    matching.sort((x, y) => y.score - x.score || x.i - y.i)
    expect([...ids]).toEqual(matching.map(({ i }) => i))
    for (const [i, score] of found.entries()) expect(score).toBeCloseTo(matching[i].score, 5)
  })

  it('serves no texts, empty texts, and queries without words', () => {
    expect(new Bm25([]).search('a', 3).ids).toHaveLength(0)
    expect([...new Bm25(['', 'a', '']).search('a', 3).ids]).toEqual([1])
    expect(new Bm25(['a']).search('?!', 3).ids).toHaveLength(0)
    expect(new Bm25(['constructor __proto__']).search('constructor', 3).ids).toHaveLength(1)
  })
})

describe('wordsOf', () => {
  it('folds case and compatibility forms, and cuts what has no spaces', () => {
    expect(wordsOf('The DOG’s ﬁsh, café №5')).toEqual(['the', "dog's", 'fish', 'café', 'no5'])
    expect(wordsOf('我喜欢音乐 ok')).toEqual([...wordsOf('我喜欢音乐'), 'ok'])
    expect(wordsOf('我喜欢音乐')).toContain('音乐')
  })
})
