import { formatBytes, formatCount, formatDuration, formatPercent } from '../../report/format.ts'
import { isMeasured } from '../comparison.ts'
import type { TaskReport } from '../report.ts'
import type { ClassifyComparison } from './comparison.ts'

export const classifyReport: TaskReport<ClassifyComparison> = {
  title({ data }) {
    const { name, trainTexts, testTexts, labels } = data
    return `${name}: ${formatCount(trainTexts)} training texts, ${formatCount(testTexts)} test texts, ${formatCount(labels)} labels`
  },
  tables({ rows }) {
    const right = ['accuracy [95 %]', 'macro-F1', 'training', 'per text', 'model', 'peak memory']
    const columns = [{ title: 'contestant' }, ...right.map((title) => ({ title, align: 'right' as const }))]
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
    return [{ columns, cells }]
  },
  how:
    'Every contestant was trained and tested on the same texts, alone in a process of its own. Accuracy is given with its 95 % bootstrap ' +
    'interval; "per text" is the median time for one text alone; peak memory is that of the whole process.',
}
