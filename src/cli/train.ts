import { Command } from 'commander'
import type { FitOptions } from '../compare/contestants.ts'
import { ConfigError } from '../errors.ts'
import type { LanguageModelKind } from '../training/language-model.ts'
import { onInterrupt } from './interrupt.ts'
import { number, positiveNumber, wholeNumber, withColumns, withEncoding, withRun } from './options.ts'
import { BAG_OF_WORDS_OPTIONS, type BagOfWordsCli, bagOfWordsOptions, withBagOfWords } from './train-bag-of-words.ts'
import type { LanguageModelCli, StepOptions } from './train-language-model.ts'
import { runWord2Vec, WORD2VEC_OPTIONS, type Word2VecCli, withWord2Vec } from './train-word2vec.ts'

type Options = StepOptions & { text?: string; label?: string; encoding?: string; epochs?: number }

const LANGUAGE_MODELS: readonly LanguageModelKind[] = ['gpt', 'llama', 'rnn', 'ngram']

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train one model and save it as a folder')
    .argument(
      '<architecture>',
      'classifiers: majority, bag-of-words, naive-bayes, svm, encoder; language models: gpt, llama, rnn, ngram; word vectors: word2vec',
    )
    .argument(
      '<data...>',
      'texts with labels (.csv, .tsv, .jsonl, .json, .parquet, also .gz and .bz2, or a folder); for a language model text files and folders of them; for word2vec texts in any of these, and MediaWiki dumps',
    )
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--resume', 'go on from the newest checkpoint in the folder')
    .option('--epochs <n>', 'passes over the data at most', positiveNumber)
    .option('--steps <n>', 'steps, instead of epochs', wholeNumber)
    .option('--batch <n>', 'texts a step', wholeNumber)
    .option('--lr <rate>', 'peak learning rate', positiveNumber)
    .option('--preset <size>', 'language models: nano, micro, small, medium, gpt2-small')
    .option('--tokenizer <kind>', 'language models: what a token is: char, byte, or the folder or file of a tokenizer')
    .option('--context <n>', 'language models: tokens of a window', wholeNumber)
    .option('--dropout <share>', 'language models: share of activations dropped while training', number)
    .option('--minutes <n>', 'language models: time to train for, instead of steps', positiveNumber)
    .option('--validation <share>', 'language models: share of the text, at its end, to be held out', number)
    .option('--order <n>', 'ngram: tokens of the longest n-gram', wholeNumber)
  return withRun(withEncoding(withColumns(withWord2Vec(withBagOfWords(command))))).action(run)
}

async function run(
  architecture: string,
  paths: string[],
  options: Options & LanguageModelCli & BagOfWordsCli & Word2VecCli,
): Promise<void> {
  refuseForeign(architecture, options)
  if (architecture === 'word2vec') return runWord2Vec(paths, options)
  if (LANGUAGE_MODELS.some((name) => name === architecture)) {
    const { runLanguageModel } = await import('./train-language-model.ts')
    return runLanguageModel(architecture as LanguageModelKind, paths, options)
  }
  const [data, ...more] = paths
  if (more.length > 0) {
    throw new ConfigError({ place: `train ${architecture}`, rule: 'takes one data file', got: paths.join(', ') })
  }
  const { contestantNamed } = await import('../compare/contestants.ts')
  const { train } = await import('../compare/train.ts')
  const { readLabelled } = await import('../text/labelled.ts')
  const { trainingReport } = await import('./training-report.ts')
  const { out, resume, seed, threads, json } = options
  const settings = isBagOfWords(architecture)
    ? await bagOfWordsOptions(architecture, options)
    : fitOptions(architecture, contestantNamed(architecture).hasOptions, options)
  const examples = await readLabelled(data, { text: options.text, label: options.label, encoding: options.encoding })
  if (examples.leftOut) process.stderr.write(`note: no labelled texts in ${examples.leftOut.join(', ')}: left out\n`)
  const { status, onEvent } = trainingReport(json)
  const run = { seed, threads, out, resume, onEvent, signal: onInterrupt(), options: settings }
  const { folder, seconds } = await train(architecture, examples, run)
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', folder, seconds })}\n`)
  else
    process.stdout.write(`${folder}${seconds === undefined ? ' was finished already' : ` trained in ${seconds.toFixed(1)} s`}\n`)
}

const isBagOfWords = (architecture: string): architecture is keyof typeof BAG_OF_WORDS_OPTIONS =>
  Object.hasOwn(BAG_OF_WORDS_OPTIONS, architecture)

const RUN = ['out', 'resume', 'seed', 'threads', 'json']
const LABELLED = ['text', 'label', 'encoding']
const STEPS = ['steps', 'batch', 'lr']
const TEXT = ['tokenizer', 'validation', 'encoding']
const TRANSFORMER = [...RUN, ...STEPS, ...TEXT, 'preset', 'context', 'dropout', 'minutes']

/** The options that each architecture takes. */
const TAKES: Record<LanguageModelKind | 'classifier' | 'word2vec' | keyof typeof BAG_OF_WORDS_OPTIONS, readonly string[]> = {
  classifier: [...RUN, ...LABELLED, ...STEPS, 'epochs'],
  gpt: TRANSFORMER,
  llama: TRANSFORMER,
  rnn: TRANSFORMER,
  ngram: [...RUN, ...TEXT, 'order'],
  word2vec: [...RUN, 'text', 'encoding', 'epochs', 'lr', ...WORD2VEC_OPTIONS],
  'bag-of-words': [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS['bag-of-words']],
  'naive-bayes': [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS['naive-bayes']],
  svm: [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS.svm],
}

/** @throws ConfigError for an option that this architecture would ignore */
function refuseForeign(architecture: string, options: object): void {
  const takes = Object.hasOwn(TAKES, architecture) ? TAKES[architecture as LanguageModelKind] : TAKES.classifier
  const foreign = Object.keys(options).filter((name) => !takes.includes(name))
  if (foreign.length === 0) return
  const flags = (names: readonly string[]) =>
    names.map((name) => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`).join(', ')
  throw new ConfigError({ place: `train ${architecture}`, rule: `takes ${flags(takes)}`, got: flags(foreign) })
}

function fitOptions(architecture: string, takesOptions: boolean, { epochs, steps, batch, lr }: Options): FitOptions {
  const given = Object.entries({ epochs, steps, batch, learningRate: lr }).filter(([, value]) => value !== undefined)
  if (given.length > 0 && !takesOptions) {
    throw new ConfigError({
      place: `train ${architecture}`,
      rule: 'is not trained in steps, so it takes none of --epochs, --steps, --batch, --lr',
      got: given.map(([name]) => (name === 'learningRate' ? '--lr' : `--${name}`)).join(', '),
    })
  }
  return Object.fromEntries(given)
}
