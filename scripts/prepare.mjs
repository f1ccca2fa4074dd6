/**
 * Makes a bare clone ready: right Node, dependencies installed, `dist/` built. Plain Node, because it runs before anything is there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const inRoot = (...parts) => join(root, ...parts)
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The installed command-line tools, as files that `node` runs: a `.bin` shim is no program on Windows. */
const tools = {
  tsc: 'typescript/bin/tsc',
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  publint: 'publint/src/cli.js',
  vitest: 'vitest/vitest.mjs',
}

/** Runs one of `tools` in the root of the package; returns its exit code. */
export function runTool(name, args) {
  return exitCode(spawnSync(process.execPath, [inRoot('node_modules', tools[name]), ...args], { cwd: root, stdio: 'inherit' }))
}

/** Ends the process with a clear line where this Node is older than package.json's `engines` asks. */
export function requireNode() {
  const wanted = readJson(inRoot('package.json')).engines.node.replace('>=', '')
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  fail(`Loquent needs Node ${wanted} or newer; this is ${process.versions.node}. Get one at https://nodejs.org`)
}

/** `npm install`, unless every package of package-lock.json stands in node_modules at its version. */
export function installIfMissing() {
  if (isInstalled()) return
  note('installing dependencies')
  const args = ['install', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const cli = process.env.npm_execpath
  const ranByNpm = cli?.endsWith('npm-cli.js')
  const result = ranByNpm
    ? spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio: 'inherit', env })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' })
  if (exitCode(result) !== 0) fail('npm install failed: see above; a first install needs the npm registry')
}

function isInstalled() {
  const installedPath = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return false
  const installed = readJson(installedPath).packages
  return Object.entries(readJson(inRoot('package-lock.json')).packages).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

/** Compiles kernels that have changed, and src/ into dist/, replacing what was there; ends the process on an error. */
export function build() {
  note('building')
  const kernels = spawnSync(process.execPath, [inRoot('scripts/kernels.mjs'), '--stale'], { cwd: root, stdio: 'inherit' })
  if (exitCode(kernels) !== 0) fail('a kernel does not compile: see above')
  const dist = inRoot('dist')
  const startedAt = new Date()
  rmSync(dist, { recursive: true, force: true })
  if (runTool('tsc', ['-p', 'tsconfig.build.json']) !== 0) fail('the build failed: see above')
  utimesSync(dist, startedAt, startedAt) // a source saved while the compiler ran is newer than what it made
}

/** Builds where dist/ is absent or older than a source, a folder of sources (a file was removed) or a setting. */
export function buildIfStale() {
  const dist = inRoot('dist')
  const sources = ['tsconfig.json', 'tsconfig.build.json', 'src', 'kernels'].map((name) => inRoot(name))
  sources.push(...walk(inRoot('src')), ...walk(inRoot('kernels')))
  if (!existsSync(dist) || sources.some((path) => statSync(path).mtimeMs > statSync(dist).mtimeMs)) build()
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? [path, ...walk(path)] : [path]
  })
}

/** Everything `npm start` and `npm test` need before their own work. */
export function prepare() {
  requireNode()
  installIfMissing()
  buildIfStale()
}

/** A child's exit code; 1 where it could not be started or died by a signal. */
export function exitCode({ status, error }) {
  if (error !== undefined) process.stderr.write(`${error.message}\n`)
  return status ?? 1
}

export function note(text) {
  process.stderr.write(`loquent: ${text}\n`)
}

function fail(text) {
  note(text)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare()
