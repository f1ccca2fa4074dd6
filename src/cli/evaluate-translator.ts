/** How well a translator translates a test set. */

import { DataError, type LoquentError } from '../errors.ts'
import { bleu } from '../evaluation/bleu.ts'
import type { BleuTokenizer } from '../evaluation/bleu-tokenizers.ts'
import { byLength } from '../evaluation/by-length.ts'
import { chrf } from '../evaluation/chrf.ts'
import { type CorpusMetric, corpusStatistics, scoreInterval } from '../evaluation/corpus-metric.ts'
import { exactMatches } from '../evaluation/exact-match.ts'
import type { TargetLoss, Translation } from '../generation/translator.ts'
import type { LoadedModel } from '../load.ts'
import { terminalTable } from '../report/table.ts'
import type { ParallelTexts } from '../text/parallel.ts'
import { words } from '../text/words.ts'
import { ability } from './text-model.ts'

export type TranslatorEvaluation = {
  threads?: number
  encoding?: string
  sourceColumn?: string
  targetColumn?: string
  sourceLang?: string
  targetLang?: string
  prefix?: string
  beams?: number
  maxTokens?: number
  tokenize?: string
  lowercase?: true
  out?: string
  json?: true
}

/** @param target  the file of the translations, where the source's is not a table of both */
export async function evaluateTranslator(
  model: LoadedModel,
  source: string,
  target: string | undefined,
  options: TranslatorEvaluation,
): Promise<void> {
  const { encoding, sourceColumn, targetColumn, sourceLang, targetLang, prefix, beams, maxTokens, out, json } = options
  const metrics = {
    bleu: bleu({ tokenize: options.tokenize as BleuTokenizer, lowercase: options.lowercase }),
    chrf: chrf({ lowercase: options.lowercase }),
  }
  const { readParallel } = await import('../text/parallel.ts')
  const data = await readParallel(source, target, { encoding, sourceColumn, targetColumn })
  const languages = { sourceLanguage: sourceLang, targetLanguage: targetLang, prefix }
  const start = performance.now()
  const translations = await ability(model, 'translate')(data.sources, { ...languages, beams, maxTokens })
  const seconds = (performance.now() - start) / 1000
  const loss = await lossOf(model, data, translations, languages)
  const hypotheses = translations.map(({ text }) => text)
  const tokens = translations.reduce((sum, translation) => sum + translation.tokens, 0)
  const result = { ...measured(metrics, data, hypotheses), loss, speed: { seconds, tokens, tokensPerSecond: tokens / seconds } }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${linesOf(result).join('\n')}\n`)
  noteOdd(data, translations)
  if (out !== undefined) await writeLines(out, hypotheses) // last, so that a full disk loses no scores
}

type Metrics = { bleu: CorpusMetric; chrf: CorpusMetric }

function measured({ bleu, chrf }: Metrics, { sources, targets }: ParallelTexts, hypotheses: readonly string[]) {
  const [ofBleu, ofChrf] = [bleu, chrf].map((metric) => corpusStatistics(metric, hypotheses, [targets]))
  const signed = (metric: CorpusMetric, statistics: typeof ofBleu) => {
    const { value, ...interval } = scoreInterval(metric, statistics!)
    return { score: value, ...interval, signature: metric.signature(statistics!.references) }
  }
  const exact = exactMatches(hypotheses, [targets]).reduce((sum, match) => sum + match, 0)
  return {
    sentences: sources.length,
    bleu: signed(bleu, ofBleu),
    chrf: signed(chrf, ofChrf),
    exactMatch: exact / sources.length,
    bleuByLength: byLength(
      bleu,
      ofBleu!,
      sources.map((text) => words(text).length),
    ),
  }
}

type Result = ReturnType<typeof measured> & {
  loss: TargetLoss | undefined
  speed: { seconds: number; tokens: number; tokensPerSecond: number }
}

function linesOf({ sentences, bleu, chrf, exactMatch, bleuByLength, loss, speed }: Result): string[] {
  const line = (name: string, { score, low, high, level, signature }: Result['bleu']) =>
    `${name} ${score.toFixed(2)} [${low.toFixed(2)}–${high.toFixed(2)}, ${100 * level} %]  ${signature}`
  const ranges = bleuByLength.map(({ from, to, sentences, score }) => [`${from}–${to}`, sentences, score.toFixed(2)])
  return [
    line('BLEU', bleu),
    line('chrF2', chrf),
    `exact match ${(100 * exactMatch).toFixed(2)} % of ${sentences} sentences`,
    ...(loss
      ? [`${loss.natsPerToken.toFixed(4)} nats per token, perplexity ${loss.perplexity.toFixed(2)} (${loss.tokens} tokens)`]
      : []),
    `${speed.tokensPerSecond.toFixed(1)} tokens/s (${speed.tokens} tokens in ${speed.seconds.toFixed(1)} s)`,
    '',
    terminalTable([{ title: 'words in the source' }, { title: 'sentences' }, { title: 'BLEU', align: 'right' }], ranges),
  ]
}

/** Cross-entropy of the given targets, where all of them fit in the model; sources of which only the beginning was read are left out. */
async function lossOf(
  model: LoadedModel,
  { sources, targets }: ParallelTexts,
  translations: readonly Translation[],
  languages: { sourceLanguage?: string; targetLanguage?: string; prefix?: string },
): Promise<TargetLoss | undefined> {
  const whole = [...sources.keys()].filter((i) => !translations[i]!.cut)
  const picked = (texts: readonly string[]) => whole.map((i) => texts[i]!)
  try {
    return await model.translationLoss?.(picked(sources), picked(targets), languages)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    process.stderr.write(`note: nats per token were not measured. ${(error as LoquentError).message}\n`)
    return undefined
  }
}

async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  const { writeFileAtomic } = await import('../formats/atomic.ts')
  await writeFileAtomic(path, lines.map((line) => `${line.replace(/\s+/g, ' ')}\n`).join(''))
}

const MANY = 100

/** What makes a score another than it seems to be. */
function noteOdd({ blank, lines, place, targets }: ParallelTexts, translations: readonly Translation[]): void {
  const note = (text: string) => process.stderr.write(`note: ${text}\n`)
  if (blank.pairs > 0)
    note(`${place}: ${blank.pairs} pairs were left out, as a side is blank: line ${blank.firstLines.join(', ')}`)
  const cut = [...lines.keys()].filter((i) => translations[i]!.cut)
  if (cut.length > 0) {
    const first = cut.slice(0, 5).map((i) => lines[i])
    note(
      `${cut.length} sources are longer than the model reads, and only their beginnings were translated: line ${first.join(', ')}`,
    )
  }
  const open = translations.filter(({ finishReason }) => finishReason === 'length').length
  if (open > 0) note(`${open} translations reached the greatest length before their end`)
  if (targets.filter((text) => text.endsWith(' .')).length >= MANY) {
    note('the references look tokenised: this BLEU is comparable with others on the same files only')
  }
}
