import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readParams } from '../../checkpoints/parameters.ts'
import { ConfigError, LoquentError } from '../../errors.ts'
import { writeSafetensors } from '../../formats/safetensors.ts'
import { countParams, initParams, type NdArray } from '../../tensor/index.ts'
import { isNdArray } from '../../tensor/ndarray.ts'
import { leavesOf } from '../../tensor/tree.ts'
import { readModelConfig } from '../model-config.ts'
import { rnnConfig } from './config.ts'
import { rnnArchitecture } from './weights.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-rnn-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const json = {
  model_type: 'loquent-rnn',
  ...rnnArchitecture.toJson(rnnConfig({ sourceVocabSize: 12, vocabSize: 10, hiddenSize: 8, embeddingSize: 4 })),
}

async function read(config: unknown) {
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const place = (rule: string, got: string) => new ConfigError({ place: 'config.json', rule, got })
  return rnnArchitecture.fromJson(await readModelConfig(folder, rnnArchitecture.schema), place)
}

describe('a folder', () => {
  it.each([
    rnnConfig({ sourceVocabSize: 12, vocabSize: 10, hiddenSize: 8 }),
    rnnConfig({
      sourceVocabSize: 10,
      vocabSize: 10,
      hiddenSize: 7,
      attention: 'none',
      bidirectional: false,
      shareEmbeddings: true,
      cell: 'lstm',
    }),
    rnnConfig({ sourceVocabSize: 12, vocabSize: 10, hiddenSize: 6, attention: 'general', tieOutput: false, numLayers: 3 }),
  ])('gives back what was written: attention $attention', async (config) => {
    expect(await read({ model_type: 'loquent-rnn', ...rnnArchitecture.toJson(config) })).toEqual(config)
    const { spec } = rnnArchitecture.model(config)
    const written = leavesOf<NdArray>(initParams(spec, 3), isNdArray)
    const tensors = written.map(([path, { shape, data }]) => [path, { dtype: 'F32' as const, shape, data }] as const)
    await writeSafetensors(join(folder, 'model.safetensors'), tensors)
    const naming = { ...rnnArchitecture, isSpare: () => false, copies: () => [] }
    expect(leavesOf<NdArray>(await readParams(folder, spec, naming), isNdArray)).toEqual(written)
    const other = rnnArchitecture.model({ ...config, cell: config.cell === 'gru' ? 'lstm' : 'gru' })
    await expect(readParams(folder, other.spec, naming)).rejects.toThrow(LoquentError)
  })
})

describe('config.json', () => {
  it.each([
    [{ bidirectional: true, hidden_size: 7 }, /hidden_size must be even/],
    [{ share_embeddings: true }, /source_vocab_size and vocab_size must be equal/],
    [{ context_input: true }, /attention must be 'none'/],
    [{ attention: 'multi-head' }, /attention/],
    [{ cell: 'rnn' }, /cell/],
    [{ num_hidden_layers: 1e6 }, /num_hidden_layers/],
    [{ hidden_size: 1e12 }, /hidden_size/],
    [{ dropout: 1 }, /dropout/],
    [{ vocab_size: undefined }, /vocab_size/],
  ])('with %j is refused by name', async (change, message) => {
    await expect(read({ ...json, ...change })).rejects.toThrow(message)
  })

  it('of any content is read or refused, and never allocates', async () => {
    const keys = Object.keys(json)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue(), async (key, value) => {
        const config = await read({ ...json, [key]: value }).catch((error) => error)
        if (config instanceof Error) expect(config).toBeInstanceOf(LoquentError)
        else expect(countParams(rnnArchitecture.model(config).spec)).toBeGreaterThan(0)
      }),
    )
  })
})
