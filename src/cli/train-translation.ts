import { type Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import type { ParallelTexts } from '../text/parallel.ts'
import type { TrainingEvent } from '../training/events.ts'
import type { Seq2SeqTrainingOptions } from '../training/train-seq2seq.ts'
import type { TrainedTranslation, TranslationOptions, TranslationRun } from '../training/translation-model.ts'
import type { TranslationKind, TranslationPreset, TranslationSize } from '../training/translation-sizes.ts'
import { onInterrupt } from './interrupt.ts'
import { flag, number, wholeNumber } from './options.ts'
import { describeEvent } from './progress.ts'
import type { StepOptions } from './train-language-model.ts'

export type TranslationCli = Omit<StepOptions, 'batch'> & {
  epochs?: number
  minutes?: number
  encoding?: string
  sourceColumn?: string
  targetColumn?: string
  preset?: string
  width?: number
  layers?: number
  tokenizer?: string
  vocabSize?: number
  maxLength?: number
  dropout?: number
  batchTokens?: number
  accumulate?: number
  labelSmoothing?: number
  schedule?: Seq2SeqTrainingOptions['schedule']
  warmup?: number
  evaluateEvery?: number
  patience?: number
  validation?: number
  validationSource?: string
  validationTarget?: string
  cell?: 'lstm' | 'gru'
  attention?: 'additive' | 'dot' | 'general'
  scheduledSampling?: 'linear' | 'inverse-sigmoid'
}

export const TRANSLATION_KINDS: readonly TranslationKind[] = ['rnn', 'rnn-attention', 'transformer']

/**
 * Whether `train rnn` means a translation model and not a language model: where two files are given, or a table whose columns are the two
 * sides. One plain file, a table of other columns, and folders are texts to continue.
 */
export async function isTranslation(paths: readonly string[], { sourceColumn, targetColumn }: TranslationCli): Promise<boolean> {
  if (sourceColumn !== undefined || targetColumn !== undefined) return true
  const { isFolder } = await import('../text/files.ts')
  const { isParallelTable } = await import('../text/parallel.ts')
  if (paths.length === 2) return !(await isFolder(paths[0])) && !(await isFolder(paths[1]))
  return paths.length === 1 && (await isParallelTable(paths[0]))
}

/** The options of `train` that translation models take beside those of every run. */
export const TRANSLATION_OPTIONS: readonly (keyof TranslationCli)[] = [
  ...(['steps', 'epochs', 'minutes', 'lr', 'encoding', 'sourceColumn', 'targetColumn'] as const),
  ...(['preset', 'width', 'layers', 'tokenizer', 'vocabSize', 'maxLength', 'dropout'] as const),
  ...(['batchTokens', 'accumulate', 'labelSmoothing', 'schedule', 'warmup', 'evaluateEvery', 'patience'] as const),
  ...(['validation', 'validationSource', 'validationTarget', 'cell', 'attention', 'scheduledSampling'] as const),
]

export const withTranslation = (command: Command): Command =>
  command
    .option('--source-column <column>', 'translation: column of the texts, where a table has both sides')
    .option('--target-column <column>', 'translation: column of their translations')
    .option(
      '--width <n>',
      'translation: width of the Transformer, in place of the preset’s; the recurrent kinds get as many parameters',
      wholeNumber,
    )
    .option('--layers <n>', 'translation: layers of its encoder, and of its decoder, in place of the preset’s', wholeNumber)
    .option('--vocab-size <n>', 'translation: tokens of the tokenizer that is trained on both sides', wholeNumber)
    .option('--max-length <n>', 'translation: pairs with more tokens on a side are left out (default: 128)', wholeNumber)
    .option('--batch-tokens <n>', 'translation: tokens of a batch at most, both sides and padding together', wholeNumber)
    .option('--accumulate <n>', 'translation: batches whose gradients are averaged into one step', wholeNumber)
    .option('--label-smoothing <share>', 'translation: share of each target that is spread over all tokens', number)
    .addOption(
      new Option('--schedule <curve>', 'translation: how the learning rate falls').choices(['inverse-sqrt', 'linear', 'cosine']),
    )
    .option('--warmup <n>', 'translation: steps over which the learning rate rises', wholeNumber)
    .option('--evaluate-every <n>', 'translation: steps from one evaluation to the next', wholeNumber)
    .option('--patience <n>', 'translation: evaluations without improvement after which training stops', wholeNumber)
    .option('--validation-source <file>', 'translation: held-out texts, or a table of pairs')
    .option('--validation-target <file>', 'translation: the translations of the held-out texts')
    .addOption(new Option('--cell <cell>', 'rnn, rnn-attention: the recurrent cell').choices(['lstm', 'gru']))
    .addOption(
      new Option('--attention <score>', 'rnn-attention: how the decoder looks at the source').choices([
        'additive',
        'dot',
        'general',
      ]),
    )
    .addOption(
      new Option(
        '--scheduled-sampling <decay>',
        'rnn, rnn-attention: more and more often give the decoder its own last choice',
      ).choices(['linear', 'inverse-sigmoid']),
    )

/** How often the right token is still given at the end of scheduled sampling. */
const FINAL_TEACHER_FORCING = 0.5

export async function runTranslation(kind: TranslationKind, paths: readonly string[], cli: TranslationCli): Promise<void> {
  const { translationPresets } = await import('../training/translation-sizes.ts')
  const { trainTranslationModel } = await import('../training/translation-model.ts')
  const { trainingReport } = await import('./training-report.ts')
  const { out, resume, seed, threads, json, preset } = cli
  if (preset !== undefined && !Object.hasOwn(translationPresets, preset)) {
    throw new ConfigError({
      place: '--preset',
      rule: `is one of ${Object.keys(translationPresets).join(', ')}`,
      got: preset,
      hint:
        kind === 'rnn'
          ? 'two files or a table of both sides train a translation model; train rnn-lm a language model'
          : undefined,
    })
  }
  expectOne(cli, ['steps', 'epochs', 'minutes'])
  expectOne(cli, ['validation', 'validationSource'])
  expectOne(cli, ['tokenizer', 'vocabSize'])
  const { status, onEvent: report } = trainingReport(json)
  const note = (text: string) => {
    status.clear()
    process.stderr.write(`note: ${text}\n`)
  }
  // What is left out is told wherever stderr leads to, and not to terminals alone.
  const onEvent = (event: TrainingEvent) =>
    event.type === 'pairs left out' && !json ? note(describeEvent(event)) : report(event)
  const data = await readData(kind, paths, cli, note)
  for (const texts of [data.train, data.validation]) {
    if (!texts || texts.blank.pairs === 0) continue
    const of = texts.sources.length + texts.blank.pairs
    onEvent({ type: 'pairs left out', why: 'blank', place: texts.place, of, ...texts.blank })
  }
  const { sampleTranslations } = await import('../generation/sample-translations.ts')
  const sample: TranslationRun['sample'] = (model) => sampleTranslations(model, { threads })
  const options = modelOptions(cli)
  const trained = await trainTranslationModel(kind, data, options, {
    seed,
    threads,
    out,
    resume,
    onEvent,
    sample,
    signal: onInterrupt(),
  })
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', ...trained })}\n`)
  else process.stdout.write(`${summary(trained)}\n`)
}

const modelOptions = ({
  minutes,
  tokenizer,
  vocabSize,
  maxLength,
  dropout,
  validation,
  cell,
  attention,
  ...cli
}: TranslationCli) =>
  defined<TranslationOptions>({
    ...{ minutes, tokenizer, vocabSize, maxLength, dropout, validation, cell, attention },
    preset: cli.preset as TranslationPreset | undefined,
    size: defined<Partial<TranslationSize>>({ width: cli.width, layers: cli.layers }),
    training: trainingOptions(cli),
  })

const trainingOptions = ({ steps, epochs, lr, scheduledSampling, ...cli }: TranslationCli): Partial<Seq2SeqTrainingOptions> =>
  defined({
    ...{ steps, epochs, learningRate: lr, batchTokens: cli.batchTokens, accumulate: cli.accumulate, schedule: cli.schedule },
    ...{ labelSmoothing: cli.labelSmoothing, warmup: cli.warmup, evaluateEvery: cli.evaluateEvery, patience: cli.patience },
    scheduledSampling: scheduledSampling && { decay: scheduledSampling, final: FINAL_TEACHER_FORCING },
  })

function summary({ folder, seconds, validationLoss, parameters }: TrainedTranslation): string {
  if (seconds === undefined) return `${folder} was finished already`
  const held = validationLoss === undefined ? '' : `, ${validationLoss.toFixed(4)} nats per token of the held-out translations`
  return `${folder} trained in ${seconds.toFixed(1)} s (${parameters} parameters)${held}`
}

async function readData(
  kind: string,
  paths: readonly string[],
  { sourceColumn, targetColumn, encoding, validationSource, validationTarget }: TranslationCli,
  tell: (note: string) => void,
): Promise<{ train: ParallelTexts; validation?: ParallelTexts }> {
  const { readParallel } = await import('../text/parallel.ts')
  const [source, target, ...more] = paths
  if (more.length > 0) {
    const rule = 'takes two text files, a sentence a line, or one table with both sides'
    throw new ConfigError({ place: `train ${kind}`, rule, got: paths.join(', ') })
  }
  if (validationSource === undefined && validationTarget !== undefined) {
    throw new ConfigError({ place: '--validation-target', rule: 'needs --validation-source', got: validationTarget })
  }
  const columns = defined({ sourceColumn, targetColumn })
  const read = async (first: string, second: string | undefined) => {
    const texts = await readParallel(first, second, { ...(second === undefined && columns), encoding })
    const { columns: found, place } = texts
    if (found && found.by !== 'asked') tell(`${place}: from column "${found.source}" to column "${found.target}"`)
    return texts
  }
  if (target !== undefined && Object.keys(columns).length > 0) await readParallel(source, target, columns) // which refuses
  const train = await read(source, target)
  return validationSource === undefined ? { train } : { train, validation: await read(validationSource, validationTarget) }
}

/** @throws ConfigError where two options are given that say the same thing in two ways */
function expectOne(cli: TranslationCli, names: readonly (keyof TranslationCli)[]): void {
  const given = names.filter((name) => cli[name] !== undefined)
  if (given.length < 2) return
  throw new ConfigError({
    place: 'train',
    rule: `takes one of ${names.map(flag).join(', ')}`,
    got: given.map(flag).join(' and '),
  })
}

const defined = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T
