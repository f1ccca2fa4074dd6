/**
 * Settings of transformers' generation that change what is written and are not followed here, each with the value that changes nothing.
 * To pass over one in silence would answer as the model's makers do not.
 */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  repetition_penalty: 1,
  encoder_repetition_penalty: 1,
  encoder_no_repeat_ngram_size: 0,
  num_beam_groups: 1,
  penalty_alpha: 0,
  guidance_scale: 1,
  sequence_bias: null,
  exponential_decay_length_penalty: null,
  begin_suppress_tokens: null,
  forced_decoder_ids: null,
  force_words_ids: null,
  constraints: null,
  stop_strings: null,
  dola_layers: null,
  watermarking_config: null,
}

/** The first of them that a file asks for, if any. */
export function unfollowed(json: Readonly<Record<string, unknown>>): { name: string; value: string } | undefined {
  const name = Object.keys(NEUTRAL).find((key) => Object.hasOwn(json, key) && !isNothing(json[key]) && json[key] !== NEUTRAL[key])
  return name === undefined ? undefined : { name, value: JSON.stringify(json[name]).slice(0, 100) }
}

const isNothing = (value: unknown): boolean => value === null || (typeof value === 'object' && Object.keys(value).length === 0)
