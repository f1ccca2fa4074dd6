import { ByteTokenizer } from './byte.ts'
import { CharTokenizer } from './char.ts'
import { PipelineTokenizer } from './pipeline.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * The tokenizer that a tokenizer.json describes.
 *
 * @throws FormatError naming the path in the file of what is missing, unknown or contradictory
 */
export function tokenizerFromJSON(json: unknown, place: string): Tokenizer {
  for (const kind of [ByteTokenizer, CharTokenizer]) if (kind.describes(json)) return kind.fromJSON(json, place)
  return PipelineTokenizer.fromJSON(json, place)
}
