import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('tiny-training.mjs', import.meta.url))
const KILLS = 20

/** Runs the tiny training; kills it some milliseconds after its first step, where asked to. */
function training(folder: string, killAfterMs?: number): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', () => {
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    })
    child.stdout.resume()
    child.on('exit', (_, signal) => resolve(signal))
  })
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-kill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a training that is killed', () => {
  it('leaves a checkpoint that can be resumed, and ends bit-equal to one that was not', { timeout: 300_000 }, async () => {
    const whole = join(folder, 'whole')
    await training(whole)
    const killed = join(folder, 'killed')
    let kills = 0
    for (let i = 0; i < KILLS; i++) {
      kills += (await training(killed, Math.random() * 120)) === 'SIGKILL' ? 1 : 0
      expect(await readdir(join(killed, 'checkpoints'))).not.toHaveLength(0)
    }
    expect(kills).toBeGreaterThan(KILLS / 2) // else the training is too short for this test
    expect(await training(killed)).toBe(null)
    expect(await readFile(join(killed, 'result.bin'))).toEqual(await readFile(join(whole, 'result.bin')))
  })
})
