/** The vocabulary of a model, as a file gives it. */
import { FormatError } from '../../errors.ts'
import { isWellFormed } from '../characters.ts'
import type { Vocabulary } from './model.ts'

const HIGHEST_ID = 10_000_000

/**
 * @param entries  tokens with their ids, which may have gaps
 * @throws FormatError naming the entry that is no token, no id, or a second one
 */
export function vocabularyOf(entries: readonly (readonly [string, unknown])[], place: string): Vocabulary {
  const ids = new Map<string, number>()
  const tokens = new Map<number, string>()
  let lastId = -1
  for (const [token, id] of entries) {
    const rule = ruleBroken(token, id, ids, tokens)
    if (rule !== undefined) throw new FormatError({ place, rule, got: excerpt(token, id) })
    ids.set(token, id as number)
    tokens.set(id as number, token)
    if ((id as number) > lastId) lastId = id as number
  }
  return { size: ids.size, lastId, idOf: (token) => ids.get(token), tokenOf: (id) => tokens.get(id) }
}

function ruleBroken(token: string, id: unknown, ids: Map<string, number>, tokens: Map<number, string>): string | undefined {
  if (!isWellFormed(token)) return 'a token must be whole Unicode characters'
  if (!(Number.isInteger(id) && (id as number) >= 0 && (id as number) <= HIGHEST_ID)) {
    return `an id must be a whole number from 0 to ${HIGHEST_ID}`
  }
  if (ids.has(token)) return 'a token must stand in the vocabulary once'
  return tokens.has(id as number) ? 'each token must have an id of its own' : undefined
}

/** @throws FormatError where the JSON is no object from tokens to ids */
export function vocabularyFromJSON(json: unknown, place: string): Vocabulary {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new FormatError({
      place,
      rule: 'must be an object from tokens to ids',
      got: Array.isArray(json) ? 'a list' : typeof json,
    })
  }
  const entries = Object.entries(json)
  if (entries.length === 0) throw new FormatError({ place, rule: 'must hold a token at least', got: 'none' })
  return vocabularyOf(entries, place)
}

function excerpt(token: string, id: unknown): string {
  const value = typeof id === 'object' && id !== null ? 'an object' : `${id}`.slice(0, 100)
  return `${JSON.stringify(token).slice(0, 100)} with the id ${value}`
}
