import { ConfigError } from '../errors.ts'
import type { LoadedModel } from '../load.ts'

/** An ability that not every model has. @throws ConfigError where this one lacks it */
export function ability<Name extends 'classify' | 'generate' | 'evaluate'>(
  model: LoadedModel,
  name: Name,
): NonNullable<LoadedModel[Name]> {
  const method = model[name]
  if (method) return method as NonNullable<LoadedModel[Name]>
  const able = (['classify', 'generate', 'evaluate'] as const).filter((other) => model[other])
  throw new ConfigError({
    place: `${name} ${model.reference}`,
    rule: `the model must be one that can ${name}`,
    got: `a ${model.modelType}, which can ${able.join(' and ')}`,
  })
}
