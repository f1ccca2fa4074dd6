import { describe, expect, it } from 'vitest'
import { wholeLines } from './whole-lines.ts'

async function partsOf(pieces: readonly string[]): Promise<string[]> {
  async function* stream() {
    yield* pieces
  }
  const parts: string[] = []
  for await (const part of wholeLines(stream())) parts.push(part)
  return parts
}

const cut = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? []

describe('a long text', () => {
  const lines = Array.from(
    { length: 90_000 },
    (_, i) => `${'  '.repeat(i % 3)}line ${i}, naïve 😀${i % 5 === 0 ? '\n\n' : '\r\n'}`,
  )
  const text = lines.join('')

  it.each([7, 65_536, 2_000_000])('in pieces of %d comes in parts that no word and no run of spaces spans', async (length) => {
    const parts = await partsOf(cut(text, length))
    expect(parts.join('') === text).toBe(true)
    expect(parts.length).toBeGreaterThan(1)
    for (const [i, part] of parts.entries()) {
      if (i > 0) expect(part).toMatch(/^\S/)
      if (i < parts.length - 1) expect(part.endsWith('\n')).toBe(true)
    }
  })

  it('without a line break is one part, in linear time', async () => {
    const one = 'word '.repeat(600_000)
    expect(await partsOf(cut(one, 1000))).toEqual([one])
  })
})

it('a short text, and none, are what they are', async () => {
  expect(await partsOf(['a\n', 'b', ''])).toEqual(['a\nb'])
  expect(await partsOf([])).toEqual([])
})
