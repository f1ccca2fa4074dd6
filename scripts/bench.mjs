/** `npm run bench [-- NAME…]`: runs bench/NAME.mjs, or every benchmark, against the built package. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { exitCode, note, prepare, root } from './prepare.mjs'

const folder = join(root, 'bench')
const all = readdirSync(folder).filter((name) => name.endsWith('.mjs') && name !== 'race.mjs')
const wanted = process.argv.slice(2).map((name) => (name.endsWith('.mjs') ? name : `${name}.mjs`))

prepare()
for (const name of wanted.length > 0 ? wanted : all) {
  note(`bench: ${name}`)
  const code = exitCode(spawnSync(process.execPath, [join(folder, name)], { cwd: root, stdio: 'inherit' }))
  if (code !== 0) process.exitCode = code
}
