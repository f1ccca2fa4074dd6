import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { LoquentError } from '../errors.ts'
import { type TextEntry, TextIndex } from './text-index.ts'
import { loadTextIndex, saveTextIndex } from './text-index-folder.ts'

const root = await mkdtemp(join(tmpdir(), 'loquent-text-index-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let folder: string
let runs = 0
beforeEach(() => {
  folder = join(root, `${runs++}`)
})

const entry = (source: string, line: number, text: string): TextEntry => ({ source, place: `${source}: line ${line}`, text })

/** Counts of three letters. */
const embed = async (texts: readonly string[]) =>
  texts.map((text) => Float32Array.from('abc', (letter) => text.split(letter).length - 1))

async function index(...entries: TextEntry[]): Promise<TextIndex> {
  const index = new TextIndex({ type: 'vectors', model: 'letters' }, 'line')
  index.add(entries, await embed(entries.map(({ text }) => text)))
  return index
}

const textsOf = (hits: { text: string }[]) => hits.map(({ text }) => text)

describe('TextIndex', () => {
  it('finds texts with their places, before and after it was saved', async () => {
    const before = await index(entry('x', 1, 'aab'), entry('x', 2, 'cc\n"c"'), entry('y', 1, 'ab'))
    await saveTextIndex(before, folder)
    for (const found of [before, await loadTextIndex(folder)]) {
      const [query] = await embed(['a'])
      expect(found.searchVector(query, 2)).toEqual([
        { ...entry('x', 1, 'aab'), score: expect.closeTo(2 / Math.sqrt(5), 6) },
        { ...entry('y', 1, 'ab'), score: expect.closeTo(Math.SQRT1_2, 6) },
      ])
    }
  })

  it('replaces the text of a place and forgets those of a file', async () => {
    const changed = await index(entry('x', 1, 'a'), entry('x', 2, 'b'), entry('y', 1, 'c'))
    changed.add([entry('y', 1, 'aaab')], await embed(['aaab']))
    expect(changed.size).toBe(3)
    expect(textsOf(changed.searchVector(Float32Array.of(1, 0, 0), 3))).toEqual(['a', 'aaab', 'b'])
    expect(changed.removeSource('x')).toBe(2)
    expect(textsOf(changed.searchVector(Float32Array.of(1, 0, 0), 3))).toEqual(['aaab'])
    await saveTextIndex(changed, folder)
    expect(textsOf((await loadTextIndex(folder)).searchVector(Float32Array.of(1, 0, 0), 3))).toEqual(['aaab'])
  })

  it('searches by words, also after a change', async () => {
    const words = new TextIndex({ type: 'bm25' }, 'line')
    words.add([entry('x', 1, 'red apples'), entry('x', 2, 'green pears')])
    expect(textsOf(words.searchWords('pears', 5))).toEqual(['green pears'])
    words.add([entry('y', 1, 'pears, pears')])
    expect(textsOf(words.searchWords('pears', 5))).toEqual(['pears, pears', 'green pears'])
    await saveTextIndex(words, folder)
    expect(textsOf((await loadTextIndex(folder)).searchWords('red', 5))).toEqual(['red apples'])
  })

  it('is saved and loaded when everything was removed', async () => {
    const empty = await index(entry('x', 1, 'a'))
    await saveTextIndex(empty, folder)
    empty.removeSource('x')
    await saveTextIndex(empty, folder)
    const loaded = await loadTextIndex(folder)
    expect(loaded.size).toBe(0)
    expect(loaded.searchVector(Float32Array.of(1, 2), 3)).toEqual([])
  })

  it('tells another model, and another width, from its own', async () => {
    const known = await index(entry('x', 1, 'aab'))
    await expect(known.checkModel(embed, 'letters')).resolves.toBeUndefined()
    const other = async (texts: readonly string[]) => (await embed(texts)).map((vector) => vector.toReversed())
    await expect(known.checkModel(other, 'others')).rejects.toThrow('the model that made its vectors')
    await expect(known.checkModel(async () => [new Float32Array(2)], 'wide')).rejects.toThrow('have 3 numbers')
    expect(() => known.searchVector(new Float32Array(4), 1)).toThrow('have 3 numbers')
    expect(() => known.add([entry('x', 2, 'b')], [new Float32Array(4)])).toThrow('have 3 numbers')
    expect(known.size).toBe(1)
  })

  it('refuses a text that could not be read again', () => {
    const long = entry('x', 1, 'x'.repeat(2 ** 23 + 1))
    expect(() => new TextIndex({ type: 'bm25' }, 'line').add([long])).toThrow('at most')
  })
})

describe('the folder', () => {
  const files = ['index.json', 'texts.jsonl', 'vectors.safetensors']
  const change = async (file: string, edit: (text: string) => string) => {
    const path = join(folder, file)
    await writeFile(path, edit(await readFile(path, 'utf8')))
  }
  beforeEach(async () => saveTextIndex(await index(entry('x', 1, 'aab'), entry('x', 2, 'c')), folder))

  it.each<[string, () => Promise<void>, string]>([
    ['no index.json', () => rm(join(folder, 'index.json')), 'an index is a folder'],
    ['no texts', () => rm(join(folder, 'texts.jsonl')), 'no such file'],
    ['no vectors', () => rm(join(folder, 'vectors.safetensors')), 'no such file'],
    ['no JSON', () => change('index.json', () => '{'), 'is JSON'],
    ['a huge index.json', () => change('index.json', () => ' '.repeat(2 ** 21)), 'small JSON'],
    ['another format', () => change('index.json', (text) => text.replace('loquent text', 'other')), 'format'],
    ['a later version', () => change('index.json', (text) => text.replace('"version": 1', '"version": 2')), 'version'],
    ['another ranking', () => change('index.json', (text) => text.replace('"vectors"', '"stars"')), 'ranking'],
    ['no model', () => change('index.json', (text) => text.replace('"model"', '"mode"')), 'ranking.model'],
    ['another number of texts', () => change('index.json', (text) => text.replace('"texts": 2', '"texts": 3')), 'holds 3 texts'],
    ['a line that is no JSON', () => change('texts.jsonl', (text) => `${text}{`), 'line 3'],
    ['a line without a place', () => change('texts.jsonl', (text) => text.replace('"place"', '"plaice"')), 'line 1'],
    ['a place twice', () => change('texts.jsonl', (text) => text.replace('x: line 2', 'x: line 1')), 'places differ'],
    ['a text without a vector', () => change('texts.jsonl', (text) => text.replace('x: line 2', 'x: line 3')), 'has a vector'],
  ])('with %s is refused', async (_, damage, message) => {
    await damage()
    const error = await loadTextIndex(folder).then(
      () => undefined,
      (error) => error,
    )
    expect(error).toBeInstanceOf(LoquentError)
    expect(error.message).toContain(message)
  })

  it('is opened or refused clearly, whatever bytes are changed', async () => {
    const sound = await Promise.all(files.map((file) => readFile(join(folder, file))))
    const place = fc
      .nat({ max: files.length - 1 })
      .chain((file) => fc.tuple(fc.constant(file), fc.nat({ max: sound[file].length - 1 }), fc.nat(255)))
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 4 }), async (changes) => {
        const bytes = sound.map((data) => Buffer.from(data))
        for (const [file, at, byte] of changes) bytes[file][at] = byte
        for (const [i, file] of files.entries()) await writeFile(join(folder, file), bytes[i])
        const loaded = await loadTextIndex(folder).catch((error) => void expect(error).toBeInstanceOf(LoquentError))
        if (loaded)
          for (const { text, score } of loaded.searchVector(Float32Array.of(1, 1, 1), 5))
            expect([typeof text, typeof score]).toEqual(['string', 'number'])
      }),
      { numRuns: 150 },
    )
  })
})
