/**
 * What does the move from recurrence to attention buy on this machine, by sentence length and batch, at equal parameters?
 *
 * The plain RNN, the RNN with attention and the Transformer in turn, in one process, with drawn parameters: tokens/s and GFLOP/s in training
 * and in greedy decoding, and matrix products that wait for one another. Arguments: a preset (tiny, small, base; default small) and seconds a
 * measurement (default 3). `npm run build && node bench/recurrence-attention.mjs small 3`
 */
import { cpus } from 'node:os'
import { GrowthMeasure } from '../dist/compare/translate/growth.js'
import { growthSentences, growthTable } from '../dist/compare/translate/growth-report.js'
import { formatCount } from '../dist/report/format.js'
import { terminalTable } from '../dist/report/table.js'
import { designModel, translationPresets } from '../dist/training/translation-sizes.js'

const THREADS = 2
const LENGTHS = [16, 32, 64, 128, 256]
const BATCHES = [1, 8, 32]
const KINDS = ['rnn', 'rnn-attention', 'transformer']
const [preset = 'small', seconds = '3'] = process.argv.slice(2)

const design = { ...translationPresets[preset], vocabSize: 8000, maxLength: Math.max(...LENGTHS) + 2, dropout: 0.1, pad: 0 }
const designed = KINDS.map((kind) => ({ kind, ...designModel(kind, design) }))
const sizes = designed.map(({ kind, parameters }) => `${kind} ${formatCount(parameters)}`).join(', ')
console.log(`${cpus()[0].model}, ${THREADS} threads, Node ${process.versions.node}; parameters: ${sizes}`)

const speeds = ({ trainTokensPerSecond, decodeTokensPerSecond }) =>
  `${Math.round(trainTokensPerSecond)} / ${Math.round(decodeTokensPerSecond)}`
const rows = []
for (const { kind, model } of designed)
  rows.push({ model: kind, measure: await GrowthMeasure.compile(model, THREADS), growth: [] })
for (const length of LENGTHS) {
  for (const batch of BATCHES) {
    for (const { measure, growth } of rows) growth.push(await measure.at(length, batch, Number(seconds)))
    const shown = rows.map(({ model, growth }) => `${model} ${speeds(growth.at(-1))}`)
    process.stderr.write(`${length} tokens by ${batch}: ${shown.join(', ')}\n`)
  }
}
for (const { measure } of rows) measure[Symbol.dispose]()

const [{ columns, cells }] = growthTable(rows)
console.log(`${terminalTable(columns, cells)}\n\n${growthSentences(rows).join('\n')}`)
process.exit()
