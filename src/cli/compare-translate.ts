/** The options of `compare --task translate`. */
import type { Command } from 'commander'
import type { CompareTranslationOptions } from '../compare/index.ts'
import { ConfigError } from '../errors.ts'
import { positiveNumber, wholeNumber } from './options.ts'

export type TranslateCli = {
  testSource?: string
  testTarget?: string
  sourceColumn?: string
  targetColumn?: string
  minutes?: number
  steps?: number
  preset?: CompareTranslationOptions['preset']
  vocabSize?: number
  growth?: true
}

const TRANSLATE: readonly (keyof TranslateCli)[] = [
  ...(['testSource', 'testTarget', 'sourceColumn', 'targetColumn'] as const),
  ...(['minutes', 'steps', 'preset', 'vocabSize', 'growth'] as const),
]
const CLASSIFY = ['text', 'label'] as const

export const withTranslate = (command: Command): Command =>
  command
    .option('--minutes <n>', 'translate: time to train each contestant for (default: 5)', positiveNumber)
    .option('--steps <n>', 'translate: steps to train each contestant for, instead of minutes', wholeNumber)
    .option(
      '--preset <size>',
      'translate: size of the contestants, such as tiny or small (default: as the number of pairs suggests)',
    )
    .option('--vocab-size <n>', 'translate: tokens of the tokenizer that is trained on both sides', wholeNumber)
    .option('--growth', 'translate: measure too how speed changes with sentence length and batch; takes minutes')
    .option('--source-column <column>', 'translate: column of the texts, where a table has both sides')
    .option('--target-column <column>', 'translate: column of their translations')
    .option('--test-source <file>', 'translate: test on these texts instead of a held-out tenth')
    .option('--test-target <file>', 'translate: and on these translations of them')

/** @throws ConfigError for what the task would ignore */
export function refuseForeign(task: 'classify' | 'translate', target: string | undefined, options: object): void {
  const foreign = Object.keys(options).filter((name) => (task === 'classify' ? TRANSLATE : CLASSIFY).some((one) => one === name))
  const flags = foreign.map((name) => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`)
  if (task === 'classify' && target !== undefined) flags.unshift(target)
  if (flags.length === 0) return
  const [rule, other] = task === 'classify' ? ['takes one data file', 'translate'] : ['takes two sides', 'classify']
  const hint = `these belong to --task ${other}`
  throw new ConfigError({ place: `compare --task ${task}`, rule, got: flags.join(', '), hint })
}

/** @throws ConfigError where one side of the test alone is named */
export function translateOptions<Rest extends { test?: string }>({ testSource, testTarget, ...options }: TranslateCli & Rest) {
  if (testSource === undefined && testTarget === undefined) return options
  if (testSource !== undefined && testTarget !== undefined && options.test === undefined) {
    return { ...options, test: [testSource, testTarget] as const }
  }
  throw new ConfigError({
    place: 'compare --task translate',
    rule: 'takes test pairs as --test-source and --test-target together, or as one table with --test',
    got: Object.entries({ '--test-source': testSource, '--test-target': testTarget, '--test': options.test })
      .flatMap(([flag, path]) => (path === undefined ? [] : [flag]))
      .join(' and '),
  })
}
