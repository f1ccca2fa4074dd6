import { Command } from 'commander'
import type { FitOptions } from '../compare/classify/contestants.ts'
import { ConfigError } from '../errors.ts'
import type { LanguageModelKind } from '../training/language-model.ts'
import type { TranslationKind } from '../training/translation-sizes.ts'
import { onInterrupt } from './interrupt.ts'
import { number, positiveNumber, wholeNumber, withColumns, withEncoding, withRun } from './options.ts'
import { BAG_OF_WORDS_OPTIONS, type BagOfWordsCli, bagOfWordsOptions, withBagOfWords } from './train-bag-of-words.ts'
import type { LanguageModelCli, StepOptions } from './train-language-model.ts'
import { refuseForeign } from './train-options.ts'
import { isTranslation, runTranslation, TRANSLATION_KINDS, type TranslationCli, withTranslation } from './train-translation.ts'
import { runWord2Vec, type Word2VecCli, withWord2Vec } from './train-word2vec.ts'

type Options = StepOptions & { text?: string; label?: string; encoding?: string; epochs?: number }

/** Architectures of language models by the names that they have here. */
const LANGUAGE_MODELS: Readonly<Record<string, LanguageModelKind>> = {
  gpt: 'gpt',
  llama: 'llama',
  'rnn-lm': 'rnn',
  ngram: 'ngram',
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train one model and save it as a folder')
    .argument(
      '<architecture>',
      'classifiers: majority, bag-of-words, naive-bayes, svm, encoder; language models: gpt, llama, rnn-lm, ngram; translation: rnn, rnn-attention, transformer; word vectors: word2vec',
    )
    .argument(
      '<data...>',
      'texts with labels (.csv, .tsv, .jsonl, .json, .parquet, also .gz and .bz2, or a folder); for a language model text files and folders of them; for translation two text files, a sentence a line, or a table with both sides; for word2vec texts in any of these, and MediaWiki dumps',
    )
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--resume', 'go on from the newest checkpoint in the folder')
    .option('--epochs <n>', 'passes over the data at most', positiveNumber)
    .option('--steps <n>', 'steps, instead of epochs', wholeNumber)
    .option('--batch <n>', 'texts a step', wholeNumber)
    .option('--lr <rate>', 'peak learning rate', positiveNumber)
    .option('--preset <size>', 'language models: nano, micro, small, medium, gpt2-small; translation: tiny, small, medium, base')
    .option(
      '--tokenizer <kind>',
      'language models: what a token is: char, byte, or the folder or file of a tokenizer; translation: a folder or file',
    )
    .option('--context <n>', 'language models: tokens of a window', wholeNumber)
    .option('--dropout <share>', 'language models, translation: share of activations dropped while training', number)
    .option('--minutes <n>', 'language models, translation: minutes to train for, instead of steps', positiveNumber)
    .option(
      '--validation <share>',
      'language models: share of the text, at its end, to be held out; translation: of the pairs',
      number,
    )
    .option('--order <n>', 'ngram: tokens of the longest n-gram', wholeNumber)
  return withRun(withEncoding(withColumns(withTranslation(withWord2Vec(withBagOfWords(command)))))).action(run)
}

async function run(
  asked: string,
  paths: string[],
  options: Options & LanguageModelCli & TranslationCli & BagOfWordsCli & Word2VecCli,
): Promise<void> {
  if (!(await isArchitecture(asked))) throw await unknownArchitecture(asked)
  const architecture = asked === 'rnn' && !(await isTranslation(paths, options)) ? 'rnn-lm' : asked
  refuseForeign(architecture, options)
  if (TRANSLATION_KINDS.some((kind) => kind === architecture))
    return runTranslation(architecture as TranslationKind, paths, options)
  if (architecture === 'word2vec') return runWord2Vec(paths, options)
  if (Object.hasOwn(LANGUAGE_MODELS, architecture)) {
    const { runLanguageModel } = await import('./train-language-model.ts')
    return runLanguageModel(LANGUAGE_MODELS[architecture], paths, options)
  }
  const [data, ...more] = paths
  if (more.length > 0) {
    throw new ConfigError({ place: `train ${architecture}`, rule: 'takes one data file', got: paths.join(', ') })
  }
  const { contestantNamed } = await import('../compare/classify/contestants.ts')
  const { train } = await import('../compare/classify/train.ts')
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

const OTHERS: readonly string[] = [...Object.keys(LANGUAGE_MODELS), ...TRANSLATION_KINDS, 'word2vec']

const architectures = async () => [...Object.keys((await import('../compare/classify/contestants.ts')).contestants), ...OTHERS]

const isArchitecture = async (name: string) => OTHERS.includes(name) || (await architectures()).includes(name)

async function unknownArchitecture(name: string): Promise<ConfigError> {
  const { nearest } = await import('../text/spelling.ts')
  const names = await architectures()
  const near = nearest(name, names)
  const hint = near && `did you mean ${near}?`
  return new ConfigError({ place: 'train', rule: `an architecture is one of ${names.join(', ')}`, got: name, hint })
}

const isBagOfWords = (architecture: string): architecture is keyof typeof BAG_OF_WORDS_OPTIONS =>
  Object.hasOwn(BAG_OF_WORDS_OPTIONS, architecture)

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
