/** The names of contestants. */
import { basename } from 'node:path'
import { ConfigError } from '../errors.ts'
import { nearest } from '../text/spelling.ts'

/** The error for a name that none of `names` is, with the one that was probably meant. */
export function unknownContestant(name: string, names: readonly string[], rule = `a contestant is one of ${names.join(', ')}`) {
  const near = nearest(name, names)
  return new ConfigError({ place: 'models', rule, got: JSON.stringify(name), hint: near && `did you mean ${near}?` })
}

/** @throws ConfigError where no contestant is named */
export function checkSome(names: readonly string[], known: readonly string[]): void {
  if (names.length > 0) return
  throw new ConfigError({ place: 'models', rule: 'at least one contestant', got: 'none', hint: known.join(', ') })
}

/** A short name for a file of data: its own, without its extensions. */
export const shortName = (path: string): string => basename(path).replace(/(?<=.)(\.[A-Za-z]+){1,2}$/, '')
