import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ggufBytes } from '../../../test/golden/gguf-bytes.ts'
import { PipelineTokenizer } from '../pipeline.ts'
import { loadChatTemplates } from './chat-templates.ts'
import { loadTokenizer, readTokenizerJson } from './load.ts'

type Golden = {
  texts: string[]
  folders: { name: string; files: Record<string, string>; ids: number[][]; bare: number[][]; pair: number[] }[]
}

const golden: Golden = JSON.parse(readFileSync('test/golden/vocabulary_files.json', 'utf8'))
const pieces = JSON.parse(readFileSync('test/golden/sentencepiece_models.json', 'utf8'))
const spm: Buffer = gunzipSync(
  Buffer.from(pieces.models.find(({ name }: { name: string }) => name === 'bpe-bytes').model, 'base64'),
)
const filesOf = (name: string) => golden.folders.find((folder) => folder.name === name)!.files

let root: string
let made = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'loquent-tokenizers-'))
})
afterAll(() => rm(root, { recursive: true }))

async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = join(root, `${made++}`)
  await mkdir(folder)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

describe.each(golden.folders)('$name', ({ files, ids, bare, pair }) => {
  it('gives the ids of transformers', async () => {
    const folder = await folderOf(files)
    const tokenizer = PipelineTokenizer.fromJSON(await readTokenizerJson(folder), folder)
    expect(golden.texts.map((text) => [...tokenizer.encode(text)])).toEqual(bare)
    expect(golden.texts.map((text) => tokenizer.encoding(text).ids)).toEqual(ids)
    expect(tokenizer.encoding(golden.texts[4], { pair: golden.texts[5] }).ids).toEqual(pair)
  })
})

describe('without a tokenizer_config.json', () => {
  const bare = ({ 'tokenizer_config.json': _, ...files }: Record<string, string>) => files
  const same = async (files: Record<string, string>) => {
    const [given, guessed] = await Promise.all([files, bare(files)].map(async (files) => loadTokenizer(await folderOf(files))))
    for (const text of golden.texts) expect([...guessed.encode(text)]).toEqual([...given.encode(text)])
  }

  it.each(['bert-cased', 'gpt2', 'roberta', 'clip'])('%s is told by its vocabulary', (name) => same(filesOf(name)))

  it('a vocabulary without capital letters is lower-cased', async () => {
    const lower = { 'vocab.txt': '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n' }
    expect([...(await loadTokenizer(await folderOf(lower))).encode('The THE')]).toEqual([5, 5])
  })
})

describe('a folder', () => {
  const json = (content: string) =>
    JSON.stringify({
      ...{
        version: '1.0',
        truncation: null,
        padding: null,
        added_tokens: [],
        normalizer: null,
        post_processor: null,
        decoder: null,
      },
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordLevel', vocab: { [content]: 0, '?': 1 }, unk_token: '?' },
    })

  it('is searched in a certain order', async () => {
    const all = {
      'tokenizer.json': json('the'),
      'tokenizer.model': spm,
      ...filesOf('gpt2'),
      ...filesOf('bert'),
      'tokenizer_config.json': '{}',
    }
    const kinds = []
    for (const name of ['tokenizer.json', 'tokenizer.model', 'vocab.json', 'vocab.txt']) {
      const { model } = (await readTokenizerJson(await folderOf(all))) as { model: { type: string; byte_fallback?: boolean } }
      kinds.push(`${model.type} ${model.byte_fallback}`)
      delete (all as Record<string, unknown>)[name]
    }
    expect(kinds).toEqual(['WordLevel undefined', 'BPE true', 'BPE false', 'WordPiece undefined'])
  })

  it('whose tokenizer_config.json disagrees is read by its tokenizer.json', async () => {
    const config = JSON.stringify({ tokenizer_class: 'BertTokenizer', do_lower_case: true, bos_token: 'nowhere' })
    const tokenizer = await loadTokenizer(await folderOf({ 'tokenizer.json': json('The'), 'tokenizer_config.json': config }))
    expect([...tokenizer.encode('The the')]).toEqual([0, 1])
  })

  it('takes tokens from added_tokens.json and special_tokens_map.json', async () => {
    const { 'tokenizer_config.json': _, ...files } = filesOf('gpt2')
    const folder = await folderOf({
      ...files,
      'added_tokens.json': '{"<new>": 600}',
      'special_tokens_map.json': '{"pad_token": {"content": "<pad>"}, "additional_special_tokens": ["<extra>"]}',
    })
    const tokenizer = await loadTokenizer(folder)
    expect([...tokenizer.encode('<new><pad><extra>')]).toEqual([600, 601, 602])
  })

  it('without a tokenizer says what was looked for', async () => {
    const folder = await folderOf({ 'config.json': '{}' })
    const message =
      'none of tokenizer.json, tokenizer.model, spiece.model, sentencepiece.bpe.model, *.model, vocab.json with merges.txt, vocab.txt, *.tiktoken, *.gguf'
    await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'data', message: expect.stringContaining(message) })
    await expect(loadTokenizer(await folderOf({ 'a.gguf': '', 'b.gguf': '' }))).rejects.toThrow('there must be one file *.gguf')
    await expect(loadTokenizer(join(folder, 'none'))).rejects.toMatchObject({
      code: 'data',
      message: expect.stringContaining('no such file'),
    })
  })
})

describe('one file', () => {
  it('is told by its content', async () => {
    const folder = await folderOf({
      'a.bin': spm,
      'b.txt': filesOf('bert')['vocab.txt'],
      'vocab.json': filesOf('gpt2')['vocab.json'],
      'merges.txt': filesOf('gpt2')['merges.txt'],
      'c.bin': ggufBytes({
        'tokenizer.ggml.model': ['string', 'gpt2'],
        'tokenizer.ggml.tokens': ['array', 'string', ['a']],
        'tokenizer.ggml.merges': ['array', 'string', []],
      }),
    })
    const types = []
    for (const name of ['a.bin', 'b.txt', 'vocab.json', 'c.bin']) {
      types.push(((await readTokenizerJson(join(folder, name))) as { model: { type: string } }).model.type)
    }
    expect(types).toEqual(['BPE', 'WordPiece', 'BPE', 'BPE'])
  })

  it.each([
    ['empty.model', '', 'got    an empty file'],
    ['merges.txt', '#version: 0.2\na b\n', 'try    name vocab.json, or the folder'],
    ['vocab.json', '{"a": 0}', 'a vocab.json needs its merges.txt beside it'],
    ['tokenizer.json', '{"model"', 'the file must be JSON'],
    ['tokenizer.json', '\ufeff[]', 'a tokenizer is a tokenizer.json'],
    ['picture.png', '\x89PNG', 'a file that begins with'],
    ['vocab.txt', 'a\nb\na\n', '"a" has the ids 0 and 2'],
    ['vocab.txt', 'a\nb\n', 'no [UNK] among 2 tokens'],
  ])('%s of %j is refused', async (name, content, message) => {
    await expect(loadTokenizer(join(await folderOf({ [name]: content }), name))).rejects.toThrow(message)
  })

  it.each([
    [{ 'vocab.json': '[]' }, 'vocab.json: must be an object of tokens'],
    [{ 'vocab.json': '{"a": 0, "b": 0}' }, '0 for "a" and "b"'],
    [{ 'vocab.json': '{"a": -1}' }, '-1 for "a"'],
    [{ 'merges.txt': '#version: 0.2\na b c\n' }, 'merges.txt: line 2: a line is two tokens'],
    [{ 'merges.txt': 'zz yy\n' }, 'merges'],
    [{ 'tokenizer_config.json': '{"tokenizer_class": "WhisperTokenizer"}' }, 'got    WhisperTokenizer'],
    [{ 'tokenizer_config.json': '[]' }, 'tokenizer_config.json: must be an object'],
    [{ 'tokenizer_config.json': '{"added_tokens_decoder": {"x": {"content": "a"}}}' }, 'an id is a whole number'],
    [{ 'tokenizer_config.json': '{"bos_token": 3}' }, 'must be an object'],
    [{ 'tokenizer_config.json': '{"tokenizer_class": "RobertaTokenizer"}' }, 'special tokens are in the vocabulary'],
  ])('byte-level files with %j are refused', async (change, message) => {
    const error = await loadTokenizer(await folderOf({ ...filesOf('gpt2'), ...change })).catch((error) => error)
    expect(error.message).toContain(message)
    expect(error.code).toMatch(/^(format|config)$/)
  })

  it('damaged ends in an error of ours, or is read', async () => {
    const { 'vocab.json': vocab, 'merges.txt': merges, 'tokenizer_config.json': config } = filesOf('roberta')
    const folder = await folderOf(filesOf('roberta'))
    const damage = fc.tuple(
      fc.constantFrom(['vocab.json', vocab], ['merges.txt', merges], ['tokenizer_config.json', config]),
      fc.nat(),
      fc.nat(9),
      fc.string({ maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(damage, async ([[name, text], place, length, put]) => {
        const at = place % text.length
        await writeFile(join(folder, name), text.slice(0, at) + put + text.slice(at + length))
        const result = await loadTokenizer(folder).catch((error) => error.code)
        await writeFile(join(folder, name), text)
        expect(typeof result === 'object' || /^(format|config|data)$/.test(result)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a GGUF file', () => {
  const bytes = ggufBytes({
    'tokenizer.ggml.model': ['string', 'llama'],
    'tokenizer.ggml.tokens': ['array', 'string', ['<unk>', '<s>', '</s>', '▁', 'a', 'b', '▁a', 'ab', '▁ab']],
    'tokenizer.ggml.scores': ['array', 'f32', [0, 0, 0, -5, -4, -6, -1, -2, -3]],
    'tokenizer.ggml.token_type': ['array', 'i32', [2, 3, 3, 1, 1, 1, 1, 1, 1]],
    'tokenizer.ggml.bos_token_id': ['u32', 1],
  })

  it('gives its tokenizer', async () => {
    const tokenizer = await loadTokenizer(await folderOf({ 'a.gguf': bytes }))
    expect([...tokenizer.encode('ab a')]).toEqual([8, 6])
    expect(tokenizer.decode([8, 6])).toBe('ab a')
  })

  it('that is damaged ends in an error of ours, or is read', async () => {
    const folder = await folderOf({})
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const copy = Buffer.from(bytes)
        for (const [at, byte] of changes) copy[at] = byte
        await writeFile(join(folder, 'a.gguf'), copy)
        const result = await loadTokenizer(join(folder, 'a.gguf')).catch((error) => error.code)
        expect(typeof result === 'object' || /^(format|config|data)$/.test(result)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

describe('chat templates', () => {
  const hello = [{ role: 'user', content: 'hello' }]

  it('of a folder: the file before the configuration, special tokens by name', async () => {
    const config = JSON.stringify({ bos_token: '<s>', eos_token: { content: '</s>' }, chat_template: '{{ bos_token }}config' })
    const both = await loadChatTemplates(
      await folderOf({ 'tokenizer_config.json': config, 'chat_template.jinja': '{{ eos_token }}file' }),
    )
    expect(both?.apply(hello)).toBe('</s>file')
    expect((await loadChatTemplates(await folderOf({ 'tokenizer_config.json': config })))?.apply(hello)).toBe('<s>config')
  })

  it('of a folder with several', async () => {
    const list = [
      { name: 'default', template: 'one' },
      { name: 'rag', template: 'two' },
    ]
    const config = JSON.stringify({ chat_template: list })
    const templates = await loadChatTemplates(
      await folderOf({ 'tokenizer_config.json': config, 'additional_chat_templates/tool_use.jinja': 'three' }),
    )
    expect(templates?.names).toEqual(['default', 'rag', 'tool_use'])
    expect(templates?.apply(hello, { tools: [] })).toBe('three')
    await expect(loadChatTemplates(await folderOf({ 'tokenizer_config.json': '{"chat_template": 3}' }))).rejects.toThrow(
      'chat_template is a text',
    )
  })

  it('of an older folder, of a file, of a GGUF file, and of none', async () => {
    const folder = await folderOf({
      'chat_template.json': '{"chat_template": "older"}',
      'my.jinja': 'mine',
      'model.gguf': ggufBytes({
        'tokenizer.chat_template': ['string', '{{ bos_token }}gguf'],
        'tokenizer.chat_template.rag': ['string', 'two'],
        'tokenizer.ggml.tokens': ['array', 'string', ['<s>']],
        'tokenizer.ggml.bos_token_id': ['u32', 0],
      }),
    })
    expect((await loadChatTemplates(folder))?.apply(hello)).toBe('older')
    expect((await loadChatTemplates(join(folder, 'my.jinja')))?.apply(hello)).toBe('mine')
    const gguf = await loadChatTemplates(join(folder, 'model.gguf'))
    expect([gguf?.apply(hello), gguf?.apply(hello, { template: 'rag' })]).toEqual(['<s>gguf', 'two'])
    expect(await loadChatTemplates(await folderOf({}))).toBeUndefined()
  })

  const tinyllama = '../shared/data/tokenizers/tinyllama'
  it.skipIf(!existsSync(tinyllama))("of TinyLlama's folder", async () => {
    const templates = await loadChatTemplates(tinyllama)
    expect(templates?.apply(hello, { addGenerationPrompt: true })).toBe('<|user|>\nhello</s>\n<|assistant|>\n')
  })
})
