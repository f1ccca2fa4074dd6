import { Command, Option } from 'commander'
import { DataError } from '../errors.ts'
import type { GenerateOptions, Generation } from '../generation/text-generator.ts'
import { onInterrupt } from './interrupt.ts'
import { number, wholeNumber } from './options.ts'
import { ability } from './text-model.ts'

type Options = {
  maxTokens?: number
  temperature?: number
  topP?: number
  topK?: number
  minP?: number
  repetitionPenalty?: number
  frequencyPenalty?: number
  presencePenalty?: number
  stop?: string[]
  overflow?: 'error' | 'drop-start'
  logprobs?: number
  n: number
  seed?: number
  threads?: number
  json?: true
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('continue a text with a language model')
    .argument('<model>', 'the folder of a trained language model')
    .argument('[prompt]', 'what to continue; - or nothing for standard input')
    .option('--max-tokens <n>', 'tokens to generate at most', wholeNumber)
    .option('--temperature <t>', '0 takes the most probable token each time', number)
    .option('--top-p <p>', 'only the most probable tokens that together reach p', number)
    .option('--top-k <k>', 'only the k most probable tokens', wholeNumber)
    .option('--min-p <p>', 'only tokens at least p times as probable as the most probable one', number)
    .option('--repetition-penalty <x>', 'above 1, tokens seen before become less probable', number)
    .option('--frequency-penalty <x>', 'taken from a logit for each time the token was generated', number)
    .option('--presence-penalty <x>', 'taken from a logit once the token was generated', number)
    .option('--stop <text...>', 'the text ends before the first of these')
    .addOption(new Option('--overflow <policy>', 'where the prompt does not fit the context').choices(['error', 'drop-start']))
    .option('--logprobs <n>', 'with --json: each token with its log-probability and the n most probable ones', wholeNumber)
    .option('--n <n>', 'texts to generate', wholeNumber, 1)
    .option('--seed <n>', 'the same seed draws the same text', wholeNumber)
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print one JSON object a text')
    .action(run)
}

async function run(
  reference: string,
  input: string | undefined,
  { n, json, threads, logprobs, ...rest }: Options,
): Promise<void> {
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference, { threads })
  const generate = ability(model, 'generate')
  const options: GenerateOptions = { ...rest, ...(logprobs !== undefined && { topLogprobs: logprobs }), signal: onInterrupt() }
  const prompt = input === undefined || input === '-' ? await standardInput() : input
  const stream = generate(prompt, options, n)
  const streams = n === 1 && !json
  for (;;) {
    const { done, value } = await stream.next()
    if (done) return print(value, { json, streams, logprobs })
    if (streams) process.stdout.write(value.text)
  }
}

async function standardInput(): Promise<string> {
  const { readText } = await import('../formats/text-stream.ts')
  let text = ''
  for await (const piece of readText(process.stdin)) text += piece
  if (text === '') throw new DataError({ place: 'standard input', rule: 'must hold the prompt', got: 'nothing' })
  return text.replace(/\r?\n$/, '')
}

function print(
  generations: readonly Generation[],
  { json, streams, logprobs }: { json?: true; streams: boolean; logprobs?: number },
): void {
  for (const { tokens, ...generation } of generations) {
    if (json) process.stdout.write(`${JSON.stringify({ ...generation, ...(logprobs !== undefined && { logprobs: tokens }) })}\n`)
    else process.stdout.write(streams ? '\n' : `${generation.text}\n`)
    if (!json && generation.droppedTokens) {
      process.stderr.write(`note: the first ${generation.droppedTokens} tokens of the prompt were not read\n`)
    }
  }
}
