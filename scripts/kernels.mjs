/** `npm run kernels`: compiles kernels/*.ts (AssemblyScript) to WebAssembly and writes it into the sources as base64. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCode, installIfMissing, requireNode, root } from './prepare.mjs'

const kernels = { adamw: 'src/training/adamw-wasm.js' }
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '8']

requireNode()
installIfMissing()
for (const [name, target] of Object.entries(kernels)) {
  const binary = join(tmpdir(), `loquent-${name}-${process.pid}.wasm`)
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js')
  const code = exitCode(
    spawnSync(process.execPath, [asc, `kernels/${name}.ts`, ...flags, '-o', binary], { cwd: root, stdio: 'inherit' }),
  )
  if (code !== 0) process.exit(code)
  const base64 = readFileSync(binary).toString('base64')
  rmSync(binary)
  const header = `/** kernels/${name}.ts as WebAssembly. Written by \`npm run kernels\`; do not edit. */\n`
  const lines = base64.match(/.{1,120}/g).map((line) => `  '${line}'`)
  writeFileSync(join(root, target), `${header}export const wasm =\n${lines.join(' +\n')}\n`)
}
