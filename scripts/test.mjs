/**
 * `npm test [-- vitest arguments]`: makes the clone ready, runs vitest, ends with the totals.
 * The tiny suite (`--config vitest.tiny.config.ts`) reads the sources alone and skips the build.
 */
import { rmSync } from 'node:fs'
import { buildIfStale, installIfMissing, requireNode, runTool } from './prepare.mjs'
import { readTotals, reportPath } from './totals.mjs'

const args = process.argv.slice(2)
const tiny = args.includes('vitest.tiny.config.ts')

rmSync(reportPath, { force: true })
requireNode()
installIfMissing()
if (!tiny) buildIfStale()
process.exitCode = runTool('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`, ...args])
console.log(readTotals())
