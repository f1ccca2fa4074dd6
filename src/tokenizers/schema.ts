/** How the parts of a tokenizer.json become parts of a tokenizer: a table from `type` to a builder, each with its own schema. */
import { z } from 'zod'
import { FormatError } from '../errors.ts'

/** Builds one part from its JSON. `place` names where in which file it stands. */
export type Builder<T> = (json: Record<string, unknown>, place: string) => T

/** A builder with the schema of what it reads; any key that the schema lacks may change what the tokenizer does, so it is refused. */
export function part<S extends z.ZodRawShape, T>(
  shape: S,
  build: (fields: z.output<z.ZodObject<S>>, place: string) => T,
): Builder<T> {
  const schema = z.strictObject({ type: z.string().optional(), ...shape })
  return (json, place) => build(parsed(schema, json, place) as z.output<z.ZodObject<S>>, place)
}

/** @throws FormatError naming the path in the file of what does not fit */
export function parsed<S extends z.ZodType>(schema: S, json: unknown, place: string): z.output<S> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const { path, message } = deepest(result.error.issues[0])
  throw new FormatError({
    place: [place, ...path.map(String)].join('.').slice(0, 500),
    rule: message.slice(0, 300),
    hint: 'check that the file is a whole tokenizer.json, as Hugging Face tokenizers write it',
  })
}

/** Of a choice of which none fits, the complaint of the alternative that fits best. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.map(([first]) => first).filter((first) => first !== undefined)
  const best = inner.map(deepest).sort((a, b) => b.path.length - a.path.length)[0]
  return best === undefined || best.path.length === 0 ? issue : { path: [...issue.path, ...best.path], message: best.message }
}

/** @throws FormatError where the type is unknown, or the part damaged */
export function buildPart<T>(table: ReadonlyMap<string, Builder<T>>, json: unknown, place: string): T {
  const { type } = parsed(z.looseObject({ type: z.string() }), json, place)
  const builder = table.get(type)
  if (builder !== undefined) return builder(json as Record<string, unknown>, place)
  throw new FormatError({
    place: `${place}.type`,
    rule: `must be one of ${[...table.keys()].join(', ')}`,
    got: JSON.stringify(type).slice(0, 100),
  })
}

/** How deep sequences may stand within sequences. */
const DEEPEST = 16

/** Parts that stand one within another are counted by the dots in their place. */
export function checkDepth(place: string, key: string): void {
  if (place.split(`.${key}.`).length <= DEEPEST) return
  throw new FormatError({ place: place.slice(0, 200), rule: `sequences must stand in one another at most ${DEEPEST} deep` })
}

export const id = z.number().int().min(0).max(10_000_000)

/** One character, as a Rust char. */
export const character = z.string().refine((text) => Array.from(text).length === 1, 'must be one character')
