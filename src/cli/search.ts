import { Command } from 'commander'
import type { TextHit } from '../search/text-index.ts'
import { standardInput } from './input.ts'
import { wholeNumber } from './options.ts'
import { embedderOf } from './text-embedder.ts'

type Options = { topn: number; model?: string; ef?: number; exact?: true; threads?: number; json?: true }

export function searchCommand(): Command {
  return new Command('search')
    .description('find the texts of an index that are nearest to a query')
    .argument('<index>', 'a folder written by `loquent index`')
    .argument('[query]', 'a text; - or nothing for standard input, a query a line')
    .option('--topn <n>', 'how many texts', wholeNumber, 10)
    .option('--model <reference>', 'the model of the index, where it has moved')
    .option('--ef <n>', 'approximate indexes: candidates looked at; more finds more of the true neighbours', wholeNumber)
    .option('--exact', 'approximate indexes: compare every text')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print [{ text, place, score }], a line a query')
    .action(run)
}

async function run(folder: string, query: string | undefined, { topn, model: moved, ef, exact, threads, json }: Options) {
  const { loadTextIndex } = await import('../search/text-index-folder.ts')
  using index = await loadTextIndex(folder)
  const { ranking } = index
  const reference = ranking.type === 'bm25' ? 'bm25' : (moved ?? ranking.model)
  await using model = await embedderOf(reference, { threads })
  const { embed } = model
  if (embed !== undefined) await index.checkModel(embed, reference)
  const find = async (text: string): Promise<TextHit[]> => {
    if (embed === undefined) return index.searchWords(text, topn)
    const [vector] = await embed([text])
    if (vector.every((x) => x === 0)) {
      process.stderr.write(`note: the model knows no word of ${JSON.stringify(text.slice(0, 100))}\n`)
      return []
    }
    return index.searchVector(vector, topn, { ef, exact })
  }
  for await (const text of query === undefined || query === '-' ? standardInput() : [query]) print(await find(text), json)
}

function print(hits: readonly TextHit[], json: boolean | undefined): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(hits.map(({ text, place, score }) => ({ text, place, score })))}\n`)
    return
  }
  const lines = hits.map(({ text, place, score }) => `${score.toFixed(4)}\t${place}\t${text.replace(/\s+/g, ' ')}\n`)
  process.stdout.write(lines.join(''))
}
