import { describe, expect, it } from 'vitest'
import type { CausalLm } from '../models/causal-lm.ts'
import { EncoderClassifier } from '../models/encoder/classifier.ts'
import { encoderSpec } from '../models/encoder/model.ts'
import { gpt2Config } from '../models/gpt2/config.ts'
import { gpt2Lm } from '../models/gpt2/model.ts'
import { llamaConfig } from '../models/llama/config.ts'
import { llamaLm } from '../models/llama/model.ts'
import { initParams } from '../tensor/index.ts'
import { ByteTokenizer } from '../tokenizers/byte.ts'
import { WordTokenizer } from '../tokenizers/word.ts'
import type { AttentionMap } from './attention-map.ts'
import { causalAttention, classifierAttention } from './models.ts'

const models: CausalLm[] = [
  gpt2Lm(gpt2Config({ vocabSize: 256, nPositions: 40, nEmbd: 24, nLayer: 2, nHead: 3 })),
  llamaLm(
    llamaConfig({
      ...{ vocabSize: 256, maxPositionEmbeddings: 40, hiddenSize: 24, numHiddenLayers: 3 },
      ...{ numAttentionHeads: 6, numKeyValueHeads: 2 },
    }),
  ),
]

function expectDistributions({ rows, columns, weights }: AttentionMap): void {
  expect(weights).toHaveLength(rows.length)
  for (const row of weights) {
    expect(row).toHaveLength(columns.length)
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
  }
}

const flat = ({ weights }: AttentionMap) => weights.flat()

function expectClose(map: AttentionMap, wanted: readonly number[]): void {
  for (const [i, weight] of flat(map).entries()) expect(weight).toBeCloseTo(wanted[i]!, 6)
}

describe.each(models)('self-attention of $modelType', (lm) => {
  const checkpoint = { lm, params: initParams(lm.spec, 3) }
  const tokenizer = new ByteTokenizer()
  const text = 'né 🎉'
  const labels = ['n', 'é 1/2', 'é 2/2', ' ', '🎉 1/4', '🎉 2/4', '🎉 3/4', '🎉 4/4']
  const { layers } = lm.cache!

  it('sums to 1 over what came before, and is exactly 0 beyond', async () => {
    const maps = await causalAttention(checkpoint, tokenizer, text, { layer: 'all', head: 'all' })
    expect(maps.length % layers).toBe(0)
    expect(maps.at(-1)).toMatchObject({ kind: 'self', layer: layers, rows: labels, columns: labels })
    for (const map of maps) {
      expectDistributions(map)
      for (const [t, row] of map.weights.entries()) expect(row.slice(t + 1).every((weight) => weight === 0)).toBe(true)
    }
  })

  it('gives one layer and one head, or their mean', async () => {
    const all = await causalAttention(checkpoint, tokenizer, text, { layer: 'all', head: 'all' })
    const heads = all.length / layers
    const [one, ...none] = await causalAttention(checkpoint, tokenizer, text, { layer: layers, head: heads })
    expect(none).toEqual([])
    expect(one).toMatchObject({ layer: layers, head: heads })
    expectClose(one!, flat(all.at(-1)!))
    const [mean] = await causalAttention(checkpoint, tokenizer, text)
    expect(mean).toMatchObject({ layer: 'mean', head: 'mean' })
    expectDistributions(mean!)
    const direct = flat(all[0]!).map((_, i) => all.reduce((sum, map) => sum + flat(map)[i]!, 0) / all.length)
    expectClose(mean!, direct)
    const layerMeans = await causalAttention(checkpoint, tokenizer, text, { layer: 'all' })
    expect(layerMeans.map(({ layer, head }) => [layer, head])).toEqual(Array.from({ length: layers }, (_, i) => [i + 1, 'mean']))
  })

  it('refuses what is not there', async () => {
    const explain = (options: object, given = text) => causalAttention(checkpoint, tokenizer, given, options)
    await expect(explain({ layer: layers + 1 })).rejects.toThrow(`layer must be one of 1 … ${layers}`)
    await expect(explain({ head: 0 })).rejects.toThrow('head must be one of 1 …')
    await expect(explain({ kind: 'cross' })).rejects.toThrow('kind must be one that the model has: self')
    await expect(explain({}, '')).rejects.toThrow('at least one token')
    await expect(explain({}, 'x'.repeat(lm.contextLength + 1))).rejects.toThrow(/must fit in the model's \d+ tokens/)
  })
})

describe('self-attention of a classifier', () => {
  const words = ['the', 'cat', 'sat', '.']
  const config = { vocabSize: 6, maxPositions: 8, numLayers: 2, numHeads: 2, hiddenSize: 8, dropout: 0.1, labels: ['a', 'b'] }
  const params = initParams(encoderSpec(config), 1)
  const model = new EncoderClassifier(config, params, new WordTokenizer(['[PAD]', '[UNK]', ...words]))

  it('shows every word as the text has it, known or not', async () => {
    const maps = await classifierAttention(model, 'The zebra sat.', { layer: 'all', head: 'all' })
    expect(maps).toHaveLength(4)
    for (const map of maps) {
      expect(map.rows).toEqual(['the', 'zebra', 'sat', '.'])
      expectDistributions(map)
    }
  })

  it('cuts nothing off', async () => {
    await expect(classifierAttention(model, 'cat '.repeat(9))).rejects.toThrow('9 tokens')
  })
})
