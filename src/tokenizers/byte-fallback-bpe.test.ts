import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJSON } from './load.ts'

type Golden = {
  files: Record<string, any>
  cases: { file: string; text: string; ids: number[]; decoded: string }[]
}

const path = new URL('../../test/golden/byte_fallback_bpe.json', import.meta.url)
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'))
const tokenizers = new Map(Object.entries(golden.files).map(([name, file]) => [name, tokenizerFromJSON(file, name)]))

describe('BPE with byte fallback, as Hugging Face tokenizers has it', () => {
  it.each(golden.cases)('$file: $text', ({ file, text, ids, decoded }) => {
    const tokenizer = tokenizers.get(file)!
    expect(Array.from(tokenizer.encode(text))).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
  })

  it('decodes as a stream without splitting a character', () => {
    const tokenizer = tokenizers.get('normalizer')!
    const decoder = tokenizer.decoder()
    const pieces = Array.from(tokenizer.encode('é😀 the'), (id) => decoder.push(id))
    expect(pieces.filter((piece) => piece !== '').join('|')).not.toContain('\ufffd')
    expect(pieces.join('') + decoder.finish()).toBe('é😀 the')
    expect(pieces.filter((piece) => /[\ud800-\udbff]$/.test(piece))).toEqual([])
  })

  it('leaves a tokenizer.json as it was', () => {
    expect(JSON.parse(JSON.stringify(tokenizers.get('metaspace')))).toEqual(golden.files.metaspace)
  })

  it('merges a long text in time', () => {
    const text = 'the cat sat on the mat '.repeat(2000)
    const tokenizer = tokenizers.get('normalizer')!
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })
})
