import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './imports.ts'

const run = promisify(execFile)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-examples-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const example = (name: string, ...args: string[]) => run(process.execPath, [join(root, 'examples', name), ...args], { cwd: root })

describe('examples', () => {
  it('compare.mjs compares, and the winner answers', async () => {
    const { stdout } = await example('compare.mjs', join(folder, 'out'))
    expect(stdout).toMatch(/majority: 50\.0 %\nbag-of-words: \d\d\.\d %\nTake bag-of-words/)
    expect(stdout.trim().split('\n').at(-1)).toBe('positive')
  })

  it('language-model.mjs learns and writes', async () => {
    const { stdout } = await example('language-model.mjs')
    expect(stdout).toMatch(/^\d\.\d\d nats per character/)
    expect(stdout.length).toBeGreaterThan(150)
  })

  it('tokens.mjs takes a sentence apart and together again', async () => {
    const { stdout } = await example('tokens.mjs')
    expect(stdout).toMatch(/^\d+ W\S* 0–\d+\n/)
    expect(stdout.trim().split('\n').at(-1)).toBe('What a wonderful mattress!')
  })

  it('vectors.mjs finds what is soft', async () => {
    const { stdout } = await example('vectors.mjs', join(folder, 'vectors'))
    expect(stdout.trim().split('\n')).toHaveLength(3)
    expect(stdout).toMatch(/^0\.\d{3} .*\bsoft\b/)
  })

  it('gradient.mjs finds the line', async () => {
    const { stdout } = await example('gradient.mjs')
    expect(stdout).toBe('y = 2.000 x + 1.000\n')
  })
})
