/** Real tokenizers, and every part of one, against Hugging Face tokenizers: real_tokenizers.py and tokenizer_parts.py. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Encoding } from '../../src/tokenizers/encoding.ts'
import { PipelineTokenizer } from '../../src/tokenizers/pipeline.ts'
import { line, longLines, pick } from './tokenizer-lines.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(`./tokenizers/${name}.json`, import.meta.url), 'utf8'))
const digest = (value: unknown) => createHash('sha1').update(JSON.stringify(value)).digest('hex').slice(0, 8)
const chunks = <T>(list: readonly T[], size: number) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))

const FOLDER = new URL('../../../shared/data/tokenizers/', import.meta.url)
const REAL = { gpt2: 'gpt2', bert: 'bert-base-uncased', tinyllama: 'tinyllama' }

describe.each(Object.entries(REAL))('%s', (name, folder) => {
  const path = new URL(`${folder}/tokenizer.json`, FOLDER)
  const missing = existsSync(path) ? undefined : `${path.pathname} is not there`
  if (missing) console.warn(`skipped: ${missing}`)

  it.skipIf(missing)('encodes and decodes 10,000 lines as Hugging Face does', () => {
    const golden = read(name)
    const bytes = readFileSync(path)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(golden.sha256)
    const tokenizer = PipelineTokenizer.fromJSON(JSON.parse(bytes.toString('utf8')), folder)
    const result = (text: string) => {
      const { ids, offsets, specialTokensMask } = tokenizer.encoding(text)
      const own = ids.filter((_, i) => specialTokensMask[i] === 0)
      expect(Array.from(tokenizer.encode(text))).toEqual(own)
      expect(Array.from(tokenizer.encode(text, { addSpecialTokens: true }))).toEqual(ids)
      return [ids, offsets, tokenizer.decode(ids, { skipSpecialTokens: false })] as const
    }
    for (const [i, ids] of golden.ids.entries()) expect(result(line(i))[0], line(i)).toEqual(ids)
    const results = Array.from({ length: 10_000 }, (_, i) => result(line(i)))
    expect(chunks(results, 10).map(digest)).toEqual(golden.hashes.match(/.{8}/g))
    expect(
      longLines()
        .map(result)
        .map((long) => [long[0].length, digest(long)]),
    ).toEqual(golden.long)
  })
})

type Case = Record<string, any> & { name: string; model: string; hashes: string; full: unknown[]; panics: number[] }
const { models, cases }: { models: Record<string, any>; cases: Case[] } = read('parts')
const LINES = 60
const TOGETHER = 6

function fileOf(test: Case) {
  const model = { ...models[test.model], ...test.options }
  if (test.bytes) {
    const bytes = Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, -20])
    Object.assign(model, { byte_fallback: true, vocab: [...model.vocab, ...bytes] })
  }
  const size = Array.isArray(model.vocab) ? model.vocab.length : Object.keys(model.vocab).length
  const added = (test.added_tokens ?? []).map((token: any) => ({
    ...token,
    id: token.id >= 9000 ? token.id - 9000 + size : token.id,
  }))
  const keys = ['truncation', 'padding', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder']
  return { version: '1.0', ...Object.fromEntries(keys.map((key) => [key, test[key] ?? null])), added_tokens: added, model }
}

const flat = (e: Encoding): unknown[] => [e.ids, e.tokens, e.offsets, e.typeIds, e.attentionMask, e.specialTokensMask, e.wordIds]

function encoded(tokenizer: PipelineTokenizer, text: string, pair: string | undefined, test: Case) {
  const encoding = tokenizer.encoding(text, { pair, truncation: true, padding: true })
  if (!test.truncation) {
    // What `encode` does by shorter ways, `encoding` does step by step.
    const own = encoding.ids.filter((_, i) => encoding.specialTokensMask[i] === 0)
    if (pair === undefined) expect(Array.from(tokenizer.encode(text))).toEqual(own)
    const filled = encoding.ids.filter((_, i) => encoding.attentionMask[i] === 1)
    expect(Array.from(tokenizer.encode(text, { pair, addSpecialTokens: true }))).toEqual(filled)
  }
  const all = [...flat(encoding), encoding.overflowing.map(flat)]
  return [all, tokenizer.decode(encoding.ids), tokenizer.decode(encoding.ids, { skipSpecialTokens: false })]
}

function decoded(tokenizer: PipelineTokenizer, i: number, size: number) {
  const ids = Array.from({ length: 1 + pick(99, 7000 + i, 30) }, (_, j) => pick(j, 7000 + i, size))
  const stream = tokenizer.decoder()
  const pieces = [...ids.map((id) => stream.push(id)), stream.finish()]
  expect(pieces.join('')).toBe(tokenizer.decode(ids))
  return [ids, tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecialTokens: false })]
}

describe('parts of a tokenizer.json, as Hugging Face has them', () => {
  it.each(cases)('$name', (test) => {
    const file = fileOf(test)
    const tokenizer = PipelineTokenizer.fromJSON(file, 'tokenizer.json')
    const size = Object.keys(file.model.vocab).length
    const outcomes: (() => unknown)[] = test.decodes
      ? Array.from({ length: LINES }, (_, i) => () => decoded(tokenizer, i, size))
      : [...textsOf(test)].map(
          ([text, pair]) =>
            () =>
              encoded(tokenizer, text, pair, test),
        )
    const results = outcomes.map((outcome, i) => (test.panics.includes(i) ? null : outcome()))
    expect(results.slice(0, test.full.length)).toEqual(test.full)
    expect(chunks(results, TOGETHER).map(digest)).toEqual(test.hashes.match(/.{8}/g))
  })
})

function* textsOf(test: Case): Generator<[text: string, pair?: string]> {
  for (let i = 0; i < LINES; i++) yield [line(i)]
  yield ['']
  if (test.pairs) for (let i = 0; i < LINES / 3; i++) yield [line(i), line(i + 1000)]
}
