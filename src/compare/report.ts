/** A comparison as something to read. */
import { type Cell, type Column, markdownTable } from '../report/table.ts'
import type { ClassifyComparison } from './classify/comparison.ts'
import { classifyReport } from './classify/report.ts'
import { isMeasured } from './comparison.ts'
import type { TranslateComparison } from './translate/comparison.ts'
import { translateReport } from './translate/report.ts'

/** A comparison at any of the tasks. */
export type AnyComparison = ClassifyComparison | TranslateComparison

/** A table, with a line above it where it is not the first. */
export type Table = { heading?: string; columns: Column[]; cells: Cell[][] }

/** What a task says of its comparisons. */
export type TaskReport<Of> = {
  /** What was compared on what, in a line. */
  title(comparison: Of): string
  /** The measures, for a terminal or a document; the first table has a row a contestant. */
  tables(comparison: Of): Table[]
  /** The command that puts the winner to work, where there is one. */
  next?(comparison: Of): string | undefined
  /** How it was measured, for the document. */
  how: string
}

const reports: { [Name in AnyComparison['task']]: TaskReport<Extract<AnyComparison, { task: Name }>> } = {
  classify: classifyReport,
  translate: translateReport,
}

export const reportOf = ({ task }: AnyComparison) => reports[task] as TaskReport<AnyComparison>

/** The comparison as a document. */
export function markdownReport(comparison: AnyComparison): string {
  const { title, tables, next, how } = reportOf(comparison)
  const [first, ...more] = tables(comparison)
  const command = next?.(comparison)
  const failures = comparison.rows.flatMap((row) =>
    isMeasured(row) ? [] : [`${row.model} failed:\n\n${indented(row.error.message)}`],
  )
  const warnings = comparison.warnings.map((warning) => `- ${warning}`).join('\n')
  const parts = [
    `# ${title(comparison)}`,
    comparison.verdict,
    markdownTable(first.columns, first.cells),
    ...more.flatMap(({ heading, columns, cells }) => [...(heading ? [heading] : []), markdownTable(columns, cells)]),
    ...failures,
    ...(warnings ? [warnings] : []),
    how,
    ...(command ? [`    ${command}`] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

const indented = (text: string) => text.replace(/^/gm, '    ')
