/** What is asked of vectors, keys and numbers that come from outside. */
import { ConfigError, DataError, ShapeError } from '../errors.ts'

export function checkWidth(vectors: Float32Array, n: number, width: number, place: string): void {
  if (vectors.length === n * width) return
  const got = `${vectors.length} numbers for ${n} vectors of ${width}`
  const hint = 'the vectors of an index and of its queries come from one model'
  throw new ShapeError({ place: `search: ${place}`, rule: 'every vector has the width of the index', got, hint })
}

export function checkKeys(keys: readonly string[]): void {
  const seen = new Set<string>()
  for (const key of keys) {
    const got = JSON.stringify(key)
    if (/\p{Surrogate}/u.test(key)) throw new DataError({ place: 'search: add', rule: 'keys are Unicode', got })
    if (seen.has(key)) throw new DataError({ place: 'search: add', rule: 'a key is given once', got })
    seen.add(key)
  }
}

export function checkWhole(value: number, least: number, name: string, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  const rule = most === Number.MAX_SAFE_INTEGER ? `a whole number, at least ${least}` : `a whole number from ${least} to ${most}`
  throw new ConfigError({ place: `search: ${name}`, rule, got: String(value) })
}

export function checkFinite(vectors: Float32Array, width: number): void {
  for (let at = 0; at < vectors.length; at++) {
    if (Number.isFinite(vectors[at])) continue
    const row = Math.floor(at / width)
    throw notFinite(vectors.subarray(row * width, (row + 1) * width), `row ${row}`)
  }
}

/** A vector with NaN or an infinity in it. */
export function notFinite(vector: Float32Array, place: string): DataError {
  const at = vector.findIndex((x) => !Number.isFinite(x))
  return new DataError({
    place: `search: ${place}`,
    rule: 'vectors hold finite numbers',
    got: `${vector[at]} at dimension ${at}`,
    hint: 'check the model that made the vector',
  })
}
