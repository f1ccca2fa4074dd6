import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './imports.ts'

const run = promisify(execFile)
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_audit: 'false', npm_config_fund: 'false' }
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-pack-'))
  const { stdout } = await run(npm, ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, env })
  const [{ filename }] = JSON.parse(stdout)
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await run(npm, ['install', '--prefer-offline', join(folder, filename)], { cwd: folder, env })
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the packed package, installed into an empty folder', () => {
  it('runs on the command line', async () => {
    const { stdout } = await run(process.execPath, [join(folder, 'node_modules/loquent/dist/cli/main.js'), '--help'])
    expect(stdout).toContain('compare')
  })

  it('is imported, and computes', async () => {
    const script = `
      import { compare } from 'loquent'
      import { compile, inputSpec, ndarray } from 'loquent/tensor'
      const program = await compile((x) => x.mul(2), [inputSpec(['n'])])
      console.log(typeof compare, (await program.run(ndarray([1, 2], [2]))).data.join())`
    await writeFile(join(folder, 'use.mjs'), script)
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: folder })
    expect(stdout).toBe('function 2,4\n')
  })

  it('weighs at most 50 MB more than its engine', async () => {
    const [all, engine] = await Promise.all([
      sizeOf(join(folder, 'node_modules')),
      sizeOf(join(folder, 'node_modules/onnxruntime-node')),
    ])
    expect(all - engine).toBeLessThan(50e6)
  })
})

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  return sizes.reduce((a, b) => a + b, 0)
}
