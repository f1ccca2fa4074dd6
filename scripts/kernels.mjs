/**
 * `npm run kernels`: compiles kernels/*.ts (AssemblyScript) to WebAssembly and writes it into the sources as base64, with the digest of
 * what it was made from. `--stale`, as `npm run build` gives it: only where that digest is no longer right.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitCode, installIfMissing, requireNode, root } from './prepare.mjs'

const own = ['--initialMemory', '8']
/** Memory that the caller makes and several threads share, up to the 4 GiB of a 32-bit address. */
const shared = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads']

/** @type {Record<string, { target: string, memory: string[] }>} */
export const kernels = {
  adamw: { target: 'src/training/adamw-wasm.js', memory: own },
  word2vec: { target: 'src/models/word2vec/word2vec-wasm.js', memory: shared },
  search: { target: 'src/search/search-wasm.js', memory: shared },
  hnsw: { target: 'src/search/hnsw-wasm.js', memory: shared },
}
const common = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']

/** Digest of all that decides about the compiled kernel: its source, the flags, the compiler. */
export function digestOf(/** @type {string} */ name) {
  const source = readFileSync(join(root, `kernels/${name}.ts`), 'utf8').replaceAll('\r\n', '\n')
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'))
  return createHash('sha256')
    .update([version, ...common, ...kernels[name].memory, source].join('\n'))
    .digest('hex')
    .slice(0, 16)
}

/** Whether the committed output was made from the source that stands there. */
export function isCurrent(/** @type {string} */ name) {
  const path = join(root, kernels[name].target)
  return existsSync(path) && readFileSync(path, 'utf8').includes(`of ${digestOf(name)}.`)
}

/** Ends the process where the compiler fails. */
function compile(/** @type {string} */ name) {
  const { target, memory } = kernels[name]
  const binary = join(tmpdir(), `loquent-${name}-${process.pid}.wasm`)
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js')
  const args = [asc, `kernels/${name}.ts`, ...common, ...memory, '-o', binary]
  const code = exitCode(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }))
  if (code !== 0) process.exit(code)
  const base64 = readFileSync(binary).toString('base64')
  rmSync(binary)
  const header = `/** kernels/${name}.ts as WebAssembly, of ${digestOf(name)}. Written by \`npm run kernels\`; do not edit. */\n`
  const lines = base64.match(/.{1,120}/g)?.map((line) => `  '${line}'`) ?? []
  writeFileSync(join(root, target), `${header}export const wasm =\n${lines.join(' +\n')}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireNode()
  installIfMissing()
  const stale = process.argv.includes('--stale')
  for (const name of Object.keys(kernels)) if (!(stale && isCurrent(name))) compile(name)
}
