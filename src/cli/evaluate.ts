import { Command } from 'commander'
import { wholeNumber } from './options.ts'
import { ability } from './text-model.ts'

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure how well a language model predicts a text')
    .argument('<model>', 'the folder of a trained language model')
    .argument('<text>', 'a text file; - for standard input')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print for machines')
    .action(run)
}

async function run(reference: string, path: string, { threads, json }: { threads?: number; json?: true }): Promise<void> {
  const { loadModel } = await import('../load.ts')
  const { readText } = await import('../formats/text-stream.ts')
  await using model = await loadModel(reference, { threads })
  const evaluate = ability(model, 'evaluate')
  let text = ''
  for await (const piece of readText(path === '-' ? process.stdin : path)) text += piece
  const loss = await evaluate(text)
  if (json) process.stdout.write(`${JSON.stringify(loss)}\n`)
  else {
    const { natsPerToken, bitsPerByte, perplexity, tokens } = loss
    process.stdout.write(
      `${natsPerToken.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}, ${bitsPerByte.toFixed(4)} bits per byte (${tokens} tokens)\n`,
    )
  }
}
