import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSeq2Seq, type Seq2SeqCheckpoint } from '../checkpoints/seq2seq.ts'
import type { Seq2SeqTokenizers } from '../checkpoints/seq2seq-tokenizers.ts'
import type { StreamingDecoder, Tokenizer } from '../tokenizers/tokenizer.ts'
import { Translator } from './translator.ts'

/** Letters: the code of one is an id from 3 on; other ids read as nothing. */
class Letters implements Tokenizer {
  readonly vocabSize = 29
  encode = (text: string) => Int32Array.from(text, (letter) => letter.charCodeAt(0) - 94)
  decode = (ids: ArrayLike<number>) => Array.from(ids, (id) => this.tokenOf(id)).join('')
  tokenOf = (id: number) => (id > 2 ? String.fromCharCode(94 + id) : '')
  decoder = (): StreamingDecoder => ({ push: (id) => this.tokenOf(id), finish: () => '' })
  toJSON = () => ({})
}

let checkpoint: Seq2SeqCheckpoint
let tokenizers: Seq2SeqTokenizers

beforeAll(async () => {
  checkpoint = await loadSeq2Seq(fileURLToPath(new URL('../../test/golden/checkpoints/marian-tiny', import.meta.url)))
  const letters = new Letters()
  const [end] = checkpoint.special.end
  const encode = (text: string) => Int32Array.of(...letters.encode(text), end)
  tokenizers = {
    source: letters,
    target: letters,
    languages: [],
    encodeSource: encode,
    encodeTarget: encode,
    forcedBos: (_, otherwise) => otherwise,
    start: () => undefined,
  }
})

const open = (more: Partial<Seq2SeqCheckpoint> = {}) => new Translator({ ...checkpoint, ...more }, tokenizers, { threads: 1 })
const texts = ['the cat', 'a', 'dogs and cats', 'b', 'x'].map((text) => text.replaceAll(' ', 'z'))

describe('a translator', () => {
  it('takes an array of texts, and names the one that is wrong', async () => {
    await using translator = open()
    await expect(translator.translate('the cat' as unknown as string[])).rejects.toThrow('put the text into an array')
    const long = translator.translate(['a', 'x'.repeat(5000)], { overflow: 'error', numberFrom: 300 })
    await expect(long).rejects.toThrow(/^text 301: this model reads/)
    await expect(translator.translate([5] as unknown as string[])).rejects.toThrow('an array with number')
  })

  it('answers each text in its place, blank ones with nothing', async () => {
    await using translator = open()
    const options = { beams: 3, maxTokens: 12 }
    const all = await translator.translate([texts[0], '', texts[1], '  ', ...texts.slice(2)], options)
    expect(all[1]).toEqual({ text: '', score: 0, tokens: 0, finishReason: 'stop', blank: true })
    expect(all[3]).toMatchObject({ blank: true })
    const answered = all.filter(({ blank }) => !blank)
    for (const [i, text] of texts.entries()) {
      const [alone] = await translator.translate([text], options)
      expect(answered[i]).toMatchObject({ text: alone.text, tokens: alone.tokens, finishReason: alone.finishReason })
    }
    expect(await translator.translate([], options)).toEqual([])
  })

  it('streams what it answers, and gives alternatives where they are asked for', async () => {
    await using translator = open()
    for (const options of [{ maxTokens: 10 }, { beams: 4, nBest: 3, maxTokens: 10 }]) {
      const stream = translator.stream(texts[2], options)
      let shown = ''
      let step = await stream.next()
      for (; !step.done; step = await stream.next()) shown += step.value
      expect(shown).toBe(step.value.text)
      expect([step.value]).toEqual(await translator.translate([texts[2]], options))
      expect(step.value.alternatives?.length).toBe(options.nBest ? 2 : undefined)
    }
    const blank = await translator.stream(' ').next()
    expect(blank).toMatchObject({ done: true, value: { blank: true } })
  })

  it('says where it read only the beginning of a text, or refuses', async () => {
    await using translator = open()
    const long = 'abc'.repeat(checkpoint.model.maxSourceLength)
    const [{ cut }] = await translator.translate([long], { maxTokens: 3 })
    expect(cut).toEqual({ tokens: long.length + 1, read: checkpoint.model.maxSourceLength })
    await expect(translator.translate(['a', long], { overflow: 'error' })).rejects.toThrow(/text 2[\s\S]*tokens at most/)
    await expect(translator.loss([long], ['a'])).rejects.toThrow(/source 1/)
    await expect(translator.loss(['a'], [long])).rejects.toThrow(/target 1/)
  })

  it('a source that is cut keeps its end', async () => {
    await using translator = open()
    const room = checkpoint.model.maxSourceLength - 1
    const options = { maxTokens: 6 }
    const [cut] = await translator.translate(['abcde'.repeat(room)], options)
    const [short] = await translator.translate(['abcde'.repeat(room).slice(0, room)], options)
    expect(cut.text).toBe(short.text)
    expect(short.cut).toBeUndefined()
  })

  it('decodes as the folder says where the caller says nothing', async () => {
    await using folders = open({ defaults: { beams: 4, maxLength: 7, lengthPenalty: 0.6, minLength: 5 } })
    await using plain = open()
    const said = { beams: 4, maxTokens: 6, lengthPenalty: 0.6, minTokens: 4 }
    expect(await folders.translate(texts)).toEqual(await plain.translate(texts, said))
    expect(await folders.translate(texts, { beams: 1, minTokens: 0 })).toEqual(
      await plain.translate(texts, { maxTokens: 6, lengthPenalty: 0.6 }),
    )
    const drawn = { temperature: 1, seed: 4, minTokens: 0 }
    expect(await folders.translate(texts, drawn)).toEqual(
      await plain.translate(texts, { ...drawn, maxTokens: 6, lengthPenalty: 0.6 }),
    )
  })

  it('the loss of its own greedy answer is the score that it gave', async () => {
    await using translator = open()
    const [{ text, score, tokens, finishReason }] = await translator.translate(['b'], { maxTokens: 40 })
    expect(finishReason).toBe('stop')
    expect(text.length).toBe(tokens) // all are letters, so that the text is these tokens
    const loss = await translator.loss(['b'], [text])
    expect(loss.tokens).toBe(tokens + 1)
    expect(loss.natsPerToken).toBeCloseTo(-score, 4)
    expect(loss.perplexity).toBeCloseTo(Math.exp(-score), 3)
  })

  it('refuses sides of different length, and nothing', async () => {
    await using translator = open()
    await expect(translator.loss(['a'], [])).rejects.toThrow(/1 sources, 0 targets/)
    await expect(translator.loss([], [])).rejects.toMatchObject({ code: 'data' })
    await expect(translator.translate(['a'], { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  })

  it('a task is put before the text', async () => {
    await using translator = open()
    const options = { maxTokens: 8 }
    expect(await translator.translate(['b'], { ...options, prefix: 'a' })).toEqual(await translator.translate(['ab'], options))
  })
})

describe('opening a folder', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'loquent-translator-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('says what is missing', async () => {
    await expect(Translator.open(folder)).rejects.toThrow(/config\.json/)
  })
})
