import { ConfigError } from '../errors.ts'

/** How the next token is chosen. Without any of these, from the model's distribution as it is. */
export type SamplingOptions = {
  /** Logits are divided by it; 0 takes the most probable token, of equal ones the first. */
  temperature?: number
  /** Only the k most probable tokens, and those equal to the last of them; 0 means all. */
  topK?: number
  /** Only the most probable tokens that together reach this probability, with the one that crosses it. Holtzman et al. 2020. */
  topP?: number
  /** Only tokens at least this fraction as probable as the most probable one. Nguyen et al. 2024. */
  minP?: number
  /** Logits of tokens seen before are divided by it where positive, multiplied where negative. Keskar et al. 2019. */
  repetitionPenalty?: number
  /** Taken from a token's logit for each time that it was generated. */
  frequencyPenalty?: number
  /** Taken from a token's logit once it was generated. */
  presencePenalty?: number
  /** Added to the logits of token ids; −∞ forbids a token. */
  logitBias?: ReadonlyMap<number, number> | Readonly<Record<number, number>>
  /** The same seed draws the same tokens from the same logits. */
  seed?: number
  /** How many of the most probable tokens to tell at each step, with their log-probabilities. */
  topLogprobs?: number
}

/** Options that were checked, with what was left out filled in. */
export type Sampling = Required<Omit<SamplingOptions, 'logitBias'>> & {
  logitBias: readonly (readonly [id: number, bias: number])[]
}

type Numeric = Exclude<keyof Sampling, 'logitBias'>

const MOST_TOP_LOGPROBS = 100

const RULES: Record<Numeric, { rule: string; holds: (value: number) => boolean; hint: string }> = {
  temperature: {
    rule: 'a number from 0',
    holds: (value) => value >= 0 && Number.isFinite(value),
    hint: '0 takes the most probable token, 1 leaves the distribution as it is',
  },
  topK: { rule: 'a whole number from 0', holds: (value) => Number.isInteger(value) && value >= 0, hint: '0 leaves all tokens' },
  topP: {
    rule: 'above 0 and at most 1',
    holds: (value) => value > 0 && value <= 1,
    hint: '1 leaves all tokens; temperature 0 takes the most probable one',
  },
  minP: { rule: 'from 0 to 1', holds: (value) => value >= 0 && value <= 1, hint: '0 leaves all tokens' },
  repetitionPenalty: {
    rule: 'a number above 0',
    holds: (value) => value > 0 && Number.isFinite(value),
    hint: '1 changes nothing, more makes what was seen less probable',
  },
  frequencyPenalty: { rule: 'a number', holds: Number.isFinite, hint: '0 changes nothing' },
  presencePenalty: { rule: 'a number', holds: Number.isFinite, hint: '0 changes nothing' },
  topLogprobs: {
    rule: `a whole number from 0 to ${MOST_TOP_LOGPROBS}`,
    holds: (value) => Number.isInteger(value) && value >= 0 && value <= MOST_TOP_LOGPROBS,
    hint: '0 tells none',
  },
  seed: { rule: 'a whole number', holds: Number.isSafeInteger, hint: 'leave it out for a new one each time' },
}

/** @throws ConfigError naming the option that cannot be */
export function samplingOf({ logitBias = {}, ...options }: SamplingOptions, vocabSize: number): Sampling {
  const sampling: Sampling = {
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
    topLogprobs: 0,
    seed: Math.floor(Math.random() * 2 ** 32),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    logitBias: biases(logitBias, vocabSize),
  }
  for (const [name, { rule, holds, hint }] of Object.entries(RULES)) {
    const value: unknown = sampling[name as Numeric]
    if (typeof value === 'number' && holds(value)) continue
    throw new ConfigError({ place: `sampling option ${name}`, rule: `must be ${rule}`, got: shown(value), hint })
  }
  return sampling
}

function biases(logitBias: NonNullable<SamplingOptions['logitBias']>, vocabSize: number): Sampling['logitBias'] {
  const entries: [unknown, unknown][] = logitBias instanceof Map ? [...logitBias] : Object.entries(logitBias)
  return entries.map(([key, bias]) => {
    const id = typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : key
    const known = Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize
    if (known && typeof bias === 'number' && !Number.isNaN(bias)) return [id as number, bias] as const
    throw new ConfigError({
      place: 'sampling option logitBias',
      rule: `maps token ids from 0 to ${vocabSize - 1} to numbers`,
      got: `${shown(key)}: ${shown(bias)}`,
      hint: known ? '-100 all but forbids a token, 100 all but forces it' : "ids are those of the model's own tokenizer",
    })
  })
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
