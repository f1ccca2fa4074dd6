import { stat } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError, LoquentError } from '../errors.ts'
import type { TranslateOptions, Translation } from '../generation/translator.ts'
import type { LoadedModel } from '../load.ts'
import { refuseEncoded } from './answer-file.ts'
import { batches, standardInput } from './input.ts'
import { onInterrupt } from './interrupt.ts'
import { number, wholeNumber, withEncoding } from './options.ts'
import { ability } from './text-model.ts'
import { TranslationLines } from './translation-lines.ts'

type Search = Omit<TranslateOptions, 'signal'>
type Options = Search & { text?: string; encoding?: string; out?: string; threads?: number; json?: true }

export function translateCommand(): Command {
  const command = new Command('translate')
    .description('translate texts with a trained encoder–decoder')
    .argument('<model>', 'the folder of a trained model')
    .argument('[input]', 'a text; a file, a text a line; - or nothing for standard input, one text a line or JSON lines')
    .option('--beams <n>', 'hypotheses that are followed side by side (default: what the model says, else 1)', wholeNumber)
    .option('--length-penalty <x>', 'above 0 favours long translations, below 0 short ones', number)
    .option('--early-stopping <when>', 'true, false or never: when a search with beams ends', earlyStopping)
    .option('--n-best <n>', 'translations of each text, with their scores', wholeNumber)
    .option('--max-tokens <n>', 'tokens of a translation at most', wholeNumber)
    .option('--min-tokens <n>', 'tokens of a translation at least', wholeNumber)
    .option('--ngram-once <n>', 'no sequence of n tokens comes twice in a translation', wholeNumber)
    .option('--temperature <t>', 'draws tokens; 0 takes the most probable one each time', number)
    .option('--top-p <p>', 'draws from the most probable tokens that together reach p', number)
    .option('--top-k <k>', 'draws from the k most probable tokens', wholeNumber)
    .option('--min-p <p>', 'draws from tokens at least p times as probable as the most probable one', number)
    .option('--seed <n>', 'the same seed draws the same translations', wholeNumber)
    .option('--source-lang <tag>', 'language of the texts, for a model of many languages')
    .option('--target-lang <tag>', 'language to translate to, for a model of many languages')
    .option('--prefix <text>', 'put before each text, such as "translate English to German: "')
    .addOption(new Option('--overflow <policy>', 'where a text is longer than the model reads').choices(['cut', 'error']))
    .option('--text <column>', 'column of the texts in a table or in JSON lines')
    .option('--out <file>', 'write to a file: a line a text, or for a table its rows with the translation')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print one JSON object a text')
  return withEncoding(command).action(run)
}

function earlyStopping(text: string): boolean | 'never' {
  if (text === 'never') return text
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('true, false or never is wanted')
}

type Cli = Options & { sourceLang?: string; targetLang?: string; ngramOnce?: number }

async function run(reference: string, input: string | undefined, cli: Cli): Promise<void> {
  const signal = onInterrupt()
  try {
    await translateInput(reference, input, cli, signal)
  } catch (error) {
    if (!signal.aborted || error instanceof LoquentError) throw error
    const rule = cli.out === undefined ? 'stopped' : `stopped; ${cli.out} was not written`
    throw new LoquentError('interrupted', { place: 'translate', rule })
  }
}

async function translateInput(reference: string, input: string | undefined, cli: Cli, signal: AbortSignal): Promise<void> {
  const { text: column, encoding, out, threads, json, sourceLang, targetLang, ngramOnce, ...search } = cli
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference, { threads })
  const options: TranslateOptions = {
    ...search,
    ...(ngramOnce !== undefined && { noRepeatNgram: ngramOnce }),
    ...(sourceLang !== undefined && { sourceLanguage: sourceLang }),
    ...(targetLang !== undefined && { targetLanguage: targetLang }),
    signal,
  }
  const translate = ability(model, 'translate')
  const lines = new TranslationLines((texts, numberFrom) => translate(texts, { ...options, numberFrom }), {
    json: json === true || out?.endsWith('.jsonl'),
    numbered: (search.nBest ?? 1) > 1,
  })
  if (out !== undefined) refuseEncoded(out)
  const isFile = input !== undefined && input !== '-' && (await stat(input).catch(() => undefined))?.isFile() === true
  if (isFile && isTable(input)) return await translateTable(input, { column, encoding, out, nBest: search.nBest }, lines)
  if (!isFile && input !== undefined && input !== '-' && out === undefined) return await translateOne(model, input, options, json)
  const texts = isFile
    ? fileLines(input, encoding)
    : input === undefined || input === '-'
      ? standardInput({ column, encoding, blank: true })
      : [input]
  const answers = lines.of(batches(texts, isFile ? FILE_BATCH : undefined), signal)
  if (out === undefined) for await (const text of answers) process.stdout.write(text)
  else await writeTo(out, answers)
  lines.report(out)
  if (signal.aborted) throw interrupted(lines.texts, out)
}

function interrupted(texts: number, out = 'the output'): LoquentError {
  return new LoquentError('interrupted', { place: 'translate', rule: `stopped; ${out} has the first ${texts} translations` })
}

/** Lines of a file that are translated together: sorted by length, they waste little on padding. */
const FILE_BATCH = 256

const isTable = (path: string): boolean => /\.(csv|tsv|jsonl?|parquet)(\.gz|\.bz2)?$/i.test(path)

async function* fileLines(path: string, encoding: string | undefined): AsyncGenerator<string> {
  const { readLines } = await import('../formats/text-stream.ts')
  for await (const { text } of readLines(path, { encoding })) yield text
}

async function writeTo(out: string, answers: AsyncIterable<string>): Promise<void> {
  const { writeFileAtomic } = await import('../formats/atomic.ts')
  async function* bytes() {
    for await (const text of answers) yield Buffer.from(text)
  }
  await writeFileAtomic(out, bytes())
}

async function translateTable(
  path: string,
  { column, encoding, out, nBest = 1 }: Pick<Options, 'encoding' | 'out' | 'nBest'> & { column?: string },
  lines: TranslationLines,
): Promise<void> {
  if (nBest > 1) {
    const hint = 'give the texts as lines, or leave out --n-best'
    throw new ConfigError({ place: '--n-best', rule: 'the row of a table gets one translation', got: `${nBest}`, hint })
  }
  if (out === undefined) {
    throw new ConfigError({
      place: `translate ${path}`,
      rule: 'the rows of a table go to a file',
      got: 'no --out',
      hint: '--out FILE',
    })
  }
  const { answerFile } = await import('./answer-file.ts')
  const rounded = (score: number) => (out.endsWith('.jsonl') ? Number(score.toFixed(4)) : score.toFixed(4))
  await answerFile(path, { column, encoding, out, added: ['translation', 'score'], refuseTaken: true }, async (texts) => {
    return (await lines.translate(texts)).map(({ text, score }) => ({ translation: text, score: rounded(score) }))
  })
  lines.report(out)
}

/** Shows the translation of one text as it comes. */
async function translateOne(model: LoadedModel, text: string, options: TranslateOptions, json: true | undefined): Promise<void> {
  if (json || (options.nBest ?? 1) > 1) {
    const translate = ability(model, 'translate')
    const lines = new TranslationLines((texts) => translate(texts, options), { json: json === true, numbered: true })
    for await (const line of lines.of([[text]])) process.stdout.write(line)
    return lines.report()
  }
  const stream = model.streamTranslation!(text, options)
  for (;;) {
    const { done, value } = await stream.next()
    if (!done) process.stdout.write(value)
    else return ended(value)
  }
}

function ended({ cut }: Translation): void {
  process.stdout.write('\n')
  if (cut) process.stderr.write(`note: only the first ${cut.read} of the text's ${cut.tokens} tokens were read\n`)
}
