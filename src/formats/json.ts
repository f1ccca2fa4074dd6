/** Records from JSON lines (streaming) and from a JSON document (whole, up to a limit). */
import { FormatError } from '../errors.ts'
import { emptySource, HEAD_LENGTH, type RecordRow, type RecordStream } from './record.ts'
import { readAhead } from './stream-head.ts'
import type { TextLine } from './text-stream.ts'

/** Longest JSON document that is read, in characters; it is held whole, and parsed it takes several times as much. */
export const MAX_JSON_LENGTH = 256 * 2 ** 20

/**
 * JSON lines: one object a line, blank lines left out. Nested values read as JSON, null as ''.
 *
 * @throws FormatError for a line that is not a JSON object, while iterating or within the lines read ahead
 */
export async function jsonlRecords(batches: AsyncIterable<TextLine[]>, name: string): Promise<RecordStream> {
  const rowOf = ({ line, text }: TextLine): RecordRow => {
    const place = `${name}: line ${line}`
    return { line, fields: fieldsOf(parseJson(text, place, 'every line holds one JSON object', lineHint(text)), place) }
  }
  async function* rows(): AsyncGenerator<RecordRow[], void, undefined> {
    for await (const lines of batches) yield lines.filter(({ text }) => text.trim() !== '').map(rowOf)
  }
  return objectRecords(rows(), name)
}

/**
 * A JSON document: an array of objects, or an object with exactly one array among its properties.
 *
 * @throws FormatError for other documents and for those beyond MAX_JSON_LENGTH
 */
export async function jsonRecords(text: AsyncIterable<string>, name: string): Promise<RecordStream> {
  let whole = ''
  for await (const chunk of text) {
    whole += chunk
    if (whole.length <= MAX_JSON_LENGTH) continue
    throw new FormatError({
      place: name,
      rule: `a JSON document is read whole and may hold at most ${MAX_JSON_LENGTH} characters`,
      hint: 'write it as JSON lines (.jsonl, one object a line), which is read piece by piece: `jq -c ".[]" big.json > big.jsonl`',
    })
  }
  if (whole.trim() === '') throw emptySource(name)
  const hint = 'if every line is an object of its own, name the file .jsonl'
  const items = itemsOf(parseJson(whole, name, 'the file must be one JSON document', hint), name)
  async function* rows(): AsyncGenerator<RecordRow[], void, undefined> {
    for (const [i, item] of items.entries()) yield [{ line: i + 1, fields: fieldsOf(item, `${name}: record ${i + 1}`) }]
  }
  return objectRecords(rows(), name)
}

/** The columns are the keys of the first rows together; every row has all of them. */
async function objectRecords(batches: AsyncIterable<RecordRow[]>, name: string): Promise<RecordStream> {
  const lengthOf = (rows: RecordRow[]) => rows.reduce((sum, { fields }) => sum + Object.values(fields).join().length, 0)
  const { head: headBatches, all } = await readAhead(batches, HEAD_LENGTH, lengthOf)
  const head = headBatches.flat()
  if (head.length === 0) throw emptySource(name)
  const columns = [...new Set(head.flatMap(({ fields }) => Object.keys(fields)))]
  const blank = columns.map((column) => [column, ''] as const)
  async function* records(): AsyncGenerator<RecordRow, void, undefined> {
    for await (const rows of all) {
      for (const { line, fields } of rows) yield { line, fields: Object.fromEntries([...blank, ...Object.entries(fields)]) }
    }
  }
  return { columns, records: records() }
}

function itemsOf(document: unknown, name: string): unknown[] {
  if (Array.isArray(document)) return document
  const arrays = isObject(document) ? Object.entries(document).filter(([, value]) => Array.isArray(value)) : []
  if (arrays.length === 1) return arrays[0]![1] as unknown[]
  throw new FormatError({
    place: name,
    rule: 'a JSON data file is an array of objects, or an object with one array of them',
    got: isObject(document) ? `an object with ${arrays.length} arrays: ${Object.keys(document).slice(0, 10)}` : kindOf(document),
    hint: 'write [{"text": "…", "label": "…"}, …]',
  })
}

function fieldsOf(value: unknown, place: string): Record<string, string> {
  if (!isObject(value)) {
    const rule = 'every record is a JSON object'
    throw new FormatError({ place, rule, got: kindOf(value), hint: 'write {"text": "…", "label": "…"}' })
  }
  try {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fieldText(field)]))
  } catch (cause) {
    throw new FormatError({ place, rule: 'values may not be nested this deeply', hint: 'keep the data flat', cause })
  }
}

function fieldText(value: unknown): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parseJson(text: string, place: string, rule: string, hint: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError({ place, rule, got: (cause as Error).message, hint, cause })
  }
}

function lineHint(text: string): string {
  if (/^\s*[[{]\s*$/.test(text)) return 'a document spread over several lines is JSON: name the file .json'
  return 'check the line; strings take double quotes, and line breaks in them are written \\n'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
