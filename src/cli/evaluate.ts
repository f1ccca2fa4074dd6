import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import type { TranslatorEvaluation } from './evaluate-translator.ts'
import { flag, wholeNumber, withEncoding } from './options.ts'
import { ability } from './text-model.ts'

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('measure how well a translator translates, how well a language model predicts a text, or what word vectors know')
    .argument('<model>', 'the folder of a trained language model, or word vectors')
    .argument(
      '<text>',
      'a text file; - for standard input. For a translator: the sources, or a table of both sides. For word vectors: analogies like questions-words.txt, or lines word TAB word TAB judgement',
    )
    .argument('[target]', 'for a translator: the translations, line by line')
    .option('--source-column <column>', 'for a translator: column of the sources in a table')
    .option('--target-column <column>', 'and of their translations')
    .option('--source-lang <tag>', 'for a translator of many languages: that of the sources')
    .option('--target-lang <tag>', 'and that of their translations')
    .option('--prefix <text>', 'for a translator: put before each source')
    .option('--beams <n>', 'for a translator: hypotheses that are followed side by side', wholeNumber)
    .option('--max-tokens <n>', 'for a translator: tokens of a translation at most', wholeNumber)
    .option('--tokenize <name>', 'how BLEU cuts words: 13a (default), none, intl, zh, char')
    .option('--lowercase', 'BLEU and chrF in lower case')
    .option('--out <file>', 'for a translator: write its translations, one a line')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print for machines')
  return withEncoding(command).action(run)
}

async function run(reference: string, path: string, target: string | undefined, options: TranslatorEvaluation): Promise<void> {
  const { loadModel } = await import('../load.ts')
  const { readText } = await import('../formats/text-stream.ts')
  const { threads, encoding, json, ...others } = options
  await using model = await loadModel(reference, { threads })
  if (model.translate) {
    const { evaluateTranslator } = await import('./evaluate-translator.ts')
    return evaluateTranslator(model, path, target, options)
  }
  refuse(reference, [...(target === undefined ? [] : [target]), ...Object.keys(others).map(flag)])
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

/** @throws ConfigError for what only a translator takes */
function refuse(reference: string, given: readonly string[]): void {
  if (given.length === 0) return
  const hint = 'leave it out, or name the folder of a translator'
  throw new ConfigError({ place: `evaluate ${reference}`, rule: 'only a translator takes this', got: given.join(', '), hint })
}
