import { expect, it } from 'vitest'
import { bleu, corpusBleu } from './bleu.ts'
import { byLength } from './by-length.ts'
import { corpusStatistics } from './corpus-metric.ts'
import { exactMatches } from './exact-match.ts'

const hypotheses = ['a b c d', 'a b c d e', 'x y z w v', 'a b c d e f', 'p q r s t']
const references = ['a b c d', 'a b c d f', 'x y z w v', 'a b x d e f', 'p q r s']
const statistics = corpusStatistics(bleu(), hypotheses, [references])

it('gives each range of lengths its own corpus score, and leaves out ranges without sentences', () => {
  const found = byLength(bleu(), statistics, [3, 10, 5, 40, 10], [5, 9, 10, 20])
  const alone = (...members: number[]) => {
    const picked = (texts: string[]) => members.map((i) => texts[i]!)
    return corpusBleu(picked(hypotheses), [picked(references)]).score
  }
  expect(found).toEqual([
    { from: 3, to: 5, sentences: 2, score: alone(0, 2) },
    { from: 10, to: 10, sentences: 2, score: alone(1, 4) },
    { from: 21, to: 40, sentences: 1, score: alone(3) },
  ])
})

it('refuses lengths that do not pair and bounds that do not ascend', () => {
  expect(() => byLength(bleu(), statistics, [1, 2])).toThrow('2 lengths, 5 sentences')
  expect(() => byLength(bleu(), statistics, [1, 2, 3, 4, 5], [5, 5])).toThrow('bounds must ascend')
})

it('matches exactly one of several references, but for space at the ends', () => {
  expect(
    exactMatches(
      ['a b ', 'c', 'D'],
      [
        ['x', 'c', 'd'],
        ['a b', 'y', 'd'],
      ],
    ),
  ).toEqual([1, 1, 0])
  expect(() => exactMatches(['a'], [['a', 'b']])).toThrow('1 hypotheses, 2 references')
})
