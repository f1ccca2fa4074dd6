/** What sentence length does to speed, as a table and in words. */
import { formatCount } from '../../report/format.ts'
import type { Table } from '../report.ts'
import type { TranslateRow } from './comparison.ts'

type Speed = 'trainTokensPerSecond' | 'decodeTokensPerSecond'

/** Speeds of all contestants, a row for each length, batch and contestant; none where nothing was measured. */
export function growthTable(rows: readonly TranslateRow[]): Table[] {
  const titles = [
    'tokens',
    'batch',
    'training tokens/s',
    'GFLOP/s',
    'steps in a row',
    'decoding tokens/s',
    'GFLOP/s',
    'steps in a row',
  ]
  const columns = [{ title: 'contestant' }, ...titles.map((title) => ({ title, align: 'right' as const }))]
  const points = rows.flatMap(({ model, growth = [] }) => growth.map((point) => ({ model, ...point })))
  const cells = points
    .sort((a, b) => a.length - b.length || a.batch - b.batch)
    .map((point) => [
      point.model,
      `${point.length}`,
      `${point.batch}`,
      whole(point.trainTokensPerSecond),
      point.trainGflopsPerSecond.toFixed(1),
      whole(point.trainSerialSteps),
      whole(point.decodeTokensPerSecond),
      point.decodeGflopsPerSecond.toFixed(1),
      whole(point.decodeSerialSteps),
    ])
  if (cells.length === 0) return []
  return [{ heading: 'Speed by tokens of a sentence and sentences side by side, at equal parameters', columns, cells }]
}

const whole = (value: number) => formatCount(Math.round(value))

/** Where recurrence is faster than the Transformer and where not; none where the two were not both measured. */
export function growthSentences(rows: readonly TranslateRow[]): string[] {
  const transformer = rows.find(({ model, growth }) => model === 'transformer' && growth)
  const recurrent = rows.filter(({ model, growth }) => model.startsWith('rnn') && growth)
  if (!transformer || recurrent.length === 0) return []
  return recurrent.flatMap((row) => [
    sentence(row, transformer, 'trainTokensPerSecond', 'training'),
    sentence(row, transformer, 'decodeTokensPerSecond', 'decoding'),
  ])
}

function sentence(row: TranslateRow, other: TranslateRow, speed: Speed, doing: string): string {
  const pairs = row.growth!.flatMap((point) => {
    const twin = other.growth!.find(({ length, batch }) => length === point.length && batch === point.batch)
    return twin ? [{ point, ratio: point[speed] / twin[speed] }] : []
  })
  const wins = pairs.filter(({ ratio }) => ratio > 1)
  const ratios = pairs.map(({ ratio }) => ratio).sort((a, b) => a - b)
  const lead = `In ${doing}, ${row.model} ran at ${ratios[0].toFixed(2)} to ${ratios.at(-1)!.toFixed(2)} times the speed of ${other.model}`
  if (wins.length === pairs.length) return `${lead}: recurrence wins here at every length and batch.`
  if (wins.length === 0) return `${lead}: the Transformer wins here at every length and batch.`
  const places = wins.map(({ point: { length, batch } }) => `${length} tokens by ${batch}`)
  return `${lead}: recurrence wins here at ${places.join(', ')}, else the Transformer.`
}
