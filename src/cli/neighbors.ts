import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { Query } from '../models/word2vec/query.ts'
import { standardInput } from './input.ts'
import { wholeNumber } from './options.ts'
import { ability, noteOf } from './text-model.ts'

type Options = { positive?: string[]; negative?: string[]; topn: number; restrictVocab?: number; json?: true }

export function neighborsCommand(): Command {
  return new Command('neighbors')
    .description('the words nearest to a word, or to words added and taken away')
    .argument('<model>', 'a model with word vectors, or a file of them: word2vec text or binary, GloVe, fastText')
    .argument('[word]', 'a word; - for standard input, a word a line')
    .option('--positive <words>', 'words to be near to, with commas between', commaSeparated)
    .option('--negative <words>', 'words to be far from, with commas between', commaSeparated)
    .option('--topn <n>', 'how many words', wholeNumber, 10)
    .option('--restrict-vocab <n>', 'search among the first so many words only', wholeNumber)
    .option('--json', 'print [{ word, similarity }], a line a query')
    .action(run)
}

const commaSeparated = (text: string): string[] => text.split(',').filter((word) => word !== '')

async function run(reference: string, word: string | undefined, { positive = [], negative = [], json, ...options }: Options) {
  const asked = [...positive, ...negative]
  if (word === undefined && asked.length === 0) {
    throw new ConfigError({ place: 'neighbors', rule: 'needs a word', got: 'none', hint: 'name one, or give --positive' })
  }
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference)
  const neighbors = ability(model, 'neighbors')
  noteOf(model)
  const answer = async (words: readonly Query[]) => {
    const found = await neighbors({ ...options, positive: words, negative })
    const lines = json ? [JSON.stringify(found)] : found.map(({ word, similarity }) => `${word}\t${similarity.toFixed(4)}`)
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  if (word !== '-') await answer(word === undefined ? positive : [word, ...positive])
  else for await (const line of standardInput()) await answer([line.trim(), ...positive])
}
