import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadCausalLm } from '../checkpoints/causal-lm.ts'
import { loadSeq2Seq } from '../checkpoints/seq2seq.ts'
import { rnnConfig } from '../models/rnn/config.ts'
import { rnnSeq2Seq } from '../models/rnn/model.ts'
import { initParams } from '../tensor/index.ts'
import { idsArray, lookedAt } from './attention.ts'
import type { AttentionKind, AttentionMap } from './attention-map.ts'
import { seq2SeqAttention } from './models.ts'

type Weights = number[][][][]
const golden: {
  causal: { model: string; ids: number[]; self: Weights }[]
  seq2seq: ({ model: string; source: number[]; read: number[] } & Record<'encoder' | 'decoder' | 'cross', Weights>)[]
} = JSON.parse(readFileSync(new URL('../../test/golden/attention.json', import.meta.url), 'utf8'))

const folder = (name: string) => new URL(`../../test/golden/checkpoints/${name}`, import.meta.url).pathname
const pieces = (ids: ArrayLike<number>, mark = '') => ({ ids, labels: Array.from(ids, (id) => `${mark}${id}`) })
const all = { layer: 'all', head: 'all' } as const

function expectSame(maps: readonly AttentionMap[], wanted: Weights): void {
  expect(maps.map(({ layer, head }) => [layer, head])).toEqual(wanted.flatMap((layer, l) => layer.map((_, h) => [l + 1, h + 1])))
  for (const { layer, head, weights } of maps) {
    const want = wanted[Number(layer) - 1]![Number(head) - 1]!
    expect(weights.map((row) => row.length)).toEqual(want.map((row) => row.length))
    for (const [t, row] of weights.entries()) {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      for (const [s, weight] of row.entries()) {
        expect(Math.abs(weight - want[t]![s]!)).toBeLessThan(1e-5)
        if (want[t]![s] === 0) expect(weight).toBe(0)
      }
    }
  }
}

describe('attention weights are those of transformers', () => {
  it.each(golden.causal)('$model', async ({ model, ids, self }) => {
    const { lm, params } = await loadCausalLm(folder(model))
    const { labels } = pieces(ids)
    const kinds = [{ kind: 'self', rows: labels, columns: labels }] as const
    const forward = (p: unknown, ids: any) => lm.forward(p, ids).logits
    expectSame(await lookedAt({ place: model, params, inputs: [idsArray(ids)], kinds, forward }, all), self)
  })

  it.each(golden.seq2seq)('$model', async ({ model, source, read, ...wanted }) => {
    const checkpoint = await loadSeq2Seq(folder(model))
    const text = { source: pieces(source), read: pieces(read, 'r'), predicted: pieces(read, 'p') }
    for (const kind of ['cross', 'encoder', 'decoder'] as const) {
      const maps = await seq2SeqAttention(checkpoint, text, { ...all, kind })
      expectSame(maps, wanted[kind])
      const [rows, columns] = {
        cross: [text.predicted, text.source],
        encoder: [text.source, text.source],
        decoder: [text.read, text.read],
      }[kind]
      expect(maps[0]).toMatchObject({ kind, rows: rows!.labels, columns: columns!.labels })
    }
  })
})

describe('recurrent encoder–decoders', () => {
  const text = { source: pieces([5, 6, 7, 2]), read: pieces([1, 8, 9]), predicted: pieces([8, 9, 2]) }
  const sizes = { sourceVocabSize: 20, vocabSize: 20, hiddenSize: 8, numLayers: 2 }

  it.each(['additive', 'dot', 'general'] as const)('%s attention: one head, to the source', async (attention) => {
    const model = rnnSeq2Seq(rnnConfig({ ...sizes, attention }))
    const maps = await seq2SeqAttention({ model, params: initParams(model.spec, 1) }, text, all)
    expect(maps).toHaveLength(1)
    expect(maps[0]).toMatchObject({ kind: 'cross', layer: 1, head: 1, rows: ['8', '9', '2'], columns: ['5', '6', '7', '2'] })
    for (const row of maps[0]!.weights) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
  })

  it('without attention have nothing to show, and say so', async () => {
    const model = rnnSeq2Seq(rnnConfig({ ...sizes, attention: 'none' }))
    const look = (kind?: AttentionKind) => seq2SeqAttention({ model, params: initParams(model.spec, 1) }, text, { kind })
    await expect(look()).rejects.toThrow('only a model with attention can show its weights')
    await expect(look('cross')).rejects.toThrow('a model without any')
  })
})
