import { LoquentError } from '../errors.ts'
import { readTexts } from '../text/texts.ts'
import { saveTokenizer } from '../tokenizers/files/save.ts'
import type { TrainableModel } from '../tokenizers/trainers/presets.ts'
import { trainTokenizer } from '../tokenizers/trainers/train.ts'
import { prepareFolder } from '../training/folder.ts'
import { onInterrupt } from './interrupt.ts'
import { StatusLine } from './status-line.ts'

export type TokenizerTrainingOptions = {
  out: string
  model: TrainableModel
  vocabSize?: number
  minFrequency?: number
  special?: string[]
  byteFallback?: true
  lowercase?: boolean
  text?: string
  json?: true
}

export async function runTokenizerTraining(paths: readonly string[], options: TokenizerTrainingOptions): Promise<void> {
  const { out, special, text, json, ...training } = options
  await prepareFolder(out)
  const status = new StatusLine(!json && process.stderr.isTTY === true)
  const signal = onInterrupt()
  const started = performance.now()
  const tokenizer = await trainTokenizer(textsOf(paths, text), {
    ...training,
    specialTokens: special,
    signal,
    onProgress: ({ stage, done, total }) => status.show(() => `${stage} ${done}${total === undefined ? '' : `/${total}`}`),
  }).catch((error) => {
    throw signal.aborted ? new Stopped() : error
  })
  const tokens = await saveTokenizer(tokenizer, out)
  const seconds = (performance.now() - started) / 1000
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', folder: out, tokens, seconds })}\n`)
  else process.stdout.write(`${out}: ${tokens} tokens, trained in ${seconds.toFixed(1)} s\n`)
}

class Stopped extends LoquentError {
  constructor() {
    super('interrupted', { place: 'tokenize train', rule: 'stopped; a tokenizer is written when it is finished, so nothing was' })
  }
}

async function* textsOf(paths: readonly string[], column: string | undefined): AsyncGenerator<string> {
  for await (const { text } of readTexts(paths, column === undefined ? {} : { text: column })) yield text
}
