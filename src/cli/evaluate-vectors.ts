import { readLines } from '../formats/text-stream.ts'
import { evaluateAnalogies, evaluateWordPairs, readAnalogies, readWordPairs } from '../models/word2vec/analogies.ts'
import type { KeyedVectors } from '../models/word2vec/keyed-vectors.ts'

/** Analogies where the file begins with `: name`, otherwise pairs of words with people's judgements. */
export async function evaluateVectors(vectors: KeyedVectors, path: string, json?: true): Promise<void> {
  const isAnalogies = await beginsWithSection(path)
  const { result, lines, skippedLines } = isAnalogies ? await analogies(vectors, path) : await pairs(vectors, path)
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`)
  if (skippedLines.length > 0) {
    const which = `${skippedLines.slice(0, 10).join(', ')}${skippedLines.length > 10 ? ', …' : ''}`
    process.stderr.write(`note: lines that are none of the kind, and were left out: ${skippedLines.length} (${which})\n`)
  }
}

async function analogies(vectors: KeyedVectors, path: string) {
  const { sections, skippedLines } = await readAnalogies(path)
  const result = evaluateAnalogies(vectors, sections)
  const { accuracy, unknown } = result
  const share = (correct: number, incorrect: number) => `${correct} of ${correct + incorrect}`
  const lines = result.sections.map(({ name, correct, incorrect }) => `${name}\t${share(correct, incorrect)}`)
  lines.push(
    `accuracy ${accuracy.toFixed(4)}; ${unknown} of ${result.analogies} analogies have words that are not in the vocabulary`,
  )
  return { result, lines, skippedLines }
}

async function pairs(vectors: KeyedVectors, path: string) {
  const { pairs, skippedLines } = await readWordPairs(path)
  const result = evaluateWordPairs(vectors, pairs)
  const { pearson, spearman, unknown } = result
  const lines = [
    `Spearman ${spearman.toFixed(4)}, Pearson ${pearson.toFixed(4)}; ${unknown} of ${result.pairs} pairs have words that are not in the vocabulary`,
  ]
  return { result, lines, skippedLines }
}

async function beginsWithSection(path: string): Promise<boolean> {
  for await (const { text } of readLines(path)) if (text.trim() !== '') return text.startsWith(': ')
  return false
}
