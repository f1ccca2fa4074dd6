/** The models of a tokenizer.json by their type. */
import { type Builder, buildPart } from '../schema.ts'
import { bpeFromJSON } from './bpe.ts'
import type { Model } from './model.ts'
import { unigramFromJSON } from './unigram.ts'
import { wordLevelFromJSON } from './word-level.ts'
import { wordPieceFromJSON } from './wordpiece.ts'

const MODELS: ReadonlyMap<string, Builder<Model>> = new Map([
  ['BPE', bpeFromJSON],
  ['WordPiece', wordPieceFromJSON],
  ['Unigram', unigramFromJSON],
  ['WordLevel', wordLevelFromJSON],
])

/** @throws FormatError where the model is of an unknown type, or damaged */
export function modelFromJSON(json: unknown, place: string): Model {
  return buildPart(MODELS, withType(json), place)
}

/** Files from before models named their type are told by what they hold. */
function withType(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || 'type' in json) return json
  if ('merges' in json) return { ...json, type: 'BPE' }
  if ('continuing_subword_prefix' in json && 'vocab' in json) return { ...json, type: 'WordPiece' }
  if (Array.isArray((json as { vocab?: unknown }).vocab)) return { ...json, type: 'Unigram' }
  return 'vocab' in json && 'unk_token' in json ? { ...json, type: 'WordLevel' } : json
}
