import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StopStrings } from './stop.ts'

function streamed(pieces: readonly string[], stops: readonly string[]): { text: string; stopped: boolean } {
  const matcher = new StopStrings(stops)
  const text = pieces.map((piece) => matcher.push(piece)).join('') + matcher.finish()
  return { text, stopped: matcher.stopped }
}

/** The whole text, cut where the earliest stop string begins. */
function cut(text: string, stops: readonly string[]): { text: string; stopped: boolean } {
  const starts = stops.map((stop) => text.indexOf(stop)).filter((start) => start >= 0)
  return { text: text.slice(0, Math.min(...starts)), stopped: starts.length > 0 }
}

describe('stop strings', () => {
  it.each([
    [['Hello wor', 'ld. END more'], ['END'], 'Hello world. ', true],
    [['a', 'b', 'a', 'b', 'c'], ['abc'], 'ab', true],
    [['xx'], ['yy', 'xx'], '', true],
    [['abcd'], ['cd', 'bcd'], 'a', true],
    [['ab', 'c'], ['abcd', 'bc'], 'a', true],
    [['ab', 'cd'], ['abcd', 'bc'], '', true],
    [['tail of st'], ['stop'], 'tail of st', false],
    [['nothing'], [], 'nothing', false],
  ])('%j with %j', (pieces, stops, text, stopped) => {
    expect(streamed(pieces, stops)).toEqual({ text, stopped })
  })

  it('shows at once what cannot belong to one', () => {
    const matcher = new StopStrings(['\n\n'])
    expect([matcher.push('one\n'), matcher.push('two'), matcher.push('\n'), matcher.push('\nthree')]).toEqual([
      'one',
      '\ntwo',
      '',
      '',
    ])
    expect(matcher.stopped).toBe(true)
  })

  it('cuts where the whole text would be cut, however it arrives', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 6 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        expect(streamed(pieces, stops)).toEqual(cut(pieces.join(''), stops))
      }),
      { numRuns: 2000 },
    )
  })
})
