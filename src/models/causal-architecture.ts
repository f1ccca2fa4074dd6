import { z } from 'zod'
import type { LoquentError } from '../errors.ts'
import type { CausalLm } from './causal-lm.ts'

/** How an architecture stands in a Hugging Face folder. */
export interface Architecture<Config, Json = any> {
  /** `model_type` of config.json. */
  readonly modelType: string
  /** The class that transformers loads it with. */
  readonly className: string
  /** What some checkpoints leave out before every name. */
  readonly prefix: string
  readonly schema: z.ZodType<Json>
  /** @param place  makes the error for sizes that contradict each other */
  fromJson(json: Json, place: (rule: string, got: string) => LoquentError): Config
  toJson(config: Config): Record<string, unknown>
  lm(config: Config): CausalLm
  /** The checkpoint's name of a parameter, by its path in the spec. */
  nameOf(path: string): string
  /** Whether a tensor of the file may be left unread. */
  isSpare(name: string, config: Config): boolean
}

/** A size in a config.json: bounded, so that a hostile file cannot ask for everything. */
export const size = z.number().int().min(1).max(10_000_000)

/** What keeps a normalisation from dividing by 0. */
export const epsilon = z.number().positive().max(1)
