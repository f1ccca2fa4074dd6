import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { Classification } from '../models/classifier.ts'
import { wholeNumber } from './options.ts'
import { ability } from './text-model.ts'

type Options = { text?: string; out?: string; threads?: number; json?: true }

export function classifyCommand(): Command {
  return new Command('classify')
    .description('label texts with a trained model')
    .argument('<model>', 'the folder of a trained model')
    .argument(
      '[input]',
      'a text; a data file together with --out; - or nothing for standard input, one text a line or JSON lines',
    )
    .option('--text <column>', 'column of the texts in a data file or in JSON lines')
    .option('--out <file>', 'label a whole file: its rows with the label and its probability, as CSV or JSON lines by the name')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print the scores of every label, one JSON object a text')
    .action(run)
}

async function run(reference: string, input: string | undefined, { text: column, out, threads, json }: Options): Promise<void> {
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference, { threads })
  const classify = ability(model, 'classify')
  if (out !== undefined) {
    if (input === undefined || input === '-') {
      throw new ConfigError({
        place: 'classify --out',
        rule: 'needs the data file whose texts are to be labelled',
        got: input ?? 'nothing',
      })
    }
    const { classifyFile } = await import('./classify-file.ts')
    const { texts, cut } = await classifyFile(classify, input, { column, out })
    process.stderr.write(`${texts} texts labelled: ${out}\n`)
    noteCut(cut)
    return
  }
  const texts = input === undefined || input === '-' ? standardInput(column) : [input]
  let cut = 0
  for await (const batch of batches(texts)) {
    const answers = await classify(batch)
    cut += countCut(answers)
    print(answers, json)
  }
  noteCut(cut)
}

export const countCut = (answers: readonly Classification[]): number => answers.filter(({ cut }) => cut !== undefined).length

function noteCut(texts: number): void {
  if (texts > 0) process.stderr.write(`note: texts longer than the model reads, of which only the beginning counted: ${texts}\n`)
}

function print(answers: readonly Classification[], json: boolean | undefined): void {
  const lines = answers.map((answer) =>
    json ? JSON.stringify(answer) : `${answer.label}\t${answer.scores[answer.label].toFixed(4)}`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function* standardInput(column: string | undefined): AsyncGenerator<string> {
  const { readLines } = await import('../formats/text-stream.ts')
  for await (const { line, text } of readLines(process.stdin)) {
    if (text.trim() !== '') yield text.startsWith('{') ? textIn(text, column, line) : text
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

/** Texts in groups; what is typed by hand is answered at once. */
export async function* batches(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  const size = process.stdin.isTTY ? 1 : BATCH
  let batch: string[] = []
  for await (const text of texts) {
    batch.push(text)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
