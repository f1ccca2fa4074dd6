/** Runs a contestant in a process of its own, so that its memory is its own and its crash is nobody else's. */
import { type ChildProcess, fork } from 'node:child_process'
import { EngineError, type LoquentError } from '../errors.ts'
import type { FitEvent } from './contestants.ts'
import type { Parts } from './data.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Costs, FromContestant, Job, ToContestant } from './messages.ts'

export type Outcome = { costs: Costs; predicted: string[]; probabilities: number[]; error?: undefined } | { error: Failure }

export type Finished = Extract<Outcome, { costs: Costs }>

export type ContestantProgress = FitEvent | { type: 'predicting'; done: number; of: number }

type Listener = { onProgress?: (progress: ContestantProgress) => void; signal?: AbortSignal }

/** Characters of text in one message. */
const MESSAGE_LENGTH = 2 ** 20

/** Trains and measures one contestant; whatever goes wrong in there is its outcome. An abort ends the process at once. */
export async function runContestant(job: Job, parts: Parts, { onProgress, signal }: Listener): Promise<Outcome> {
  const child = fork(new URL('./worker.js', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', process.env.LOQUENT_DEBUG ? 'inherit' : 'ignore', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
  })
  const outcome = listen(child, job.model, parts.test.texts.length, onProgress)
  await send(child, job, parts).catch(() => {}) // the child has died: its outcome says so
  return outcome
}

function listen(child: ChildProcess, name: string, of: number, onProgress?: Listener['onProgress']): Promise<Outcome> {
  const predicted: string[] = []
  const probabilities: number[] = []
  let outcome: Outcome | undefined
  child.on('message', (message: FromContestant) => {
    if (message.type === 'training') onProgress?.(message.event)
    else if (message.type === 'failed') outcome = { error: message.error }
    else if (message.type === 'done') outcome = { costs: message.costs, predicted, probabilities }
    else if (message.type === 'predicted') {
      predicted.push(...message.labels)
      probabilities.push(...message.probabilities)
      onProgress?.({ type: 'predicting', done: predicted.length, of })
    }
    if (outcome && child.connected) child.disconnect()
  })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      outcome ??= { error: failureOf(error) }
      if (child.pid === undefined) resolve(outcome)
    })
    child.on('exit', (code, signal) => resolve(outcome ?? { error: failureOf(died(name, code, signal)) }))
  })
}

function died(name: string, code: number | null, signal: NodeJS.Signals | null): LoquentError {
  return new EngineError({
    place: name,
    rule: 'its process ended before it was done',
    got: signal === null ? `exit code ${code}` : `signal ${signal}`,
    hint: 'most often memory ran out: take fewer or shorter texts, or merge rare labels; LOQUENT_DEBUG=1 shows what it said',
  })
}

async function send(child: ChildProcess, job: Job, { train, test }: Parts): Promise<void> {
  for (const [start, end] of stretches(train.texts)) {
    await sendOne(child, { type: 'train', texts: train.texts.slice(start, end), labels: train.labels.slice(start, end) })
  }
  for (const [start, end] of stretches(test.texts)) await sendOne(child, { type: 'test', texts: test.texts.slice(start, end) })
  await sendOne(child, { type: 'go', job })
}

function sendOne(child: ChildProcess, message: ToContestant): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(message, (error) => (error ? reject(error) : resolve()))
  })
}

/** Cuts a list of texts where enough characters have come together. */
function* stretches(texts: readonly string[]): Generator<[start: number, end: number]> {
  let start = 0
  let length = 0
  for (const [i, text] of texts.entries()) {
    length += text.length + 1
    if (length < MESSAGE_LENGTH && i < texts.length - 1) continue
    yield [start, i + 1]
    start = i + 1
    length = 0
  }
}
