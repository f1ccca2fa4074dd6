import fc from 'fast-check'
import { expect, it } from 'vitest'
import { frequentSubstrings } from './substrings.ts'

/** By the definition: every substring of two symbols or more, in several places, with different symbols after it. */
function bySearch(text: number[], most: number): Map<string, number> {
  const followers = new Map<string, number[]>()
  for (let start = 0; start < text.length; start++) {
    for (let length = 1; length <= most && text[start + length - 1] !== 0; length++) {
      const key = text.slice(start, start + length).join()
      if (length > 1) followers.set(key, [...(followers.get(key) ?? []), text[start + length]])
    }
  }
  return new Map([...followers].filter(([, next]) => new Set(next).size > 1).map(([key, next]) => [key, next.length]))
}

it.each([3, 300])('finds every substring that branches, in an alphabet of %d', (alphabetSize) => {
  const word = fc.array(
    fc.integer({ min: 1, max: 2 }).map((s) => (alphabetSize > 3 ? s * 100 : s)),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), fc.integer({ min: 2, max: 6 }), (words, most) => {
      const text = words.flatMap((word) => [...word, 0])
      const { starts, lengths, counts } = frequentSubstrings(Int32Array.from(text), alphabetSize, most)
      const found = Array.from({ length: starts.length }, (_, i): [string, number] => [
        text.slice(starts.data[i], starts.data[i] + lengths.data[i]).join(),
        counts.data[i],
      ])
      expect(new Map(found)).toEqual(bySearch(text, most))
      expect(new Map(found).size).toBe(found.length)
    }),
    { numRuns: 500 },
  )
})
