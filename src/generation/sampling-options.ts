import { ConfigError } from '../errors.ts'

/** How the next token is chosen. Without any of these, from the model's distribution as it is. */
export type SamplingOptions = {
  /** Logits are divided by it; 0 takes the most probable token, of equal ones the first. */
  temperature?: number
  /** Only the k most probable tokens, and those equal to the last of them; 0 means all. */
  topK?: number
  /** Only the most probable tokens that together reach this probability. Holtzman et al. 2020. */
  topP?: number
  /** Only tokens at least this fraction as probable as the most probable one. Nguyen et al. 2024. */
  minP?: number
  /** Logits of tokens seen before are divided by it where positive, multiplied where negative. Keskar et al. 2019. */
  repetitionPenalty?: number
  /** Taken from a token's logit for each time that it was generated. */
  frequencyPenalty?: number
  /** Taken from a token's logit once it was generated. */
  presencePenalty?: number
  /** Added to the logits of token ids. */
  logitBias?: Readonly<Record<number, number>>
  /** The same seed draws the same tokens from the same logits. */
  seed?: number
  /** How many of the most probable tokens to tell at each step, with their log-probabilities. */
  topLogprobs?: number
}

export type Sampling = Required<Omit<SamplingOptions, 'seed'>> & { seed: number }

const MOST_TOP_LOGPROBS = 100

/** @throws ConfigError naming the option that cannot be */
export function samplingOf(options: SamplingOptions, vocabSize: number): Sampling {
  const sampling: Sampling = {
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
    logitBias: {},
    topLogprobs: 0,
    seed: Math.floor(Math.random() * 2 ** 32),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  }
  const rules: [keyof Sampling, string, (value: number) => boolean][] = [
    ['temperature', 'a number from 0', (value) => value >= 0 && Number.isFinite(value)],
    ['topK', 'a whole number from 0', (value) => Number.isInteger(value) && value >= 0],
    ['topP', 'above 0 and at most 1', (value) => value > 0 && value <= 1],
    ['minP', 'from 0 to 1', (value) => value >= 0 && value <= 1],
    ['repetitionPenalty', 'a number above 0', (value) => value > 0 && Number.isFinite(value)],
    ['frequencyPenalty', 'a number', Number.isFinite],
    ['presencePenalty', 'a number', Number.isFinite],
    [
      'topLogprobs',
      `a whole number from 0 to ${MOST_TOP_LOGPROBS}`,
      (value) => Number.isInteger(value) && value >= 0 && value <= MOST_TOP_LOGPROBS,
    ],
    ['seed', 'a whole number', Number.isSafeInteger],
  ]
  for (const [name, rule, holds] of rules) {
    const value = sampling[name] as number
    if (!holds(value)) throw new ConfigError({ place: `sampling option ${name}`, rule: `must be ${rule}`, got: `${value}` })
  }
  for (const [id, bias] of Object.entries(sampling.logitBias)) {
    const known = /^\d+$/.test(id) && Number(id) < vocabSize
    if (known && typeof bias === 'number' && !Number.isNaN(bias)) continue
    throw new ConfigError({
      place: 'sampling option logitBias',
      rule: `maps token ids from 0 to ${vocabSize - 1} to numbers`,
      got: `${id}: ${bias}`,
    })
  }
  return sampling
}
