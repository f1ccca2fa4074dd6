import { Command } from 'commander'
import type { FitEvent, FitOptions } from '../compare/contestants.ts'
import { ConfigError } from '../errors.ts'
import { onInterrupt } from './interrupt.ts'
import { positiveNumber, wholeNumber, withColumns, withRun } from './options.ts'
import { StatusLine } from './status-line.ts'

type Options = {
  text?: string
  label?: string
  out: string
  resume?: true
  epochs?: number
  steps?: number
  batch?: number
  lr?: number
  seed: number
  threads?: number
  json?: true
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train one model and save it as a folder')
    .argument('<architecture>', 'majority, bag-of-words or encoder')
    .argument('<data>', 'a .csv, .tsv, .jsonl or .json file of texts with labels, also .gz')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--resume', 'go on from the newest checkpoint in the folder')
    .option('--epochs <n>', 'passes over the data at most', positiveNumber)
    .option('--steps <n>', 'steps, instead of epochs', wholeNumber)
    .option('--batch <n>', 'texts a step', wholeNumber)
    .option('--lr <rate>', 'peak learning rate', positiveNumber)
  return withRun(withColumns(command)).action(run)
}

async function run(architecture: string, data: string, options: Options): Promise<void> {
  const { contestantNamed } = await import('../compare/contestants.ts')
  const { train } = await import('../compare/train.ts')
  const { readLabelled } = await import('../text/labelled.ts')
  const { describeEvent, isLasting } = await import('./progress.ts')
  const { out, resume, seed, threads, json } = options
  const settings = fitOptions(architecture, contestantNamed(architecture).hasOptions, options)
  const examples = await readLabelled(data, { text: options.text, label: options.label })
  const status = new StatusLine(!json && process.stderr.isTTY === true)
  const onEvent = (event: FitEvent) => {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`)
    else if (isLasting(event)) status.print(describeEvent(event))
    else status.show(() => describeEvent(event))
  }
  const run = { seed, threads, out, resume, onEvent, signal: onInterrupt(), options: settings }
  const { folder, seconds } = await train(architecture, examples, run)
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', folder, seconds })}\n`)
  else
    process.stdout.write(`${folder}${seconds === undefined ? ' was finished already' : ` trained in ${seconds.toFixed(1)} s`}\n`)
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
