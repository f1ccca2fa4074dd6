/** Texts that come by standard input. */
import { ConfigError } from '../errors.ts'

type InputOptions = {
  /** The field of the texts in JSON lines. */
  column?: string
  encoding?: string
  /** Whether a blank line is a text too. */
  blank?: boolean
}

/** The texts of standard input: a line each, or a field of JSON lines. */
export async function* standardInput({ column, encoding, blank = false }: InputOptions = {}): AsyncGenerator<string> {
  const { readLines } = await import('../formats/text-stream.ts')
  for await (const { line, text } of readLines(process.stdin, { encoding })) {
    if (blank || text.trim() !== '') yield text.startsWith('{') ? textIn(text, column, line) : text
  }
}

/** The text of a JSON line; a line that only looks like JSON is a text itself. */
function textIn(line: string, column: string | undefined, number: number): string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return line
  }
  const text = (value as Record<string, unknown>)[column ?? 'text']
  if (typeof text === 'string') return text
  throw new ConfigError({
    place: `standard input, line ${number}`,
    rule: `a JSON line carries its text in the field '${column ?? 'text'}'`,
    got: line.slice(0, 200),
    hint: 'name the field with --text',
  })
}

const BATCH = 64

/** Texts, or rows, in groups; without a size, what is typed by hand is answered at once. */
export async function* batches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size = process.stdin.isTTY ? 1 : BATCH,
): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
