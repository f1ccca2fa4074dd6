/** The folder of a text index: written whole or not at all, read with every line checked. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, FormatError } from '../errors.ts'
import { removeLeftovers, writeFileAtomic, writeFolderAtomic } from '../formats/atomic.ts'
import { fileError } from '../formats/file-error.ts'
import { readLines } from '../formats/text-stream.ts'
import { loadVectorIndex, saveVectorIndex } from './index-file.ts'
import { type TextEntry, TextIndex } from './text-index.ts'

const CONFIG = 'index.json'
const TEXTS = 'texts.jsonl'
const VECTORS = 'vectors.safetensors'
/** An index.json is a few lines; what is larger is none. */
const MAX_CONFIG_BYTES = 2 ** 20

const configSchema = z.object({
  format: z.literal('loquent text index'),
  version: z.literal(1),
  texts: z.int().nonnegative(),
  chunk: z.string(),
  ranking: z.discriminatedUnion('type', [
    z.object({ type: z.literal('bm25') }),
    z.object({ type: z.literal('vectors'), model: z.string() }),
  ]),
})

export async function saveTextIndex(index: TextIndex, folder: string): Promise<void> {
  const { size: texts, chunk, ranking, vectors } = index
  const config: z.infer<typeof configSchema> = { format: 'loquent text index', version: 1, texts, chunk, ranking }
  const fill = async (temporary: string) => {
    await writeFileAtomic(join(temporary, TEXTS), lines(index.entries()))
    if (vectors !== undefined) await saveVectorIndex(vectors, join(temporary, VECTORS))
    await writeFileAtomic(join(temporary, CONFIG), `${JSON.stringify(config, undefined, 2)}\n`)
  }
  await writeFolderAtomic(folder, fill, { expendable: [VECTORS] })
}

async function* lines(entries: Iterable<TextEntry>): AsyncGenerator<Uint8Array> {
  let batch = ''
  for (const { place, source, text } of entries) {
    batch += `${JSON.stringify({ place, source, text })}\n`
    if (batch.length < 2 ** 16) continue
    yield Buffer.from(batch)
    batch = ''
  }
  yield Buffer.from(batch)
}

/** Whether there is an index in a folder; a replacement that was cut short is made good first. */
export async function hasTextIndex(folder: string): Promise<boolean> {
  await removeLeftovers(join(folder, '..')).catch(() => undefined) // a folder above that is not ours to read
  return (await stat(join(folder, CONFIG)).catch(() => undefined)) !== undefined
}

/** @throws DataError where there is no index; FormatError where one of its files is damaged or contradicts another */
export async function loadTextIndex(folder: string): Promise<TextIndex> {
  if (!(await hasTextIndex(folder))) {
    const hint = 'name a folder written by `loquent index`'
    throw new DataError({ place: folder, rule: `an index is a folder with an ${CONFIG}`, got: 'none', hint })
  }
  const config = await readConfig(join(folder, CONFIG))
  const entries = new Map<string, TextEntry>()
  for await (const { line, text } of readLines(join(folder, TEXTS))) {
    if (text === '') continue
    const place = `${join(folder, TEXTS)}: line ${line}`
    const entry = parseEntry(text, place)
    if (entries.has(entry.place)) throw damaged(place, 'places differ', JSON.stringify(entry.place))
    entries.set(entry.place, entry)
  }
  if (entries.size !== config.texts) throw damaged(join(folder, TEXTS), `holds ${config.texts} texts`, `${entries.size}`)
  const hasVectors = config.ranking.type === 'vectors' && entries.size > 0
  const vectors = hasVectors ? await loadVectorIndex(join(folder, VECTORS)) : undefined
  const stray = [...(vectors?.keys() ?? [])].find((key) => !entries.has(key))
  if (vectors !== undefined && (stray !== undefined || vectors.size !== entries.size)) {
    const got = stray === undefined ? `${vectors.size} vectors for ${entries.size} texts` : `a vector of ${JSON.stringify(stray)}`
    throw damaged(join(folder, VECTORS), 'every text has a vector, and every vector a text', got)
  }
  return new TextIndex(config.ranking, config.chunk, vectors, entries.values())
}

async function readConfig(path: string): Promise<z.infer<typeof configSchema>> {
  try {
    const { size } = await stat(path)
    if (size > MAX_CONFIG_BYTES) throw damaged(path, 'is a small JSON file', `${size} bytes`)
    const text = await readFile(path, 'utf8')
    const result = configSchema.safeParse(JSON.parse(text))
    if (result.success) return result.data
    const { path: keys, message } = result.error.issues[0]!
    throw damaged(path, `${keys.join('.') || 'the file'}: ${message}`, text.slice(0, 200))
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(path, 'is JSON', error.message)
    throw fileError(path, error)
  }
}

const entrySchema = z.object({ place: z.string(), source: z.string(), text: z.string() })

function parseEntry(line: string, place: string): TextEntry {
  try {
    const result = entrySchema.safeParse(JSON.parse(line))
    if (result.success) return result.data
  } catch {
    // said below
  }
  throw damaged(place, 'a line is { "place", "source", "text" }', line.slice(0, 100))
}

function damaged(place: string, rule: string, got: string): FormatError {
  return new FormatError({ place, rule, got, hint: 'build the index again with `loquent index`' })
}
