import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigError, LoquentError } from '../errors.ts'
import type { TextEntry, TextIndex } from '../search/text-index.ts'
import { batches } from './input.ts'
import { onInterrupt } from './interrupt.ts'
import { wholeNumber } from './options.ts'
import { StatusLine } from './status-line.ts'
import { type Embed, embedderOf } from './text-embedder.ts'

const CHUNKS = ['line', 'paragraph', 'sentence'] as const
type Chunk = (typeof CHUNKS)[number]
type Options = {
  out: string
  text?: string
  chunk?: Chunk
  approximate?: boolean
  remove?: string[]
  threads?: number
  json?: true
}

const BATCH = 256

export function indexCommand(): Command {
  return new Command('index')
    .description('make texts searchable, by meaning or by words; files of an index that is there are replaced, others added')
    .argument('<model>', 'a model that embeds, or bm25 to search by words')
    .argument('[files...]', 'data files of any kind and folders of them; - for standard input')
    .requiredOption('--out <folder>', 'where the index is or goes')
    .option('--text <column>', 'column of the texts (found by itself where the data leaves no doubt)')
    .addOption(new Option('--chunk <name>', 'what is found: lines (rows of a table), paragraphs, sentences').choices(CHUNKS))
    .option('--approximate', 'search through a graph: faster from some hundred thousand texts on, and slower to build')
    .option('--remove <files...>', 'remove the texts of these files')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print { texts, added, removed, skipped }')
    .action(run)
}

async function run(reference: string, files: string[], { out, threads, json, ...options }: Options): Promise<void> {
  const { remove = [] } = options
  if (files.length === 0 && remove.length === 0) {
    throw new ConfigError({ place: 'index', rule: 'needs files to index', got: 'none', hint: 'name files, or give --remove' })
  }
  const { saveTextIndex } = await import('../search/text-index-folder.ts')
  await using model = await embedderOf(reference, { threads })
  using index = await openIndex(reference, model.embed, { out, ...options })
  const signal = onInterrupt()
  const counts = { added: 0, removed: 0, skipped: 0 }
  for (const file of remove) counts.removed += removeFile(index, file)
  await addFiles(index, files, model.embed, options, counts, signal)
  if (index.size > 0 || counts.removed > 0) await saveTextIndex(index, out)
  if (signal.aborted) throw interrupted(index.size, out)
  if (counts.skipped > 0)
    process.stderr.write(`note: texts of which no word is known, which are not indexed: ${counts.skipped}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ texts: index.size, ...counts })}\n`)
  else process.stdout.write(`${out}: ${index.size} texts; added ${counts.added}, removed ${counts.removed}\n`)
}

/** The index in the folder, where it agrees with what is asked; otherwise a new one. */
async function openIndex(reference: string, embed: Embed | undefined, { out, ...options }: Options): Promise<TextIndex> {
  const { TextIndex } = await import('../search/text-index.ts')
  const { hasTextIndex, loadTextIndex } = await import('../search/text-index-folder.ts')
  const ranking =
    embed === undefined
      ? ({ type: 'bm25' } as const)
      : ({ type: 'vectors', model: existsSync(reference) ? resolve(reference) : reference } as const)
  if (!(await hasTextIndex(out))) return new TextIndex(ranking, options.chunk ?? 'line')
  const index = await loadTextIndex(out)
  const clash = (rule: string, got: string) =>
    new ConfigError({ place: `index --out ${out}`, rule, got, hint: 'name another folder, or remove this one' })
  if (index.ranking.type !== ranking.type) throw clash(`there is an index by ${index.ranking.type}`, ranking.type)
  if (options.chunk !== undefined && options.chunk !== index.chunk)
    throw clash(`its texts are cut by ${index.chunk}`, options.chunk)
  if (options.approximate && index.vectors !== undefined && index.vectors.graph === undefined) {
    throw clash('there is an exact index', '--approximate')
  }
  if (embed !== undefined) await index.checkModel(embed, reference)
  return index
}

function removeFile(index: TextIndex, file: string): number {
  const removed = index.removeSource(file)
  if (removed > 0) return removed
  const sources = [...new Set(Array.from(index.entries(), ({ source }) => source))]
  throw new ConfigError({
    place: `index --remove ${file}`,
    rule: 'names a file as it was named when it was indexed',
    got: `none of ${sources.slice(0, 5).join(', ')}${sources.length > 5 ? ', …' : ''}`,
  })
}

type Counts = { added: number; removed: number; skipped: number }

async function addFiles(
  index: TextIndex,
  paths: readonly string[],
  embed: Embed | undefined,
  { text, approximate = false }: Omit<Options, 'out'>,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const { dataFiles } = await import('../text/files.ts')
  const status = new StatusLine()
  for (const source of paths.length > 0 ? await dataFiles(paths) : []) {
    counts.removed += index.removeSource(source)
    for await (const batch of batches(entriesOf(source, index.chunk as Chunk, text), BATCH)) {
      if (signal.aborted) break
      const embeddings = await embed?.(batch.map((entry) => entry.text))
      const known = batch.filter((_, i) => embeddings === undefined || embeddings[i].some((x) => x !== 0))
      const vectors = embeddings?.filter((vector) => vector.some((x) => x !== 0))
      index.add(known, vectors, { approximate })
      counts.added += known.length
      counts.skipped += batch.length - known.length
      status.show(() => `${source}: ${counts.added} texts`)
    }
    if (signal.aborted) break
  }
  status.clear()
}

async function* entriesOf(source: string, chunk: Chunk, column: string | undefined): AsyncGenerator<TextEntry> {
  const { readTexts } = await import('../text/texts.ts')
  const { sentences } = await import('../text/segment.ts')
  for await (const { text, place } of readTexts([source], { text: column, unit: chunk === 'line' ? 'line' : 'paragraph' })) {
    if (chunk !== 'sentence') yield { source, place, text }
    else
      for (const [i, sentence] of sentences(text).entries()) {
        yield { source, place: `${place}, sentence ${i + 1}`, text: sentence.text }
      }
  }
}

const interrupted = (texts: number, out: string) =>
  new LoquentError('interrupted', {
    place: 'index',
    rule: `stopped; ${texts} texts are in ${out}`,
    hint: 'give the same command again: the file that was being read is replaced by the whole',
  })
