/** How targets are searched for, checked once for all sources. */
import type { SpecialIds } from '../checkpoints/seq2seq-tokens.ts'
import { ConfigError, DataError } from '../errors.ts'
import type { SamplingOptions } from './sampling-options.ts'

/** When a beam search ends: once it has as many targets as beams (true), once a better one is unlikely (false), or impossible ('never'). */
export type EarlyStopping = boolean | 'never'

export type SearchOptions = Pick<SamplingOptions, 'temperature' | 'topK' | 'topP' | 'minP' | 'seed'> & {
  /** Hypotheses that are followed side by side; 1 takes the most probable token each time, or draws. */
  beams?: number
  /** A score is the sum of log-probabilities divided by the length to this power: above 0 favours long targets. Default 1. */
  lengthPenalty?: number
  earlyStopping?: EarlyStopping
  /** Targets for each source, of at most as many beams; with a temperature, so many are drawn. */
  nBest?: number
  /** Tokens to generate at most, the end included. Default: 256, or what the model has room for where that is less. */
  maxTokens?: number
  /** No end before so many tokens. */
  minTokens?: number
  /** No sequence of so many tokens comes twice in a target; 0 allows all. */
  noRepeatNgram?: number
  /** Probabilities are shared out among the tokens that may still come: with beams, other targets may win. Default false. */
  renormalize?: boolean
  /** Tokens that every target goes on from, after its start. They are not part of the answer. */
  targetPrefix?: readonly number[]
  /** Instead of the model's own, where they depend on the language to translate to. */
  start?: number
  forcedBos?: number
  signal?: AbortSignal
}

/** Options with what was left out filled in. */
export type SearchPlan = {
  /** Rows for each source. */
  width: number
  lengthPenalty: number
  earlyStopping: EarlyStopping
  nBest: number
  maxTokens: number
  minTokens: number
  noRepeatNgram: number
  renormalize: boolean
  /** The start and the prefix. */
  head: readonly number[]
  tokens: SpecialIds
  /** How to draw; absent where nothing is drawn. */
  sampling?: SamplingOptions
}

const DEFAULT_TOKENS = 256
const MOST_BEAMS = 256

type Limits = { vocabSize: number; maxTargetLength: number }

/** @throws ConfigError naming the option that cannot be; DataError where the model has no room for the target */
export function searchPlan(
  { beams = 1, nBest = 1, lengthPenalty = 1, earlyStopping = false, ...rest }: SearchOptions,
  special: SpecialIds,
  { vocabSize, maxTargetLength }: Limits,
): SearchPlan {
  const { minTokens = 0, noRepeatNgram = 0, renormalize = false } = rest
  const sampling = samplingIn(rest)
  whole('beams', beams, 1, MOST_BEAMS)
  whole('nBest', nBest, 1, MOST_BEAMS)
  whole('minTokens', minTokens, 0)
  whole('noRepeatNgram', noRepeatNgram, 0)
  expect(Number.isFinite(lengthPenalty), 'lengthPenalty', 'must be a number', lengthPenalty)
  expect([true, false, 'never'].includes(earlyStopping), 'earlyStopping', "must be true, false or 'never'", earlyStopping)
  if (sampling && beams > 1)
    expect(false, 'beams', 'a search with beams draws nothing: leave out beams or the temperature', beams)
  if (!sampling)
    expect(nBest <= beams, 'nBest', 'no more targets than beams, or a temperature to draw them', `${nBest} of ${beams}`)
  const tokens = { ...special, start: rest.start ?? special.start, forcedBos: rest.forcedBos ?? special.forcedBos }
  const head = [tokens.start, ...(rest.targetPrefix ?? [])]
  checkIds({ ...tokens, targetPrefix: rest.targetPrefix }, vocabSize)
  // The last token that is generated is never read.
  const room = maxTargetLength - head.length + 1
  const maxTokens = rest.maxTokens ?? Math.max(1, Math.min(DEFAULT_TOKENS, room))
  whole('maxTokens', maxTokens, 1)
  if (maxTokens > room) throw noRoom(head.length, maxTokens, maxTargetLength)
  expect(minTokens <= maxTokens, 'minTokens', 'at most maxTokens', `${minTokens} of ${maxTokens}`)
  return {
    width: sampling ? nBest : beams,
    ...{ lengthPenalty, earlyStopping, nBest, maxTokens, minTokens, noRepeatNgram, renormalize, head, tokens },
    ...(sampling && { sampling }),
  }
}

function checkIds(tokens: Readonly<Record<string, unknown>>, vocabSize: number): void {
  const known = (id: unknown) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize
  for (const [name, value] of Object.entries(tokens)) {
    if (value === undefined && name !== 'start') continue
    const ids = [value].flat()
    const odd = ids.findIndex((id) => !known(id))
    if (odd >= 0) expect(false, `token ${name}`, `an id from 0 to ${vocabSize - 1}`, ids[odd])
  }
}

/** Drawing is asked for by a temperature above 0, or by a cut of the distribution. */
function samplingIn({ temperature, topK, topP, minP, seed }: SearchOptions): SamplingOptions | undefined {
  const cuts = [topK, topP, minP].some((cut) => cut !== undefined)
  if (temperature === 0 || (temperature === undefined && !cuts)) return undefined
  return { temperature: temperature ?? 1, topK, topP, minP, seed }
}

function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  expect(Number.isInteger(value) && value >= least && value <= most, name, `must be a whole number ${range}`, value)
}

function expect(holds: boolean, name: string, rule: string, got: unknown): void {
  if (!holds) throw new ConfigError({ place: `search option ${name}`, rule, got: String(got) })
}

function noRoom(head: number, maxTokens: number, maxTargetLength: number): DataError {
  return new DataError({
    place: 'target',
    rule: `this model writes targets of ${maxTargetLength} tokens at most, with their start`,
    got: `${head} tokens to start from and ${maxTokens} to generate`,
    hint: `ask for ${Math.max(1, maxTargetLength - head + 1)} tokens at most`,
  })
}
