import { formatBytes, formatCount, formatDuration } from '../../report/format.ts'
import { isMeasured } from '../comparison.ts'
import type { Table, TaskReport } from '../report.ts'
import type { TranslateComparison, TranslateRow } from './comparison.ts'
import { growthTable } from './growth-report.ts'

const right = (title: string) => ({ title, align: 'right' as const })

export const translateReport: TaskReport<TranslateComparison> = {
  title({ data }) {
    const { name, trainPairs, validationPairs, testPairs, vocabSize } = data
    const pairs = `${formatCount(trainPairs)} training pairs, ${formatCount(validationPairs)} validation pairs, ${formatCount(testPairs)} test pairs`
    return `${name}: ${pairs}, ${formatCount(vocabSize)} tokens`
  },
  tables({ rows }) {
    const measured = rows.filter((row) => isMeasured(row))
    return [quality(rows), speed(measured), lengths(measured), ...growthTable(measured)].filter(
      ({ cells }, i) => i === 0 || cells.length > 0,
    )
  },
  next({ rows, chosen, data }) {
    const row = rows.find((one) => one.model === chosen)
    return row && isMeasured(row) ? `loquent translate ${forShell(row.folder)} ${forShell(data.example)}` : undefined
  },
  how:
    'Every contestant that was trained was given the same pairs, tokenizer, number of parameters and time or steps, alone in a process of ' +
    'its own. Translations are greedy. BLEU and chrF are those of SacreBLEU, with 95 % bootstrap intervals; loss and perplexity are per ' +
    'token of the test targets, so they compare only where the tokenizer is the same; "to equal loss" is training time until the validation ' +
    'loss was as low as the lowest of the contestant that stayed highest; training counts tokens of both sides, decoding those written; "per sentence" is the median for ' +
    'one sentence alone; peak memory is that of the whole process. Steps in a row are matrix products that wait for one another.',
}

function quality(rows: TranslateComparison['rows']): Table {
  const titles = ['BLEU [95 %]', 'chrF', 'exact', 'loss', 'perplexity', 'parameters', 'training', 'to equal loss', 'per sentence']
  const measures = (row: TranslateRow) => [
    `${row.bleu.toFixed(1)} [${row.bleuInterval.map((bound) => bound.toFixed(1)).join('–')}]`,
    row.chrf.toFixed(1),
    `${(100 * row.exactMatch).toFixed(1)} %`,
    row.lossNats.toFixed(3),
    row.perplexity.toFixed(1),
    formatCount(row.parameters),
    seconds(row.trainSeconds),
    seconds(row.secondsToEqualLoss),
    formatDuration(row.latencyMsP50),
  ]
  const cells = rows.map((row) => [row.model, ...(isMeasured(row) ? measures(row) : ['failed'])])
  return { columns: [{ title: 'contestant' }, ...titles.map(right)], cells }
}

function speed(rows: readonly TranslateRow[]): Table {
  const titles = ['training tokens/s', 'decoding tokens/s, one by one', 'side by side', 'model', 'peak memory']
  const cells = rows.map((row) => [
    row.model,
    row.trainTokensPerSecond === null ? '–' : whole(row.trainTokensPerSecond),
    whole(row.decodeTokensPerSecond.single),
    whole(row.decodeTokensPerSecond.batch),
    formatBytes(row.modelBytes),
    formatBytes(row.peakBytes),
  ])
  return { heading: 'Speed and size', columns: [{ title: 'contestant' }, ...titles.map(right)], cells }
}

/** A column for each range of lengths. */
function lengths(rows: readonly TranslateRow[]): Table {
  const buckets = rows[0]?.byLength ?? []
  const columns = [{ title: 'contestant' }, ...buckets.map(({ bucket, sentences }) => right(`${bucket} (${sentences})`))]
  const cells = rows.map(({ model, byLength }) => [
    model,
    ...byLength.map(({ bleu, chrf }) => `${bleu.toFixed(1)} / ${chrf.toFixed(1)}`),
  ])
  return { heading: 'BLEU / chrF by words of the source (test pairs)', columns, cells }
}

const seconds = (value: number | null): string => (value === null ? '–' : formatDuration(1000 * value))
const whole = (value: number): string => formatCount(Math.round(value))
/** In quotes, where a shell would read it otherwise. */
const forShell = (path: string): string => (/^[\w./\\:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
