import { Command, Option } from 'commander'
import { DataError } from '../errors.ts'
import type { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import { standardInput } from './input.ts'
import { number, wholeNumber } from './options.ts'
import type { TokenizerTrainingOptions } from './tokenize-train.ts'

export function tokenizeCommand(): Command {
  const command = new Command('tokenize').description('train a tokenizer, turn text into ids, and ids into text')
  for (const sub of [trainCommand(), encodeCommand(), decodeCommand()]) command.addCommand(sub.exitOverride())
  return command
}

function trainCommand(): Command {
  return new Command('train')
    .description('learn a vocabulary from texts and save it as a folder')
    .argument('<files...>', 'texts: .txt, .md, .csv, .tsv, .jsonl, .json, .parquet, also .gz, and folders of them')
    .requiredOption('--out <folder>', 'where the tokenizer goes')
    .addOption(
      new Option('--model <kind>', 'what tokens are').choices(['bpe', 'wordpiece', 'unigram', 'word', 'char']).default('bpe'),
    )
    .option('--vocab-size <n>', 'tokens at most, special ones among them', wholeNumber)
    .option('--min-frequency <n>', 'what occurs less often becomes no token', number)
    .option('--special <token...>', 'special tokens, which come first')
    .option('--byte-fallback', 'bpe, unigram: tokens for bytes, for characters that are none, as SentencePiece has it')
    .option('--lowercase', 'learn and read everything in lower case')
    .option('--no-lowercase', 'leave the case as it is')
    .option('--text <column>', 'column of the texts in tables')
    .option('--json', 'print for machines')
    .action(async (files: string[], options: TokenizerTrainingOptions) => {
      const { runTokenizerTraining } = await import('./tokenize-train.ts')
      return runTokenizerTraining(files, options)
    })
}

const withTokenizer = (command: Command): Command =>
  command
    .requiredOption(
      '--tokenizer <path>',
      'a folder, or a file: tokenizer.json, vocab.json, vocab.txt, a SentencePiece .model, .tiktoken, .gguf',
    )
    .option('--json', 'print one JSON object a text')

function encodeCommand(): Command {
  return withTokenizer(new Command('encode'))
    .description('the ids of texts')
    .argument('[text]', 'a text; - or nothing for standard input, one text a line or JSON lines')
    .option('--no-special-tokens', 'only the ids of the text itself')
    .option('--text <column>', 'field of the texts in JSON lines')
    .action(encode)
}

function decodeCommand(): Command {
  return withTokenizer(new Command('decode'))
    .description('the texts of ids')
    .argument('[ids...]', 'ids; - or nothing for standard input, the ids of one text a line')
    .option('--special-tokens', 'write special tokens too')
    .action(decode)
}

type EncodeOptions = { tokenizer: string; json?: true; specialTokens: boolean; text?: string }

async function encode(input: string | undefined, { tokenizer: path, json, specialTokens, text }: EncodeOptions): Promise<void> {
  const tokenizer = await load(path)
  const texts = input === undefined || input === '-' ? standardInput({ column: text, blank: true }) : [input]
  for await (const text of texts) {
    if (!json) process.stdout.write(`${tokenizer.encode(text, { addSpecialTokens: specialTokens }).join(' ')}\n`)
    else {
      const { ids, tokens, offsets } = tokenizer.encoding(text, { addSpecialTokens: specialTokens })
      process.stdout.write(`${JSON.stringify({ ids, tokens, offsets })}\n`)
    }
  }
}

type DecodeOptions = { tokenizer: string; json?: true; specialTokens?: true }

async function decode(input: string[], { tokenizer: path, json, specialTokens }: DecodeOptions): Promise<void> {
  const tokenizer = await load(path)
  const given = input.join(' ')
  for await (const ids of given === '' || given === '-' ? standardInputIds() : [parseIds(given, 'decode')]) {
    const text = tokenizer.decode(ids, { skipSpecialTokens: !specialTokens })
    process.stdout.write(json ? `${JSON.stringify({ text })}\n` : `${text}\n`)
  }
}

async function* standardInputIds(): AsyncGenerator<number[]> {
  const { readLines } = await import('../formats/text-stream.ts')
  for await (const { line, text } of readLines(process.stdin)) yield parseIds(text, `standard input, line ${line}`)
}

/** Numbers with spaces or commas between, a JSON array of them, or what `encode --json` prints. */
function parseIds(text: string, place: string): number[] {
  const refuse = () =>
    new DataError({
      place,
      rule: 'ids are whole numbers with spaces between, or a JSON object with `ids`',
      got: JSON.stringify(text.slice(0, 100)),
    })
  const list = text.trim().startsWith('{') ? idsIn(text) : text.replace(/^\s*\[|\]\s*$/g, '')
  if (list === undefined) throw refuse()
  const words = list.split(/[\s,]+/).filter((word) => word !== '')
  if (words.every((word) => /^\d{1,10}$/.test(word))) return words.map(Number)
  throw refuse()
}

function idsIn(line: string): string | undefined {
  try {
    const { ids } = JSON.parse(line) as { ids?: unknown }
    return Array.isArray(ids) ? ids.map(String).join(' ') : undefined
  } catch {
    return undefined
  }
}

/** As a pipeline, also where a language model would use a quicker way: it knows tokens and offsets. */
async function load(path: string): Promise<PipelineTokenizer> {
  const { readTokenizerJson } = await import('../tokenizers/files/load.ts')
  const { PipelineTokenizer } = await import('../tokenizers/pipeline.ts')
  return PipelineTokenizer.fromJSON(await readTokenizerJson(path), path)
}
