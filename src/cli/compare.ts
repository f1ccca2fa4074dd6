import { Command, Option } from 'commander'
import type { CompareEvent } from '../compare/index.ts'
import type { ContestantProgress } from '../compare/process.ts'
import { refuseForeign, type TranslateCli, translateOptions, withTranslate } from './compare-translate.ts'
import { EXIT } from './errors.ts'
import { onInterrupt } from './interrupt.ts'
import { withColumns, withEncoding, withRun } from './options.ts'
import { StatusLine } from './status-line.ts'

type Task = 'classify' | 'translate'

type Options = {
  models?: string[]
  text?: string
  label?: string
  encoding?: string
  test?: string
  out?: string
  seed: number
  threads?: number
  json?: true
} & TranslateCli

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('train every kind of model on your data and say which is worth its cost')
    .argument(
      '<data>',
      'texts with labels: .csv, .tsv, .jsonl, .json, .parquet, also .gz and .bz2, or a folder of them, or of a folder a class; to translate, a table with both sides or a text file, a sentence a line',
    )
    .argument('[target]', 'the translation of each line of the text file')
    .addOption(new Option('--task <task>', 'what to compare at (default: classify; two files: translate)').choices(TASKS))
    .option(
      '--models <a,b,c>',
      'contestants: majority, bag-of-words, naive-bayes, svm, encoder; to translate rnn, rnn-attention, transformer, or folders of models',
      (list) => list.split(',').map((name) => name.trim()),
    )
    .option('--test <file>', 'test on this file instead of a held-out part')
    .option('--out <folder>', 'for the trained models and the report (default: ./loquent-out/NAME)')
  return withRun(withEncoding(withColumns(withTranslate(command)))).action(run)
}

const TASKS: readonly Task[] = ['classify', 'translate']

async function run(
  data: string,
  target: string | undefined,
  { json, task: asked, ...options }: Options & { task?: Task },
): Promise<void> {
  const task = asked ?? (target === undefined ? 'classify' : 'translate')
  refuseForeign(task, target, options)
  if (asked === undefined && task === 'translate') process.stderr.write('note: two files, so --task translate\n')
  const { compare, isMeasured } = await import('../compare/index.ts')
  const { describeEvent } = await import('./progress.ts')
  const status = new StatusLine()
  const describe = (progress: ContestantProgress): string => {
    if (progress.type === 'predicting') return `testing ${progress.done}/${progress.of}`
    if (progress.type === 'measuring') return `speed at ${progress.what}, ${progress.done}/${progress.of}`
    return describeEvent(progress)
  }
  const onEvent = (event: CompareEvent) => {
    if (event.type !== 'progress') return
    const { model, index, of, progress } = event
    status.show(() => `[${index + 1}/${of}] ${model}: ${describe(progress)}`)
  }
  const shared = { onEvent, signal: onInterrupt() }
  const comparison =
    task === 'classify'
      ? await compare(data, { ...options, ...shared })
      : await compare(target === undefined ? data : [data, target], { ...translateOptions(options), ...shared, task })
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`)
  else await print(comparison)
  for (const row of comparison.rows) {
    if (isMeasured(row)) continue
    process.stderr.write(`${row.model} failed: ${row.error.message}\n`)
    process.exitCode = EXIT.error
  }
}

async function print(comparison: import('../compare/report.ts').AnyComparison): Promise<void> {
  const { terminalTable } = await import('../report/table.ts')
  const { reportOf } = await import('../compare/report.ts')
  const { title, tables, next } = reportOf(comparison)
  const warnings = comparison.warnings.map((warning) => `note: ${warning}\n`).join('')
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  const shown = tables(comparison).map(({ heading, columns, cells }) => {
    return `${heading === undefined ? '' : `${heading}\n\n`}${terminalTable(columns, cells, { color })}\n\n`
  })
  process.stdout.write(`${title(comparison)}\n${warnings}\n${shown.join('')}${comparison.verdict}\n`)
  process.stdout.write(`Models, predictions and report: ${comparison.out}\n`)
  const command = next?.(comparison)
  if (command) process.stdout.write(`${command}\n`)
}
