import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Languages, loadSeq2SeqTokenizers } from '../../src/checkpoints/seq2seq-tokenizers.ts'
import { LoquentError } from '../../src/errors.ts'

type Folder = {
  name: string
  files: Record<string, string>
  prefix?: string
  languages?: [source: string, target: string]
  tags: number
  /** Id of the target's tag. */
  tag?: number
  source: string[]
  target: string[]
  decoded: string[]
}
const golden: { texts: string[]; folders: Folder[] } = JSON.parse(
  readFileSync(new URL('translation_tokenizers.json', import.meta.url), 'utf8'),
)

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true })
})

function unpacked({ files }: Folder): string {
  const folder = mkdtempSync(join(tmpdir(), 'loquent-tokenizers-'))
  made.push(folder)
  for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), gunzipSync(Buffer.from(data, 'base64')))
  return folder
}

/** Texts of which the reference makes something else, on purpose or not. */
const apart: Record<string, RegExp> = {
  'marian-separate': /<pad>/, // transformers give a target the id of the source's padding
  t5: /<(\/s|pad|unk)>/, // SentencePiece alone does not look for special tokens in a text
}

describe.each(golden.folders)('$name, as transformers reads it', (folder) => {
  const [sourceLanguage, targetLanguage] = folder.languages ?? []
  const languages: Languages = { sourceLanguage, targetLanguage }

  it('sources, targets, and texts of these', async () => {
    const tokenizers = await loadSeq2SeqTokenizers(unpacked(folder))
    expect(tokenizers.languages).toHaveLength(folder.tags)
    const got = { source: [] as string[], target: [] as string[], decoded: [] as string[] }
    for (const text of golden.texts) {
      got.source.push(tokenizers.encodeSource((folder.prefix ?? '') + text, languages).join(' '))
      const target = tokenizers.encodeTarget(text, languages)
      got.target.push(target.join(' '))
      got.decoded.push(tokenizers.target.decode(target))
    }
    for (const key of ['source', 'target', 'decoded'] as const) {
      const compared = (list: string[]) =>
        list.filter((_, i) => !apart[folder.name]?.test(golden.texts[i])).map((text) => text.trim())
      expect(compared(got[key])).toEqual(compared(folder[key]))
    }
  })

  it('begins targets in their language', async () => {
    const tokenizers = await loadSeq2SeqTokenizers(unpacked(folder))
    const isStart = folder.name === 'mbart'
    expect(tokenizers.forcedBos(languages)).toBe(isStart ? undefined : folder.tag)
    expect(tokenizers.forcedBos(languages, 7)).toBe(isStart ? 7 : (folder.tag ?? 7))
    expect(tokenizers.start(languages)).toBe(isStart ? folder.tag : undefined)
  })

  it('knows what it does not know', async () => {
    const tokenizers = await loadSeq2SeqTokenizers(unpacked(folder))
    const { name, tags } = folder
    const asked = { ...languages, targetLanguage: 'de_DEx' }
    if (tags === 0) {
      expect(() => tokenizers.encodeSource('a', asked)).toThrow('no tags of languages')
      expect(() => tokenizers.forcedBos({ sourceLanguage: 'de' })).toThrow('no tags of languages')
      return
    }
    const nearby = { m2m100: /__de__/, nllb: /deu_Latn/, 'marian-languages': />>deu<</ }[name] ?? /de_DE/
    expect(() => tokenizers[name === 'mbart' ? 'start' : 'forcedBos'](asked)).toThrow(`one of the model's ${tags} tags`)
    expect(() => tokenizers.encodeTarget('a', asked)).toThrow(nearby)
    if (name === 'marian-languages') {
      expect(() => tokenizers.encodeSource('>>zzz<< a')).toThrow("one of the model's 3 tags")
      expect(() => tokenizers.encodeSource('a')).toThrow('must be told that of the target')
      expect(() => tokenizers.encodeSource('a', { sourceLanguage: 'en' })).toThrow('no tags for sources')
      expect(tokenizers.encodeSource('a', { targetLanguage: 'fra' })).toEqual(tokenizers.encodeSource('>>fra<< a'))
    }
  })
})

it.each(['marian-separate', 'm2m100'])('%s: damaged files are read, or refused with a reason', async (name) => {
  const folder = golden.folders.find((one) => one.name === name)!
  const path = unpacked(folder)
  const damage = fc.record({
    file: fc.constantFrom(...Object.keys(folder.files)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.option(fc.integer({ min: 0, max: 255 })),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, at, byte }) => {
      const whole = readFileSync(join(path, file))
      const place = Math.floor(at * (whole.length - 1))
      writeFileSync(join(path, file), byte === null ? whole.subarray(0, place) : whole.with(place, byte))
      try {
        const tokenizers = await loadSeq2SeqTokenizers(path)
        tokenizers.target.decode(tokenizers.encodeTarget('Eine Größe', { targetLanguage: folder.languages?.[1] }))
      } catch (error) {
        if (!(error instanceof LoquentError) || error.message.startsWith('internal')) throw error
      } finally {
        writeFileSync(join(path, file), whole)
      }
    }),
    { numRuns: 120 },
  )
})
