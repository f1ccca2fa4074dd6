import { formatBytes, formatCount, formatDuration, formatPercent } from '../report/format.ts'
import { type Cell, type Column, markdownTable } from '../report/table.ts'
import { type Comparison, isMeasured } from './comparison.ts'

/** The measures as a table, for a terminal or a document. */
export function comparisonTable({ rows }: Comparison): { columns: Column[]; cells: Cell[][] } {
  const right = ['accuracy [95 %]', 'macro-F1', 'training', 'per text', 'model', 'peak memory']
  const columns: Column[] = [{ title: 'contestant' }, ...right.map((title) => ({ title, align: 'right' as const }))]
  const cells = rows.map((row) => {
    if (!isMeasured(row)) return [row.model, 'failed']
    const [low, high] = row.accuracyInterval
    return [
      row.model,
      formatPercent(row.accuracy, { low, high }),
      row.macroF1.toFixed(3),
      formatDuration(row.trainSeconds * 1000),
      formatDuration(row.latencyMsP50),
      formatBytes(row.modelBytes),
      formatBytes(row.peakBytes),
    ]
  })
  return { columns, cells }
}

/** What was compared on what, in a line. */
export function comparisonTitle({ data }: Comparison): string {
  const { name, trainTexts, testTexts, labels } = data
  return `${name}: ${formatCount(trainTexts)} training texts, ${formatCount(testTexts)} test texts, ${formatCount(labels)} labels`
}

/** The comparison as a document. */
export function markdownReport(comparison: Comparison): string {
  const { columns, cells } = comparisonTable(comparison)
  const failures = comparison.rows.flatMap((row) =>
    isMeasured(row) ? [] : [`${row.model} failed:\n\n${indented(row.error.message)}`],
  )
  const warnings = comparison.warnings.map((warning) => `- ${warning}`).join('\n')
  const parts = [
    `# ${comparisonTitle(comparison)}`,
    comparison.verdict,
    markdownTable(columns, cells),
    ...failures,
    ...(warnings ? [warnings] : []),
    HOW,
  ]
  return `${parts.join('\n\n')}\n`
}

const HOW =
  'Every contestant was trained and tested on the same texts, alone in a process of its own. Accuracy is given with its 95 % bootstrap ' +
  'interval; "per text" is the median time for one text alone; peak memory is that of the whole process.'

const indented = (text: string) => text.replace(/^/gm, '    ')
