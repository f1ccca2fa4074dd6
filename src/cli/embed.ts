import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { type SentenceEmbeddingOptions, type TextEmbedding, WEIGHTINGS } from '../models/word2vec/sentence-embedding.ts'
import { batches, standardInput } from './input.ts'
import { withEncoding } from './options.ts'
import { ability, noteOf } from './text-model.ts'

type Options = SentenceEmbeddingOptions & { text?: string; encoding?: string; out?: string; json?: true }

export function embedCommand(): Command {
  const command = new Command('embed')
    .description('turn texts into vectors')
    .argument('<model>', 'a model with word vectors, or a file of them: word2vec text or binary, GloVe, fastText')
    .argument(
      '[input]',
      'a text; a data file together with --out; - or nothing for standard input, one text a line or JSON lines',
    )
    .option('--text <column>', 'column of the texts in a data file or in JSON lines')
    .option('--out <file>', 'embed a whole file: its rows with the vector, as CSV or JSON lines by the name')
    .addOption(new Option('--weighting <name>', 'how much each word counts').choices(WEIGHTINGS).default('mean'))
    .addOption(new Option('--level <name>', 'what a text is').choices(['sentence', 'document']).default('sentence'))
    .option('--json', 'print { embedding: […] }, a line a text, which is the default')
  return withEncoding(command).action(run)
}

async function run(
  reference: string,
  input: string | undefined,
  { text: column, encoding, out, weighting, level }: Options,
): Promise<void> {
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference)
  const embed = ability(model, 'embed')
  noteOf(model)
  const size = weighting === 'mean' ? undefined : Number.POSITIVE_INFINITY // weights come from all texts
  let [texts, empty] = [0, 0]
  const embedBatch = async (batch: readonly string[]): Promise<TextEmbedding[]> => {
    const answers = await embed(batch, { weighting, level })
    texts += batch.length
    empty += answers.filter(({ words }) => words === 0).length
    return answers
  }
  if (out !== undefined) {
    if (input === undefined || input === '-') {
      const got = input ?? 'nothing'
      throw new ConfigError({ place: 'embed --out', rule: 'needs the data file whose texts are to be embedded', got })
    }
    const { answerFile } = await import('./answer-file.ts')
    const added = async (batch: readonly string[]) => (await embedBatch(batch)).map((answer) => ({ embedding: numbers(answer) }))
    await answerFile(input, { column, encoding, out, added: ['embedding'], batch: size }, added)
    process.stderr.write(`${texts} texts embedded: ${out}\n`)
  } else {
    const source = input === undefined || input === '-' ? standardInput({ column, encoding }) : [input]
    for await (const batch of batches(source, size)) {
      const lines = (await embedBatch(batch)).map((answer) => `${JSON.stringify({ embedding: numbers(answer) })}\n`)
      process.stdout.write(lines.join(''))
    }
  }
  if (empty > 0) process.stderr.write(`note: texts of which no word is known, whose vector is zero: ${empty}\n`)
}

/** Each the shortest decimal that parses to the same float. */
const numbers = ({ embedding }: TextEmbedding): number[] => Array.from(embedding, (x) => shortest(x))

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return rounded
  }
  return Number(value.toPrecision(9))
}
