import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { ConfigError, FormatError } from '../errors.ts'
import { fileError } from '../formats/file-error.ts'

/**
 * The config.json of a model folder, checked against the schema of its architecture.
 *
 * @throws DataError where the file cannot be read, FormatError where it is not JSON, ConfigError naming the key that is wrong
 */
export async function readModelConfig<Schema extends z.ZodType>(folder: string, schema: Schema): Promise<z.infer<Schema>> {
  const place = join(folder, 'config.json')
  return checked(schema, await readJson(place), place, 'check that the folder holds this kind of model')
}

/**
 * What a JSON file says, where it is what the schema asks for.
 *
 * @throws ConfigError naming the key that is wrong, and what stands there
 */
export function checked<Schema extends z.ZodType>(schema: Schema, json: unknown, place: string, hint: string): z.infer<Schema> {
  const result = schema.safeParse(json, { reportInput: true })
  if (result.success) return result.data
  const { path, message, input } = result.error.issues[0]!
  throw new ConfigError({ place, rule: `${path.join('.') || 'the file'}: ${message}`, got: shown(input), hint })
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100))

/** A small JSON file, whole. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw fileError(path, error)
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError({
      place: path,
      rule: 'the file must be JSON',
      got: (cause as Error).message,
      hint: 'write it again',
      cause,
    })
  }
}
