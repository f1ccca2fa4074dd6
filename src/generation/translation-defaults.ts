import type { Seq2SeqCheckpoint } from '../checkpoints/seq2seq.ts'
import type { SearchOptions } from './seq2seq-options.ts'

/** What a folder says of decoding, under what the caller says. Lengths in a folder count the start; a caller who draws wants no beams. */
export function withDefaults(
  search: SearchOptions,
  { defaults, model }: Pick<Seq2SeqCheckpoint, 'defaults' | 'model'>,
): SearchOptions {
  const { maxLength, minLength = 0, beams, lengthPenalty, earlyStopping, noRepeatNgram, renormalize } = defaults
  const given = Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as SearchOptions
  const draws = [given.temperature || undefined, given.topK, given.topP, given.minP].some((option) => option !== undefined)
  const maxTokens = given.maxTokens ?? (maxLength === undefined ? undefined : most(maxLength - 1, model.maxTargetLength))
  const least = given.minTokens ?? Math.min(Math.max(0, minLength - 1), maxTokens ?? Number.POSITIVE_INFINITY)
  return {
    ...{ lengthPenalty, earlyStopping, noRepeatNgram, renormalize },
    ...(beams !== undefined && !draws && { beams: Math.max(beams, given.nBest ?? 1) }),
    ...(beams === undefined && !draws && given.nBest !== undefined && { beams: given.nBest }),
    ...given,
    ...(maxTokens !== undefined && { maxTokens }),
    minTokens: least,
  }
}

const most = (wanted: number, room: number): number => Math.max(1, Math.min(wanted, room))
