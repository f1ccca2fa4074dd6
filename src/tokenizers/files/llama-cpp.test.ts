import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tokenizer } from '../tokenizer.ts'
import { loadTokenizer } from './load.ts'

const FOLDER = '../shared/data/tokenizers/llamacpp'
const there = existsSync(FOLDER)
if (!there) console.info(`skipped: ${FOLDER} is not there`)

describe.skipIf(!there).each(['gpt-2', 'llama-spm'])("llama.cpp's cases for %s", (name) => {
  const path = `${FOLDER}/ggml-vocab-${name}.gguf`
  const texts = there ? readFileSync(`${path}.inp`, 'utf8').split('\n__ggml_vocab_test__\n') : ['']
  const lines = there ? readFileSync(`${path}.out`, 'utf8').split('\n') : ['']
  let loading: Promise<Tokenizer> | undefined

  it('are 47', () => expect(texts).toHaveLength(47))

  it.each(texts.map((text, i) => [text, lines[i].trim()]))('%j', async (text, ids) => {
    loading ??= loadTokenizer(path)
    expect((await loading).encode(text).join(' ')).toBe(ids)
  })
})
