import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { Classification } from '../models/classifier.ts'
import { batches, standardInput } from './input.ts'
import { wholeNumber, withEncoding } from './options.ts'
import { ability } from './text-model.ts'

type Options = { text?: string; encoding?: string; out?: string; threads?: number; json?: true }

export function classifyCommand(): Command {
  const command = new Command('classify')
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
  return withEncoding(command).action(run)
}

async function run(
  reference: string,
  input: string | undefined,
  { text: column, encoding, out, threads, json }: Options,
): Promise<void> {
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
    const { answerFile } = await import('./answer-file.ts')
    let cut = 0
    const texts = await answerFile(input, { column, encoding, out, added: ['predicted', 'probability'] }, async (batch) => {
      const answers = await classify(batch)
      cut += countCut(answers)
      return answers.map(({ label, scores }) => ({ predicted: label, probability: String(scores[label]) }))
    })
    process.stderr.write(`${texts} texts labelled: ${out}\n`)
    noteCut(cut)
    return
  }
  const texts = input === undefined || input === '-' ? standardInput({ column, encoding }) : [input]
  let cut = 0
  for await (const batch of batches(texts)) {
    const answers = await classify(batch)
    cut += countCut(answers)
    print(answers, json)
  }
  noteCut(cut)
}

const countCut = (answers: readonly Classification[]): number => answers.filter(({ cut }) => cut !== undefined).length

function noteCut(texts: number): void {
  if (texts > 0) process.stderr.write(`note: texts longer than the model reads, of which only the beginning counted: ${texts}\n`)
}

function print(answers: readonly Classification[], json: boolean | undefined): void {
  const lines = answers.map((answer) =>
    json ? JSON.stringify(answer) : `${answer.label}\t${answer.scores[answer.label].toFixed(4)}`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}
