import { describe, expect, it } from 'vitest'
import { subwordRows, vectorOfNgrams } from './subword-rows.ts'
import { ngramBuckets } from './subwords.ts'

const config = { minn: 3, maxn: 4, bucket: 1000 }

describe('rows of words made of n-grams', () => {
  it("are a word's own and one for each number that its n-grams have", () => {
    const words = ['cat', 'cats', 'é']
    const { at, of, buckets } = subwordRows(words, config)
    for (const [w, word] of words.entries()) {
      const [own, ...ngrams] = of.subarray(at[w], at[w + 1])
      expect(own).toBe(w)
      expect(ngrams.map((row) => buckets[row - words.length])).toEqual(ngramBuckets(Buffer.from(word), config))
    }
    expect(Array.from(buckets)).toEqual(Array.from(buckets).sort((a, b) => a - b))
    expect(new Set(buckets).size).toBe(buckets.length)
  })

  it('give an unknown word the mean of the n-grams that were seen, and no vector where there are none', () => {
    const numbers = ngramBuckets(Buffer.from('cat'), config)
    const known = Int32Array.from(new Set(numbers.slice(0, 2))).sort()
    const vectors = Float32Array.from({ length: 2 * known.length }, (_, i) => i)
    expect(vectorOfNgrams('cat', config, known, vectors)).toEqual(Float32Array.of(1, 2))
    expect(vectorOfNgrams('cat', config, Int32Array.of(), new Float32Array())).toBeUndefined()
  })
})
