import { LoquentError } from '../errors.ts'

export const EXIT = { done: 0, error: 1, usage: 2, interrupted: 130 } as const

/** Prints an error for people or, as JSON, for programs; returns the exit code that belongs to it. */
export function reportError(error: unknown, json: boolean): number {
  const known = error instanceof LoquentError
  const code = known ? error.code : 'internal'
  const message = known ? `${error.name}: ${error.message}` : messageOf(error)
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message, hint: known ? error.hint : undefined } })}\n`)
  else process.stderr.write(`${message}\n`)
  if (process.env.LOQUENT_DEBUG) console.error(error)
  return code === 'interrupted' ? EXIT.interrupted : EXIT.error
}

/** What is not ours is a bug of ours, which should be reported with its trace. */
function messageOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return stack.startsWith('internal:') ? stack : `internal: ${stack}`
}
