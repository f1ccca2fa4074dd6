/** The process of one contestant: takes the data, hands it to its task, and tells its parent what that says. */
import { failureOf } from './failure.ts'
import type { FromContestant, ToContestant } from './messages.ts'
import type { Compete, Job, Tell } from './task.ts'

/** Imported when asked for, so that the code of one task costs the others no memory. */
const tasks: Record<Job['task'], () => Promise<Compete>> = {
  classify: async () => (await import('./classify/compete.ts')).compete,
  translate: async () => (await import('./translate/compete.ts')).compete,
}

const parts: Record<string, Record<string, string[]>> = {}

process.on('SIGINT', () => {}) // Ctrl-C reaches the whole group; the parent decides
process.on('disconnect', () => process.exit())
process.on('message', (message: ToContestant) => {
  if (message.type === 'go') void run(message.job)
  else {
    parts[message.part] ??= {}
    for (const [name, texts] of Object.entries(message.columns)) {
      parts[message.part][name] ??= []
      for (const text of texts) parts[message.part][name].push(text) // `push(...texts)` would put every one on the stack
    }
  }
})

const tell: Tell = {
  event: (event) => send({ type: 'event', event }),
  answers: (answers) => send({ type: 'answers', answers }),
}

async function run(job: Job): Promise<void> {
  try {
    const compete = await tasks[job.task]()
    send({ type: 'done', costs: await compete(job, parts, tell) })
  } catch (error) {
    if (process.env.LOQUENT_DEBUG) console.error(error)
    send({ type: 'failed', error: failureOf(error) })
  }
}

function send(message: FromContestant): void {
  process.send?.(message)
}
