import { Command } from 'commander'
import { wholeNumber, withEncoding } from './options.ts'
import { ability } from './text-model.ts'

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('measure how well a language model predicts a text, or what word vectors know')
    .argument('<model>', 'the folder of a trained language model, or word vectors')
    .argument(
      '<text>',
      'a text file; - for standard input. For word vectors: analogies like questions-words.txt, or lines word TAB word TAB judgement',
    )
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print for machines')
  return withEncoding(command).action(run)
}

type Options = { threads?: number; encoding?: string; json?: true }

async function run(reference: string, path: string, { threads, encoding, json }: Options): Promise<void> {
  const { loadModel } = await import('../load.ts')
  const { readText } = await import('../formats/text-stream.ts')
  await using model = await loadModel(reference, { threads })
  if (model.vectors) {
    const { evaluateVectors } = await import('./evaluate-vectors.ts')
    return evaluateVectors(model.vectors, path, json)
  }
  const evaluate = ability(model, 'evaluate')
  let text = ''
  for await (const piece of readText(path === '-' ? process.stdin : path, { encoding })) text += piece
  const loss = await evaluate(text)
  if (json) process.stdout.write(`${JSON.stringify(loss)}\n`)
  else {
    const { natsPerToken, bitsPerByte, perplexity, tokens } = loss
    process.stdout.write(
      `${natsPerToken.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}, ${bitsPerByte.toFixed(4)} bits per byte (${tokens} tokens)\n`,
    )
  }
}
