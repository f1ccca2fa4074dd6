/** The last test run in one line: `N passed, N failed, N skipped`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './prepare.mjs'

/** Where a run leaves vitest's JSON report. */
export const reportPath = join(root, 'node_modules', '.cache', 'loquent', 'tests.json')

/** A file that could not be loaded counts as one failure, and so does a run that left no report. */
export function readTotals() {
  if (!existsSync(reportPath)) return '0 passed, 1 failed'
  const report = JSON.parse(readFileSync(reportPath, 'utf8'))
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = report.numFailedTests + unloaded.length
  const skipped = report.numPendingTests + report.numTodoTests
  return `${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(readTotals())
