import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { tableModel } from './seq2seq.contract.ts'
import { Seq2SeqGenerator } from './seq2seq-generator.ts'

type Case = {
  vocabSize: number
  salt: number
  scale: number
  endBias: number
  ends: number[]
  beams: number
  lengthPenalty: number
  earlyStopping: boolean | 'never'
  nBest: number
  maxTokens: number
  minTokens: number
  noRepeatNgram: number
  prefix: number[]
  forcedBos: number | null
  forcedEos: number | null
  suppressed: number[]
  sources: number[]
  hypotheses: { ids: number[]; stop: boolean; score?: number }[][]
}

const { start, pad, cases } = JSON.parse(readFileSync(new URL('../../test/golden/beam_search.json', import.meta.url), 'utf8'))

it('finds what transformers find, with the same scores', async () => {
  const wrong: unknown[] = []
  for (const { hypotheses, sources, ...golden } of cases as Case[]) {
    const {
      ends,
      forcedBos,
      forcedEos,
      suppressed,
      prefix: targetPrefix,
      vocabSize,
      salt,
      scale,
      endBias,
      beams,
      ...options
    } = golden
    const tokens = { start, pad, end: ends, suppressed, ...(forcedEos !== null && { forcedEos }) }
    using generator = await Seq2SeqGenerator.compile(tableModel({ vocabSize, salt, scale, ends, endBias }), {}, tokens, {
      threads: 1,
    })
    const got = await generator.generate(
      sources.map((source) => Int32Array.of(source)),
      { ...options, targetPrefix, beams, nBest: beams === 1 ? 1 : options.nBest, ...(forcedBos !== null && { forcedBos }) },
    )
    const shown = got.map((all, b) =>
      all.map(({ ids, finishReason, score }, i) => {
        const want = hypotheses[b][i]?.score
        const close = want !== undefined && Math.abs(want - score) < 1e-4 * Math.max(1, Math.abs(want))
        return { ids: [...ids], stop: finishReason === 'stop', ...(want !== undefined && { score: close ? want : score }) }
      }),
    )
    if (JSON.stringify(shown) !== JSON.stringify(hypotheses)) wrong.push({ ...golden, sources, got: shown, want: hypotheses })
  }
  expect(wrong.map((each) => JSON.stringify(each))).toEqual([])
})
