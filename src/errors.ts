/**
 * One family of errors. Each says where, the rule, what came, what to do:
 *
 *     ShapeError: attention: query heads must be a multiple of key/value heads
 *       got    12 query heads, 5 key/value heads
 *       try    numKeyValueHeads = 4 or 6
 */
export type ErrorParts = {
  /** Where: an operation, an option, a file with its line. */
  place: string
  /** The rule that was broken. */
  rule: string
  /** What arrived instead. */
  got?: string
  /** What to do about it. */
  hint?: string
  cause?: unknown
}

/** Base of every error that Loquent throws on purpose. `code` is stable and machine-readable. */
export class LoquentError extends Error {
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, { place, rule, got, hint, cause }: ErrorParts) {
    const lines = [`${place}: ${rule}`]
    if (got !== undefined) lines.push(`  got    ${got}`)
    if (hint !== undefined) lines.push(`  try    ${hint}`)
    super(redact(lines.join('\n')), cause === undefined ? undefined : { cause })
    this.code = code
    this.name = new.target.name
    this.hint = hint === undefined ? undefined : redact(hint)
  }
}

/** Shapes or dtypes of tensors do not fit together. */
export class ShapeError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('shape', parts)
  }
}

/** Bytes that are not what their format promises. */
export class FormatError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('format', parts)
  }
}

/** An option, a config file or a command line that cannot be followed. */
export class ConfigError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('config', parts)
  }
}

/** Readable data that the task cannot use. */
export class DataError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('data', parts)
  }
}

/** A model behind an API failed, or cannot do what was asked. */
export class ProviderError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('provider', parts)
  }
}

/** The engine that runs a graph failed. */
export class EngineError extends LoquentError {
  constructor(parts: ErrorParts) {
    super('engine', parts)
  }
}

/** A bug of our own: an invariant of the code does not hold. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}`)
}

const SECRETS = [
  /\b(?:sk|pk|hf|gsk|xai|ghp|github_pat)[-_][A-Za-z0-9_-]{8,}/g,
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  /\b(?:api[-_]?key|token|secret|password)["']?\s*[=:]\s*["']?[^\s"'&,;]{6,}/gi,
]

/** Replaces what looks like a credential, so that it reaches neither a log nor a screen. */
export function redact(text: string): string {
  return SECRETS.reduce((out, pattern) => out.replace(pattern, '[redacted]'), text)
}
