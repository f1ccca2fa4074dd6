/** One contestant in a process of its own: trains, saves, predicts, measures what that cost, and tells its parent. */
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile } from '../evaluation/quantile.ts'
import type { Classification, Classifier } from '../models/classifier.ts'
import { saveTrained } from '../training/folder.ts'
import { contestantNamed, type FitRun } from './contestants.ts'
import { failureOf } from './failure.ts'
import type { Costs, FromContestant, Job, ToContestant } from './messages.ts'
import { settingsOf } from './train.ts'

const BATCH = 256
const WARM_UP_TEXTS = 10
const TIMED_TEXTS = 300
const TIMING_MS = 10_000

const train = { texts: [] as string[], labels: [] as string[] }
const test = { texts: [] as string[] }

process.on('SIGINT', () => {}) // Ctrl-C reaches the whole group; the parent decides
process.on('disconnect', () => process.exit())
process.on('message', (message: ToContestant) => {
  if (message.type === 'go') void run(message.job)
  else if (message.type === 'test') append(test.texts, message.texts)
  else {
    append(train.texts, message.texts)
    append(train.labels, message.labels)
  }
})

async function run(job: Job): Promise<void> {
  try {
    tell({ type: 'done', costs: await compete(job) })
  } catch (error) {
    if (process.env.LOQUENT_DEBUG) console.error(error)
    tell({ type: 'failed', error: failureOf(error) })
  }
}

async function compete({ model: name, folder, ...options }: Job): Promise<Costs> {
  const fit = await contestantNamed(name).load()
  const fitRun: FitRun = { ...options, onEvent: (event) => tell({ type: 'training', event }) }
  const started = performance.now()
  const { model, write, record } = await fit(train, fitRun)
  const trainSeconds = (performance.now() - started) / 1000
  await saveTrained(folder, write, { ...settingsOf(name, train, fitRun), seconds: trainSeconds, ...record })
  await predict(model)
  const latencyMsP50 = await medianLatency(model)
  return { trainSeconds, latencyMsP50, modelBytes: await folderBytes(folder), peakBytes: peakBytes() }
}

async function predict(model: Classifier): Promise<void> {
  const cut: { read: number }[] = []
  for (let start = 0; start < test.texts.length; start += BATCH) {
    const answers: Classification[] = await model.classify(test.texts.slice(start, start + BATCH))
    cut.push(...answers.flatMap((answer) => answer.cut ?? []))
    const labels = answers.map(({ label }) => label)
    tell({ type: 'predicted', labels, probabilities: answers.map(({ label, scores }) => scores[label]) })
  }
  if (cut.length === 0) return
  const event = { type: 'texts cut', part: 'test', texts: cut.length, of: test.texts.length, read: cut[0].read } as const
  tell({ type: 'training', event })
}

/** Texts alone, one after another, once the code is warm: what somebody waits who sends one text. */
async function medianLatency(model: Classifier): Promise<number> {
  const times: number[] = []
  const texts = test.texts.slice(0, TIMED_TEXTS)
  for (let i = 0; i < WARM_UP_TEXTS; i++) await model.classify([texts[i % texts.length]])
  const end = performance.now() + TIMING_MS
  for (const text of texts) {
    const start = performance.now()
    await model.classify([text])
    times.push(performance.now() - start)
    if (performance.now() > end) break
  }
  return quantile(times, 0.5)
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * Most memory this process ever held. Linux passes `ru_maxrss` on from the parent to the child, however small that is; the high-water
 * mark of its own memory is in /proc.
 */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!
  return Number(kilobytes) * 1024
}

function tell(message: FromContestant): void {
  process.send?.(message)
}

/** `push(...items)` would put every item on the stack. */
function append(list: string[], items: readonly string[]): void {
  for (const item of items) list.push(item)
}
