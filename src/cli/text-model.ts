import { ConfigError } from '../errors.ts'
import type { LoadedModel } from '../load.ts'

const ABILITIES = ['classify', 'generate', 'translate', 'evaluate', 'embed', 'neighbors'] as const

/** An ability that not every model has. @throws ConfigError where this one lacks it */
export function ability<Name extends (typeof ABILITIES)[number]>(model: LoadedModel, name: Name): NonNullable<LoadedModel[Name]> {
  const method = model[name]
  if (method) return method as NonNullable<LoadedModel[Name]>
  const able = ABILITIES.filter((other) => model[other])
  throw new ConfigError({
    place: `${name} ${model.reference}`,
    rule: `the model must be one that can ${name}`,
    got: `a ${model.modelType}, which can ${able.join(', ')}`,
  })
}

/** Tells on standard error what a user should know about how the model was read. */
export function noteOf({ notes = [] }: LoadedModel): void {
  for (const note of notes) process.stderr.write(`note: ${note}\n`)
}
