import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const script = fileURLToPath(new URL('tiny-word2vec.mjs', import.meta.url))

/** Runs the tiny training; kills it after so many checkpoints, where asked to. */
function training(folder: string, killAfter = Number.POSITIVE_INFINITY): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let seen = 0
    child.stdout.on('data', (data) => {
      seen += data.length
      if (seen >= killAfter) child.kill('SIGKILL')
    })
    child.on('exit', (_, signal) => resolve(signal))
  })
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-word2vec-kill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('word vectors whose training is killed end bit-equal to those of one that was not', async () => {
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')]
  await training(whole)
  for (const checkpoints of [1, 2, 3]) {
    expect(await training(killed, checkpoints)).toBe('SIGKILL')
    expect(await readdir(join(killed, 'checkpoints'))).toContain('corpus')
  }
  expect(await training(killed)).toBe(null)
  for (const file of ['model.safetensors', 'vocabulary.txt', 'config.json']) {
    expect(await readFile(join(killed, file))).toEqual(await readFile(join(whole, file)))
  }
})
