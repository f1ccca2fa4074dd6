/** `npm run check`: types, lint and format, unused code, room order, the package's public face. Runs all of them, fails if any did. */
import { note, prepare, runTool } from './prepare.mjs'

const checks = [
  ['types', 'tsc', ['-p', '.']],
  ['lint and format', 'biome', ['check', '--error-on-warnings']],
  ['unused files, exports, dependencies', 'knip', []],
  ['rooms and house words', 'vitest', ['run', 'test/house/imports.test.ts', 'test/house/language.test.ts']],
  ['package', 'publint', ['--strict']],
]

prepare()
const failed = []
for (const [name, tool, args] of checks) {
  note(`check: ${name}`)
  if (runTool(tool, args) !== 0) failed.push(name)
}
note(failed.length === 0 ? 'check: all good' : `check: failed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
