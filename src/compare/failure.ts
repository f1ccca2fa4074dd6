import { LoquentError } from '../errors.ts'

/** An error as data: what crosses from one process to another, and what `--json` prints. */
export type Failure = { code: string; message: string; hint?: string }

/** Everything that is not a LoquentError is a bug of our own, and says so. */
export function failureOf(error: unknown): Failure {
  if (error instanceof LoquentError) {
    const { code, name, message, hint } = error
    return { code, message: `${name}: ${message}`, ...(hint !== undefined && { hint }) }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message: message.startsWith('internal: ') ? message : `internal: ${message}` }
}
