import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadSeq2Seq } from '../../src/checkpoints/seq2seq.ts'
import type { SpecialIds } from '../../src/checkpoints/seq2seq-tokens.ts'
import { Seq2SeqGenerator } from '../../src/generation/seq2seq-generator.ts'

type Search = {
  checkpoint: string
  special: Partial<SpecialIds>
  sources: number[][]
  lengths: number[]
  options: {
    num_beams: number
    num_return_sequences?: number
    max_new_tokens: number
    min_new_tokens?: number
    length_penalty?: number
    early_stopping?: boolean | 'never'
    no_repeat_ngram_size?: number
  }
  hypotheses: { ids: number[]; score: number | null }[][]
}

const searches = ['transformer_generation.json', 't5_generation.json'].flatMap((name): Search[] => {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')).searches
})
const checkpoints = [...new Set(searches.map(({ checkpoint }) => checkpoint))]

/** The id that ends a target is not told; where the last one was an end is. */
const withoutEnd = (ids: readonly number[], end: readonly number[]) => (end.includes(ids.at(-1)!) ? ids.slice(0, -1) : ids)

describe.each(checkpoints)('%s', (checkpoint) => {
  it('generates what transformers generate, greedily and with beams, a batch and one by one', async () => {
    const { model, params, special } = await loadSeq2Seq(fileURLToPath(new URL(`checkpoints/${checkpoint}`, import.meta.url)))
    using generator = await Seq2SeqGenerator.compile(model, params, special, { threads: 1 })
    const own = searches.filter((search) => search.checkpoint === checkpoint)
    expect(own.length).toBeGreaterThan(3)
    for (const { options, sources, lengths, hypotheses, special: want } of own) {
      expect(special).toMatchObject(want)
      const real = sources.map((source, i) => Int32Array.from(source.slice(0, lengths[i])))
      const ours = {
        beams: options.num_beams,
        nBest: options.num_return_sequences,
        maxTokens: options.max_new_tokens,
        minTokens: options.min_new_tokens,
        lengthPenalty: options.length_penalty,
        earlyStopping: options.early_stopping,
        noRepeatNgram: options.no_repeat_ngram_size,
      }
      const together = await generator.generate(real, ours)
      const alone = []
      for (const source of real) alone.push(...(await generator.generate([source], ours)))
      for (const found of [together, alone]) {
        const ids = found.map((all) => all.map((hypothesis) => [...hypothesis.ids]))
        expect({ options, ids }).toEqual({
          options,
          ids: hypotheses.map((all) => all.map((hypothesis) => withoutEnd(hypothesis.ids, special.end))),
        })
        const scores = found.flat().map(({ score }) => score)
        for (const [i, { score }] of hypotheses.flat().entries()) {
          if (score !== null) expect(Math.abs(scores[i] - score)).toBeLessThan(1e-4)
        }
      }
    }
  })
})
