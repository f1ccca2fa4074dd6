import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoquentError } from '../errors.ts'
import { openSafetensors, type SafetensorsInput, writeSafetensors } from '../formats/safetensors.ts'
import { isNdArray } from '../tensor/compile.ts'
import { leavesOf } from '../tensor/tree.ts'
import { loadSeq2Seq, seq2SeqModelTypes, writeSeq2Seq } from './seq2seq.ts'
import { loadSeq2SeqTokenizers } from './seq2seq-tokenizers.ts'

const golden = (name: string) => fileURLToPath(new URL(`../../test/golden/checkpoints/${name}`, import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-seq2seq-'))
})
afterEach(() => rm(folder, { recursive: true }))

const edit = async (file: string, changes: Record<string, unknown>) => {
  const path = join(folder, file)
  const json = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...json, ...changes }))
}
const config = (changes: Record<string, unknown>) => edit('config.json', changes)
const generation = (changes: Record<string, unknown>) => edit('generation_config.json', changes)

describe('a folder that was written', () => {
  it.each(['t5-tiny', 't5-tiny-gated', 'mt5-tiny', 'umt5-tiny', 'marian-tiny'])('%s: is read as it was', async (name) => {
    const { architecture, config, params, special } = await loadSeq2Seq(golden(name))
    const defaults = {
      beams: 4,
      lengthPenalty: 0.6,
      earlyStopping: 'never',
      maxLength: 40,
      minLength: 2,
      noRepeatNgram: 3,
      renormalize: true,
    } as const
    const said = { ...special, end: [special.end[0], 3], forcedBos: 5, forcedEos: 3, suppressed: [6, 7] }
    await writeSeq2Seq({ architecture, config, params }, folder, said, defaults)
    const again = await loadSeq2Seq(folder)
    expect(seq2SeqModelTypes).toContain(again.model.modelType)
    expect(again.config).toEqual(config)
    expect(again.special).toEqual(said)
    expect(again.defaults).toEqual(defaults)
    expect(leavesOf(again.params, isNdArray)).toEqual(leavesOf(params, isNdArray))
  })
})

describe('what config.json and generation_config.json say', () => {
  beforeEach(() => cp(golden('t5-tiny'), folder, { recursive: true }))

  it('ids that one leaves out are those of the other, rules and ways to search only the one that is there', async () => {
    await config({ num_beams: 7, length_penalty: 2, forced_eos_token_id: 1, bad_words_ids: [[4], [5]], repetition_penalty: 2 })
    await generation({
      eos_token_id: [1, 8],
      pad_token_id: null,
      forced_eos_token_id: null,
      max_new_tokens: 30,
      suppress_tokens: [5, 9],
    })
    const { special, defaults } = await loadSeq2Seq(folder)
    expect(special).toEqual({ start: 0, end: [1, 8], pad: 0, suppressed: [5, 9] })
    expect(defaults).toEqual({ maxLength: 31 })
    await rm(join(folder, 'generation_config.json'))
    await config({ repetition_penalty: 1 })
    expect(await loadSeq2Seq(folder)).toMatchObject({
      special: { end: [1], forcedEos: 1, suppressed: [4, 5] },
      defaults: { beams: 7, lengthPenalty: 2 },
    })
  })

  it('bad words let a target end, and the least number of new tokens wins over the least length, as in transformers', async () => {
    await generation({ bad_words_ids: [[1], [4]], min_length: 9, min_new_tokens: 3, renormalize_logits: true })
    const { special, defaults } = await loadSeq2Seq(folder)
    expect(special.suppressed).toEqual([4])
    expect(defaults).toMatchObject({ minLength: 4, renormalize: true })
  })

  it('an end that no file names is that of the architecture', async () => {
    await config({ eos_token_id: undefined })
    await generation({ eos_token_id: undefined })
    expect((await loadSeq2Seq(folder)).special.end).toEqual([1])
    await config({ eos_token_id: null })
    expect((await loadSeq2Seq(folder)).special.end).toEqual([])
  })

  it('a target begins with bos_token_id where nothing else is said, and somehow it must', async () => {
    await config({ decoder_start_token_id: undefined })
    await generation({ decoder_start_token_id: undefined, bos_token_id: 9 })
    expect((await loadSeq2Seq(folder)).special.start).toBe(9)
    await generation({ bos_token_id: null })
    await expect(loadSeq2Seq(folder)).rejects.toThrow(
      /generation_config.json: decoder_start_token_id, or else bos_token_id[\s\S]*neither/,
    )
  })

  it.each([
    [{ eos_token_id: [1, 67] }, 'one of the vocabulary\n  got    67 beside 67 tokens'],
    [{ eos_token_id: -1 }, 'eos_token_id'],
    [{ pad_token_id: 1.5 }, 'pad_token_id'],
    [{ decoder_start_token_id: [0, 1] }, '2 ids'],
    [{ bad_words_ids: [[1, 2]] }, 'a phrase of 2 tokens'],
    [{ begin_suppress_tokens: [3] }, 'cannot be followed'],
    [{ repetition_penalty: 1.2 }, 'repetition_penalty cannot be followed\n  got    1.2'],
    [{ encoder_no_repeat_ngram_size: 3 }, 'encoder_no_repeat_ngram_size cannot be followed'],
    [{ exponential_decay_length_penalty: [5, 1.1] }, 'exponential_decay_length_penalty cannot be followed'],
    [{ min_new_tokens: -1 }, 'min_new_tokens'],
    [{ forced_eos_token_id: [1, 2] }, 'forced_eos_token_id is one id'],
    [{ num_beams: 0 }, 'num_beams'],
    [{ early_stopping: 'soon' }, 'early_stopping'],
    [{ max_length: 1e12 }, 'max_length'],
  ])('%j is refused', async (changes, message) => {
    await generation(changes)
    await expect(loadSeq2Seq(folder)).rejects.toThrow(message)
  })

  it.each([
    [{ model_type: 'bert' }, 'model_type of an encoder–decoder is one of marian, pegasus'],
    [{ d_model: 25 }, "config.json asks for 'shared.weight' as F32, F16 or BF16 [67,25]"],
    [{ num_decoder_layers: 3 }, "asks for 'decoder.block.2"],
    [{ num_layers: 2 }, "config.json leaves no place for the tensor 'encoder.block.2"],
    [{ feed_forward_proj: 'gated-gelu' }, "no place for the tensor 'decoder.block.0.layer.2.DenseReluDense.wi.weight'"],
    [{ feed_forward_proj: 'gated-cube' }, 'feed_forward_proj is one of relu, gelu'],
    [{ relative_attention_num_buckets: 3 }, 'relative_attention_num_buckets must be at least 4'],
    [{ relative_attention_max_distance: 6 }, 'relative_attention_max_distance must be greater than 6'],
    [{ relative_attention_max_distance: 1e9 }, 'relative_attention_max_distance'],
    [{ dropout_rate: 1 }, 'dropout_rate'],
    [{ layer_norm_epsilon: 1e308 }, 'layer_norm_epsilon: Too big: expected number to be <=1\n  got    1e+308'],
  ])('%j in config.json is refused', async (changes, message) => {
    await config(changes)
    await expect(loadSeq2Seq(folder)).rejects.toThrow(message)
  })

  it('whatever stands there, it is read or refused with a reason', async () => {
    const original = [
      await readFile(join(folder, 'config.json'), 'utf8'),
      await readFile(join(folder, 'generation_config.json'), 'utf8'),
    ]
    const keys = [
      ...new Set(original.flatMap((text) => Object.keys(JSON.parse(text)))),
      'forced_bos_token_id',
      'bad_words_ids',
      'num_beams',
    ]
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constant(null),
      fc.array(fc.integer({ min: -2, max: 80 })),
      fc.object(),
    )
    const change = fc.tuple(fc.constantFrom('config.json', 'generation_config.json'), fc.constantFrom(...keys), value)
    await fc.assert(
      fc.asyncProperty(change, async ([file, key, value]) => {
        await edit(file, { [key]: value })
        await loadSeq2Seq(folder).catch((error) => {
          if (!(error instanceof LoquentError) || error.message.startsWith('internal')) throw error
        })
        for (const [i, name] of ['config.json', 'generation_config.json'].entries())
          await writeFile(join(folder, name), original[i])
      }),
      { numRuns: 150 },
    )
  })
})

it('tables that are tied and differ are refused, until config.json says that they are not tied', async () => {
  await cp(golden('bart-tiny'), folder, { recursive: true })
  const path = join(folder, 'model.safetensors')
  const tensors = new Map<string, SafetensorsInput>()
  {
    await using file = await openSafetensors(path)
    for (const [name, { dtype, shape, read }] of file.tensors) tensors.set(name, { dtype, shape, data: await read() })
  }
  const shared = tensors.get('model.shared.weight')!
  await writeSafetensors(path, new Map(tensors).set('lm_head.weight', shared))
  await loadSeq2Seq(folder)
  const other = { ...shared, data: (shared.data as Float32Array).map((x) => -x) }
  await writeSafetensors(path, new Map(tensors).set('lm_head.weight', other))
  await expect(loadSeq2Seq(folder)).rejects.toThrow(/'lm_head.weight' is 'model.shared.weight' once more[\s\S]*other numbers/)
  await config({ tie_word_embeddings: false })
  expect((await loadSeq2Seq(folder)).params.head.data).toEqual(other.data)
})

it('a folder without a tokenizer says so', async () => {
  await cp(golden('t5-tiny'), folder, { recursive: true })
  await expect(loadSeq2SeqTokenizers(folder)).rejects.toThrow('a folder with a tokenizer holds a file that describes it')
})
