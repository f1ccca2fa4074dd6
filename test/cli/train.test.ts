import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const main = join(root, 'dist/cli/main.js')
const reviews = join(root, 'samples/reviews.csv')
const common = ['--steps', '8', '--threads', '1', '--json']

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-train-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = (out: string, ...args: string[]) =>
  spawnSync(process.execPath, [main, 'train', 'encoder', reviews, '--out', join(folder, out), ...common, ...args], {
    encoding: 'utf8',
  })

/** The same, interrupted as by Ctrl-C once a line tells of `step`. */
function interrupted(out: string, step: number): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'train', 'encoder', reviews, '--out', join(folder, out), ...common])
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    child.stdout.on('data', (data) => {
      if (String(data).includes(`"step":${step},`)) child.kill('SIGINT')
    })
    child.on('exit', (code) => resolve({ code, stderr }))
  })
}

const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step?: number })
const weights = (out: string) => readFileSync(join(folder, out, 'model.safetensors'))

describe('train', () => {
  it('ends with 130 at Ctrl-C, and goes on to the same bits', async () => {
    expect(train('whole').status).toBe(0)
    const { code, stderr } = await interrupted('stopped', 3)
    expect(code).toBe(130)
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'interrupted' })
    const resumed = train('stopped', '--resume')
    expect(resumed.status).toBe(0)
    expect(events(resumed.stdout)[0].type).toBe('resumed')
    expect(weights('stopped')).toEqual(weights('whole'))
  })

  it('stops where the loss is no number, and names the step', () => {
    const { status, stderr } = train('diverged', '--lr', '1e30')
    expect(status).toBe(1)
    expect(JSON.parse(stderr).error.message).toMatch(/training: step \d+/)
  })

  it.skipIf(process.platform === 'win32')(
    'tells of a disk that takes no more, and leaves nothing half done (POSIX limit on file size)',
    () => {
      const blocks = 64 // of 1 KiB: less than the model takes
      const args = ['train', 'encoder', reviews, '--out', join(folder, 'full'), ...common]
      const command = `ulimit -f ${blocks}; exec "$0" "$@"`
      const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, main, ...args], { encoding: 'utf8' })
      expect(status).toBe(1)
      expect(JSON.parse(stderr).error).toMatchObject({ code: 'data', message: expect.stringContaining('disk') })
      expect(readdirSync(join(folder, 'full', 'checkpoints'))).toEqual([])
      expect(train('full', '--resume').status).toBe(0)
      expect(weights('full')).toEqual(weights('whole'))
    },
  )
})
