/** tokenizer.json, the file of Hugging Face tokenizers, for pipelines of which only the vocabulary varies. */
import { isDeepStrictEqual } from 'node:util'
import { FormatError } from '../errors.ts'

export type Pipeline = {
  pre_tokenizer: Readonly<Record<string, unknown>>
  decoder: Readonly<Record<string, unknown>>
  /** All but the vocabulary. */
  model: Readonly<Record<string, unknown>>
}

/** @param tokens  in the order of their ids */
export function writeTokens(tokens: readonly string[], { pre_tokenizer, decoder, model }: Pipeline) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer,
    post_processor: null,
    decoder,
    model: { ...model, vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) },
  }
}

/** Whether a tokenizer.json is as `writeTokens` writes it, whatever its vocabulary. */
export function isWritten(json: unknown, pipeline: Pipeline): boolean {
  const { model, ...found } = keysOf(json)
  const { model: expectedModel, ...expected } = writeTokens([], pipeline)
  return isDeepStrictEqual(found, expected) && isDeepStrictEqual({ ...keysOf(model), vocab: {} }, expectedModel)
}

/**
 * @returns the tokens in the order of their ids
 * @throws FormatError naming the first key that is not as `writeTokens` writes it: any other may change what the tokenizer does
 */
export function readTokens(json: unknown, pipeline: Pipeline, place: string): string[] {
  const found = keysOf(json)
  const { vocab, ...model } = keysOf(found.model)
  const { model: expectedModel, ...expected } = writeTokens([], pipeline)
  checkKeys({ ...found, model: undefined }, { ...expected, model: undefined }, place)
  checkKeys(model, { ...expectedModel, vocab: undefined }, `${place}: model`)
  return tokensOf(vocab, `${place}: model.vocab`)
}

function checkKeys(found: Record<string, unknown>, expected: Record<string, unknown>, place: string): void {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    if (isDeepStrictEqual(found[key], expected[key])) continue
    const rule = Object.hasOwn(expected, key) ? `${key} must be ${JSON.stringify(expected[key])}` : `${key} is not known here`
    const got = found[key] === undefined ? 'nothing' : excerpt(found[key])
    throw new FormatError({ place, rule, got, hint: 'check that this tokenizer.json belongs to the model' })
  }
}

function tokensOf(vocab: unknown, place: string): string[] {
  const entries = Object.entries(keysOf(vocab))
  const tokens: (string | undefined)[] = new Array(entries.length).fill(undefined)
  for (const [token, id] of entries) {
    const isFree =
      Number.isInteger(id) && (id as number) >= 0 && (id as number) < tokens.length && tokens[id as number] === undefined
    if (!isFree) {
      const rule = 'must give each token an id of its own, from 0 without a gap'
      throw new FormatError({ place, rule, got: `${excerpt(id)} for ${excerpt(token)}, one of ${tokens.length} tokens` })
    }
    tokens[id as number] = token
  }
  return tokens as string[]
}

const keysOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/** A hostile value may be long, or nested more deeply than JSON can be written again. */
function excerpt(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return `${JSON.stringify(value)}`.slice(0, 100)
}

/** Special tokens are found in the text as they stand, whatever the normaliser does. */
export const addedToken = (id: number, content: string, special = true) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
})
