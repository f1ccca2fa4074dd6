/** Runs a contestant in a process of its own, so that its memory is its own and its crash is nobody else's. */
import { type ChildProcess, fork } from 'node:child_process'
import { EngineError, type LoquentError } from '../errors.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Columns, ContestantEvent, FromContestant, ToContestant } from './messages.ts'
import type { Costs, Job } from './task.ts'

export type Outcome = { costs: Costs; answers: unknown[]; error?: undefined } | { error: Failure }

export type ContestantProgress = ContestantEvent | { type: 'predicting'; done: number; of: number }

type Listener = {
  /** How many answers are expected. */
  of: number
  onProgress?: (progress: ContestantProgress) => void
  signal?: AbortSignal
}

/** Characters of text in one message. */
const MESSAGE_LENGTH = 2 ** 20

/** Trains and measures one contestant; whatever goes wrong in there is its outcome. An abort ends the process at once. */
export async function runContestant(job: Job, parts: Columns, { signal, ...listener }: Listener): Promise<Outcome> {
  const child = fork(new URL('./worker.js', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', process.env.LOQUENT_DEBUG ? 'inherit' : 'ignore', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
  })
  const outcome = listen(child, job, listener)
  await send(child, job, parts).catch(() => {}) // the child has died: its outcome says so
  return outcome
}

function listen(child: ChildProcess, job: Job, { of, onProgress }: Listener): Promise<Outcome> {
  const answers: unknown[] = []
  let outcome: Outcome | undefined
  child.on('message', (message: FromContestant) => {
    if (message.type === 'event') onProgress?.(message.event)
    else if (message.type === 'failed') outcome = { error: message.error }
    else if (message.type === 'done') outcome = { costs: message.costs, answers }
    else if (message.type === 'answers') {
      answers.push(...message.answers)
      onProgress?.({ type: 'predicting', done: answers.length, of })
    }
    if (outcome && child.connected) child.disconnect()
  })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      outcome ??= { error: failureOf(error) }
      if (child.pid === undefined) resolve(outcome)
    })
    child.on('exit', (code, signal) => resolve(outcome ?? { error: failureOf(died(job, code, signal)) }))
  })
}

function died({ model, task }: Job, code: number | null, signal: NodeJS.Signals | null): LoquentError {
  return new EngineError({
    place: model,
    rule: 'its process ended before it was done',
    got: signal === null ? `exit code ${code}` : `signal ${signal}`,
    hint: `most often memory ran out: take fewer or shorter texts${task === 'classify' ? ', or merge rare labels' : ''}; LOQUENT_DEBUG=1 shows what it said`,
  })
}

async function send(child: ChildProcess, job: Job, parts: Columns): Promise<void> {
  for (const [part, columns] of Object.entries(parts)) {
    for (const [start, end] of stretches(Object.values(columns))) {
      const cut = Object.entries(columns).map(([name, texts]) => [name, texts.slice(start, end)])
      await sendOne(child, { type: 'rows', part, columns: Object.fromEntries(cut) })
    }
  }
  await sendOne(child, { type: 'go', job })
}

function sendOne(child: ChildProcess, message: ToContestant): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(message, (error) => (error ? reject(error) : resolve()))
  })
}

/** Cuts columns where enough characters have come together. */
function* stretches(columns: readonly (readonly string[])[]): Generator<[start: number, end: number]> {
  const rows = columns[0].length
  let start = 0
  let length = 0
  for (let i = 0; i < rows; i++) {
    length += columns.reduce((sum, column) => sum + column[i].length + 1, 0)
    if (length < MESSAGE_LENGTH && i < rows - 1) continue
    yield [start, i + 1]
    start = i + 1
    length = 0
  }
}
