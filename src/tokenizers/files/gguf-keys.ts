/** Values of a GGUF file's metadata, each checked for its type; undefined where a key is not there. */
import { FormatError } from '../../errors.ts'
import type { GgufMetadata, GgufValue } from '../../formats/gguf.ts'

export type Keys = GgufMetadata['metadata']

function typed<T>(keys: Keys, key: string, isRight: (value: GgufValue) => boolean, type: string, place: string): T | undefined {
  const value = keys.get(key)
  if (value === undefined) return undefined
  if (isRight(value)) return value as T
  throw new FormatError({ place, rule: `${key} is ${type}`, got: Array.isArray(value) ? 'an array' : `a ${typeof value}` })
}

export const stringOf = (keys: Keys, key: string, place: string): string | undefined =>
  typed(keys, key, (value) => typeof value === 'string', 'a string', place)

export const booleanOf = (keys: Keys, key: string, place: string): boolean | undefined =>
  typed(keys, key, (value) => typeof value === 'boolean', 'a boolean', place)

export const numberOf = (keys: Keys, key: string, place: string): number | undefined =>
  typed(keys, key, (value) => Number.isInteger(value), 'a whole number', place)

export function stringsOf(keys: Keys, key: string, place: string): readonly string[] {
  const isStrings = (value: GgufValue) => Array.isArray(value) && value.every((item) => typeof item === 'string')
  const found = typed<string[]>(keys, key, isStrings, 'an array of strings', place)
  if (found) return found
  throw new FormatError({
    place,
    rule: `a vocabulary has the key ${key}`,
    got: 'none',
    hint: 'use a GGUF file of a language model',
  })
}

export function numbersOf(keys: Keys, key: string, length: number, place: string): ArrayLike<number> | undefined {
  const isNumbers = (value: GgufValue) =>
    value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint32Array
  const found = typed<Float32Array>(keys, key, isNumbers, 'an array of 32-bit numbers', place)
  if (found === undefined || found.length >= length) return found
  throw new FormatError({ place, rule: `${key} has a number for each of the ${length} tokens`, got: `${found.length}` })
}

export function bytesOf(keys: Keys, key: string, place: string): Uint8Array {
  const isBytes = (value: GgufValue) => value instanceof Uint8Array || value instanceof Int8Array
  const found = typed<Uint8Array | Int8Array>(keys, key, isBytes, 'an array of bytes', place)
  return found === undefined ? new Uint8Array() : new Uint8Array(found.buffer, found.byteOffset, found.byteLength)
}
