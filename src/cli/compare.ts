import { Command, InvalidArgumentError } from 'commander'
import type { CompareEvent } from '../compare/index.ts'
import { EXIT } from './errors.ts'
import { onInterrupt } from './interrupt.ts'
import { withColumns, withEncoding, withRun } from './options.ts'
import { StatusLine } from './status-line.ts'

type Options = {
  task: 'classify'
  models?: string[]
  text?: string
  label?: string
  encoding?: string
  test?: string
  out?: string
  seed: number
  threads?: number
  json?: true
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('train every kind of model on your data and say which is worth its cost')
    .argument(
      '<data>',
      'texts with labels: .csv, .tsv, .jsonl, .json, .parquet, also .gz and .bz2, or a folder of them, or of a folder a class',
    )
    .option('--task <task>', 'what to compare at: classify', taskOf, 'classify')
    .option('--models <a,b,c>', 'contestants: majority, bag-of-words, naive-bayes, svm, encoder', (list) =>
      list.split(',').map((name) => name.trim()),
    )
    .option('--test <file>', 'test on this file instead of a held-out fifth')
    .option('--out <folder>', 'for the trained models and the report (default: ./loquent-out/NAME)')
  return withRun(withEncoding(withColumns(command))).action(run)
}

function taskOf(task: string): string {
  if (task !== 'classify') throw new InvalidArgumentError('classify is the one task so far.')
  return task
}

async function run(data: string, { json, ...options }: Options): Promise<void> {
  const { compare, isMeasured } = await import('../compare/index.ts')
  const { describeEvent } = await import('./progress.ts')
  const status = new StatusLine()
  const onEvent = (event: CompareEvent) => {
    if (event.type !== 'progress') return
    const { model, index, of, progress } = event
    const what = progress.type === 'predicting' ? `testing ${progress.done}/${progress.of}` : describeEvent(progress)
    status.show(() => `[${index + 1}/${of}] ${model}: ${what}`)
  }
  const comparison = await compare(data, { ...options, onEvent, signal: onInterrupt() })
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`)
  else await print(comparison)
  for (const row of comparison.rows) {
    if (isMeasured(row)) continue
    process.stderr.write(`${row.model} failed: ${row.error.message}\n`)
    process.exitCode = EXIT.error
  }
}

async function print(comparison: import('../compare/index.ts').Comparison): Promise<void> {
  const { terminalTable } = await import('../report/table.ts')
  const { comparisonTable, comparisonTitle } = await import('../compare/report.ts')
  const { columns, cells } = comparisonTable(comparison)
  const warnings = comparison.warnings.map((warning) => `note: ${warning}\n`).join('')
  const table = terminalTable(columns, cells, { color: process.stdout.isTTY === true && !process.env.NO_COLOR })
  process.stdout.write(`${comparisonTitle(comparison)}\n${warnings}\n${table}\n\n${comparison.verdict}\n`)
  process.stdout.write(`Models, predictions and report: ${comparison.out}\n`)
}
