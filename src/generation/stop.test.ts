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

/** A text in pieces of so many code units, the last of the rest. */
function inPieces(text: string, sizes: readonly number[]): string[] {
  const ends = [0]
  for (const size of sizes) ends.push(ends[ends.length - 1] + size)
  return ends.map((start, i) => text.slice(start, ends[i + 1]))
}

const brokenPair = /[\ud800-\udbff]$/

describe('stop strings', () => {
  it.each([
    ['across pieces', ['Hello wor', 'ld. END more'], ['END'], 'Hello world. ', true],
    ['after a false start', ['a', 'b', 'a', 'b', 'c'], ['abc'], 'ab', true],
    ['after one that overlaps itself', ['aab', 'aa', 'bab'], ['aabab'], 'aab', true],
    ['at the very start', ['xx'], ['yy', 'xx'], '', true],
    ['that contain each other', ['abcd'], ['cd', 'bcd'], 'a', true],
    ['the earlier one not complete', ['ab', 'c'], ['abcd', 'bc'], 'a', true],
    ['the earlier one complete later', ['ab', 'cd'], ['abcd', 'bc'], '', true],
    ['the earlier one given up later', ['ab', 'cx'], ['abcd', 'bc'], 'a', true],
    ['at the very end', ['one', ' two', '!'], ['!'], 'one two', true],
    ['begun but not met', ['tail of st'], ['stop'], 'tail of st', false],
    ['none', ['nothing'], [], 'nothing', false],
    ['empty ones', ['nothing'], [''], 'nothing', false],
    ['no text', [], ['x'], '', false],
    ['of characters beyond 16 bits', ['a\ud83d', '\ude00b'], ['😀'], 'a', true],
    ['near such characters', ['a\ud83d', '\ude00b'], ['😃'], 'a😀b', false],
  ])('%s', (_, pieces, stops, text, stopped) => {
    expect(streamed(pieces, stops)).toEqual({ text, stopped })
  })

  it('show at once what cannot belong to one', () => {
    const matcher = new StopStrings(['\n\n'])
    const shown = ['one\n', 'two', '\n', '\nthree', 'four'].map((piece) => matcher.push(piece))
    expect(shown).toEqual(['one', '\ntwo', '', '', ''])
    expect([matcher.stopped, matcher.finish()]).toEqual([true, ''])
  })

  it('are met before the text goes on, unless one begun earlier may still be completed', () => {
    const matcher = new StopStrings(['abcd', 'bc'])
    expect([matcher.push('xabc'), matcher.stopped]).toEqual(['x', false])
    expect([matcher.push('-'), matcher.stopped]).toEqual(['a', true])
    const nested = new StopStrings(['ab', 'abc'])
    expect([nested.push('xab'), nested.stopped]).toEqual(['x', true])
  })

  it('never show half a character, but at the end of a text that ends in one', () => {
    const matcher = new StopStrings(['.'])
    expect([matcher.push('a\ud83d'), matcher.push(''), matcher.push('\ude00\ud83d')]).toEqual(['a', '', '😀'])
    expect(matcher.finish()).toBe('\ud83d')
  })

  it.each(['\ud83d', '\ude00', 'a\ud83d', '\ude00\ud83d'])('%j, half a character, is a ConfigError', (stop) => {
    expect(() => new StopStrings(['x', stop])).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('whole characters') }),
    )
  })

  it.each([
    ['two letters', ['a', 'b'], 1500],
    ['characters of one and two units, some alike by half', ['a', '😀', '😃', '\u{10600}'], 1500],
  ])('cut where the whole text would be cut, however it arrives: %s', (_, units, numRuns) => {
    const string = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom(...units), minLength, maxLength })
    const stops = fc.array(string(1, 5), { maxLength: 4 })
    const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 })
    fc.assert(
      fc.property(string(0, 40), sizes, stops, (text, pieceSizes, stopStrings) => {
        const pieces = inPieces(text, pieceSizes)
        expect(streamed(pieces, stopStrings)).toEqual(cut(text, stopStrings))
        const matcher = new StopStrings(stopStrings)
        for (const piece of pieces) expect(matcher.push(piece)).not.toMatch(brokenPair)
      }),
      { numRuns },
    )
  })

  it('hold back exactly what more text may make one of', () => {
    const string = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength })
    fc.assert(
      fc.property(string(0, 20), fc.array(string(1, 5), { maxLength: 3 }), (text, stops) => {
        const matcher = new StopStrings(stops)
        const shown = matcher.push(text)
        if (matcher.stopped) return
        const mayBegin = (at: number) => stops.some((stop) => stop.length > text.length - at && stop.startsWith(text.slice(at)))
        const first = [...text].findIndex((_, at) => mayBegin(at))
        expect(shown).toBe(first < 0 ? text : text.slice(0, first))
      }),
      { numRuns: 1000 },
    )
  })
})
