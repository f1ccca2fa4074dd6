import { FormatError } from '../errors.ts'
import { ByteTokenizer } from './byte.ts'
import { ByteFallbackBpe } from './byte-fallback-bpe.ts'
import { CharTokenizer } from './char.ts'
import type { Tokenizer } from './tokenizer.ts'

const KINDS = new Map<string, { fromJSON(json: unknown, place: string): Tokenizer }>([
  ['WordLevel', CharTokenizer],
  ['BPE', ByteTokenizer],
])

/**
 * The tokenizer that a tokenizer.json describes.
 *
 * @throws FormatError where it is none of those that can be read
 */
export function tokenizerFromJSON(json: unknown, place: string): Tokenizer {
  const type = (json as { model?: { type?: unknown } } | null | undefined)?.model?.type
  if (ByteFallbackBpe.describes(json)) return ByteFallbackBpe.fromJSON(json, place)
  const kind = typeof type === 'string' ? KINDS.get(type) : undefined
  if (kind !== undefined) return kind.fromJSON(json, place)
  throw new FormatError({
    place,
    rule: `model.type must be one of ${[...KINDS.keys()].join(', ')}`,
    got: typeof type === 'string' ? type.slice(0, 100) : 'no model with a type',
    hint: 'check that the file is a tokenizer.json of a language model written by Loquent',
  })
}
