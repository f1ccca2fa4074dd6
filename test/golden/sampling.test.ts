import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { History } from '../../src/generation/history.ts'
import { Sampler } from '../../src/generation/sampling.ts'
import type { SamplingOptions } from '../../src/generation/sampling-options.ts'
import { type Checksum, distance, integers, values } from './formula.ts'

type Row = { size: number; salt: number } & ({ below: number } | { scale: number; offset: number })
type Case = {
  title: string
  row: Row
  options: SamplingOptions
  prompt?: number[]
  kept: number
  splitsTies: boolean
  logprobs?: (number | null)[]
  probabilities?: Checksum
}
const golden: { tolerance: number; cases: Case[] } = JSON.parse(readFileSync(new URL('sampling.json', import.meta.url), 'utf8'))

const logitsOf = (row: Row): Float32Array =>
  'below' in row
    ? Float32Array.from(integers([row.size], row.salt, row.below))
    : values([row.size], row.salt, row.scale, row.offset)

/** Log-probabilities of all tokens; −∞ for those that cannot be drawn. */
function logprobsOf({ row, options, prompt }: Case): number[] {
  const { ids, probabilities } = new Sampler(options, row.size).distribution(logitsOf(row), new History(prompt))
  const all = new Array<number>(row.size).fill(Number.NEGATIVE_INFINITY)
  for (const [i, id] of ids.entries()) all[id] = Math.log(probabilities[i])
  return all
}

const descending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => b - a)

describe('what is drawn from, as the logits processors of transformers leave it', () => {
  it.each(golden.cases)('$title', (golden_) => {
    const found = logprobsOf(golden_)
    expect(found.filter(Number.isFinite)).toHaveLength(golden_.kept)
    if (golden_.probabilities) {
      expect(distance(descending(found).map(Math.exp), golden_.probabilities)).toBeLessThan(golden.tolerance)
      return
    }
    const wanted = golden_.logprobs!.map((logprob) => logprob ?? Number.NEGATIVE_INFINITY)
    // Which of equal tokens lie inside the cut is for transformers an accident of sorting.
    const [got, want] = golden_.splitsTies ? [descending(found), descending(wanted)] : [found, wanted]
    const errors = want.map((logprob, id) =>
      got[id] === logprob ? 0 : Math.abs(got[id] - logprob) / Math.max(1, Math.abs(logprob)),
    )
    expect(Math.max(...errors)).toBeLessThan(golden.tolerance)
  })
})
