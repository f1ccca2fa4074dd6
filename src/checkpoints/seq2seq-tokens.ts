/** Which ids of an encoder–decoder mean something, and how it is meant to be decoded: config.json and generation_config.json. */
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { checked, readJson } from '../models/model-config.ts'
import { exists } from './parameters.ts'
import { unfollowed } from './unfollowed.ts'

/** Ids with a meaning for decoding. */
export type SpecialIds = {
  /** What every target begins with; no part of the answer. */
  start: number
  /** Any of these ends a target. */
  end: number[]
  /** Fills up what is shorter than its neighbours. */
  pad: number
  /** The first token after the start: the language, in models of many languages. */
  forcedBos?: number
  /** The last token of a target that reaches the greatest length. */
  forcedEos?: number
  /** Never chosen. */
  suppressed: number[]
}

/** How the model's makers decode with it. Lengths count the start, as transformers do. */
export type DecodingDefaults = {
  beams?: number
  lengthPenalty?: number
  earlyStopping?: boolean | 'never'
  maxLength?: number
  minLength?: number
  noRepeatNgram?: number
  renormalize?: boolean
}

const id = z.number().int().min(0)
const ids = z.preprocess((value) => (typeof value === 'number' ? [value] : value), z.array(id))
const length = z.number().int().min(0).max(1_000_000)

const IDS = {
  decoder_start_token_id: ids.nullish(),
  bos_token_id: id.nullish(),
  eos_token_id: ids.nullish(),
  pad_token_id: id.nullish(),
}

const GENERATION = z.object({
  ...IDS,
  forced_bos_token_id: id.nullish(),
  forced_eos_token_id: ids.nullish(),
  bad_words_ids: z.array(z.array(id).min(1)).nullish(),
  suppress_tokens: z.array(id).nullish(),
  num_beams: z.number().int().min(1).max(1000).nullish(),
  length_penalty: z.number().nullish(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).nullish(),
  max_length: length.nullish(),
  max_new_tokens: length.nullish(),
  min_length: length.nullish(),
  min_new_tokens: length.nullish(),
  no_repeat_ngram_size: length.nullish(),
  renormalize_logits: z.boolean().nullish(),
})

type Generation = z.infer<typeof GENERATION>

/**
 * What a folder says about decoding. Ids that generation_config.json leaves out are config.json's; how to search, and what is forced or
 * forbidden, is said by generation_config.json where there is one, else by config.json.
 *
 * @param config  the parsed config.json
 * @param vocabSize  of the targets
 * @throws ConfigError for a value that cannot be or cannot be followed, an id outside the vocabulary, or where nothing says what a target
 *   begins with
 */
export async function readDecoding(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  vocabSize: number,
): Promise<{ special: SpecialIds; defaults: DecodingDefaults }> {
  const [ofModel, ofGeneration] = [join(folder, 'config.json'), join(folder, 'generation_config.json')]
  const model = parsed(config, ofModel)
  const json = (await exists(ofGeneration)) ? await readJson(ofGeneration) : undefined
  const generation = json === undefined ? undefined : parsed(json, ofGeneration)
  const place = generation ? ofGeneration : ofModel
  const key = unfollowed((json ?? config) as Readonly<Record<string, unknown>>)
  if (key) throw notSupported(place, `${key.name} cannot be followed`, key.value)
  const asked = generation ?? model
  const ids = Object.fromEntries(Object.keys(IDS).map((key) => [key, at(generation, key) ?? at(model, key)]))
  const special = specialIds({ ...asked, ...ids }, place)
  const { start, end, pad, forcedBos = 0, forcedEos = 0, suppressed } = special
  const outside = [start, ...end, pad, forcedBos, forcedEos, ...suppressed].find((token) => token >= vocabSize)
  if (outside !== undefined) {
    const rule = 'an id with a meaning is one of the vocabulary'
    const hint = 'the files of a model belong together: copy all of them from one folder'
    throw new ConfigError({ place, rule, got: `${outside} beside ${vocabSize} tokens`, hint })
  }
  return { special, defaults: defaultsOf(asked) }
}

const at = (json: Generation | undefined, key: string) => json?.[key as keyof Generation]

const parsed = (json: unknown, place: string): Generation =>
  checked(GENERATION, json, place, 'write what transformers would accept, or take the entry out of the file')

function specialIds(given: Generation, place: string): SpecialIds {
  const end = given.eos_token_id ?? []
  const start = given.decoder_start_token_id ?? (typeof given.bos_token_id === 'number' ? [given.bos_token_id] : [])
  const pad = given.pad_token_id ?? end[0] ?? start[0]
  if (start.length !== 1) {
    throw new ConfigError({
      place,
      rule: 'decoder_start_token_id, or else bos_token_id, says what every target begins with',
      got: start.length === 0 ? 'neither' : `${start.length} ids`,
      hint: 'add decoder_start_token_id: 0, the padding, for T5; the padding for Marian; the end of a text for BART',
    })
  }
  const forcedEos = given.forced_eos_token_id ?? []
  if (forcedEos.length > 1) throw notSupported(place, 'forced_eos_token_id is one id', `${forcedEos.length} ids`)
  const phrase = given.bad_words_ids?.find(({ length }) => length > 1)
  if (phrase) throw notSupported(place, 'bad_words_ids may name single tokens', `a phrase of ${phrase.length} tokens`)
  // As in transformers, which let a target end whatever the bad words are.
  const bad = (given.bad_words_ids ?? []).flat().filter((id) => !end.includes(id))
  const suppressed = [...new Set([...bad, ...(given.suppress_tokens ?? [])])]
  return {
    start: start[0],
    end,
    pad,
    ...(typeof given.forced_bos_token_id === 'number' && { forcedBos: given.forced_bos_token_id }),
    ...(forcedEos.length === 1 && { forcedEos: forcedEos[0] }),
    suppressed,
  }
}

const notSupported = (place: string, rule: string, got: string) =>
  new ConfigError({ place, rule, got, hint: 'take the entry out of the file, if the model can do without it' })

function defaultsOf(json: Generation): DecodingDefaults {
  const all: Record<keyof DecodingDefaults, unknown> = {
    beams: json.num_beams,
    lengthPenalty: json.length_penalty,
    earlyStopping: json.early_stopping,
    maxLength: typeof json.max_new_tokens === 'number' ? json.max_new_tokens + 1 : json.max_length,
    minLength: typeof json.min_new_tokens === 'number' ? json.min_new_tokens + 1 : json.min_length,
    noRepeatNgram: json.no_repeat_ngram_size,
    renormalize: json.renormalize_logits,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null))
}

/** The same as config.json and generation_config.json spell it. */
export function decodingJson(special: SpecialIds, defaults: DecodingDefaults) {
  const { start, end, pad, forcedBos = null, forcedEos = null, suppressed } = special
  const tokens = {
    decoder_start_token_id: start,
    bos_token_id: null,
    eos_token_id: end.length === 1 ? end[0] : end.length === 0 ? null : end,
    pad_token_id: pad,
    forced_bos_token_id: forcedBos,
    forced_eos_token_id: forcedEos,
  }
  const search = {
    num_beams: defaults.beams,
    length_penalty: defaults.lengthPenalty,
    early_stopping: defaults.earlyStopping,
    max_length: defaults.maxLength,
    min_length: defaults.minLength,
    no_repeat_ngram_size: defaults.noRepeatNgram,
    renormalize_logits: defaults.renormalize,
  }
  return { tokens, generation: { ...(suppressed.length > 0 && { suppress_tokens: suppressed }), ...search } }
}
