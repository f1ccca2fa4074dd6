/** What a translator writes, how well it predicts, and how fast it is. */
import { quantile } from '../../evaluation/quantile.ts'
import type { Translator } from '../../generation/translator.ts'
import type { Tell } from '../task.ts'
import type { Answer, TranslateRow } from './comparison.ts'
import type { PairColumns } from './data.ts'

export type TranslatorMeasures = Pick<TranslateRow, 'lossNats' | 'latencyMsP50' | 'decodeTokensPerSecond'>

/** Most tokens that a model reads, and writes. */
type Limits = { source: number; target: number }

/** Sentences between two reports. They are given together, so that the translator can put those of like length side by side. */
const STRETCH = 256
const WARM_UP_TEXTS = 3
const TIMED_TEXTS = 200
const TIMING_MS = 10_000

/** Greedy, whatever the folder says of decoding, so that models are compared and not searches. */
const GREEDY = { beams: 1 }

export async function measureTranslator(
  model: Translator,
  test: PairColumns,
  limits: Limits,
  tell: Tell,
): Promise<TranslatorMeasures> {
  await using translator = model
  const lossNats = await lossOf(translator, test, limits, tell)
  await translator.translate(test.sources.slice(0, WARM_UP_TEXTS), GREEDY)
  const batch = await translateAll(translator, test.sources, tell)
  const { single, latencyMsP50 } = await oneByOne(translator, test.sources)
  return { lossNats, latencyMsP50, decodeTokensPerSecond: { single, batch } }
}

/** @returns nats per token, over the pairs that the model has room for */
async function lossOf(
  translator: Translator,
  { sources, targets, lines }: PairColumns,
  limits: Limits,
  tell: Tell,
): Promise<number> {
  const { tokenizers } = translator
  const fits = (i: number) =>
    tokenizers.encodeSource(sources[i]).length <= limits.source && tokenizers.encodeTarget(targets[i]).length < limits.target
  const short: number[] = []
  const long: number[] = []
  for (const i of sources.keys()) (fits(i) ? short : long).push(i)
  if (long.length > 0) {
    const told = { pairs: long.length, of: sources.length, firstLines: long.slice(0, 5).map((i) => Number(lines[i])) }
    tell.event({ type: 'pairs left out', why: 'too long', place: 'loss on the test', maxLength: limits.target, ...told })
  }
  if (short.length === 0) return Number.NaN
  const of = (texts: readonly string[]) => short.map((i) => texts[i])
  return (await translator.loss(of(sources), of(targets))).natsPerToken
}

/** Translates all sources and tells the answers as they come. @returns tokens written a second */
async function translateAll(translator: Translator, sources: readonly string[], tell: Tell): Promise<number> {
  let [tokens, milliseconds] = [0, 0]
  const cut: { read: number }[] = []
  for (let start = 0; start < sources.length; start += STRETCH) {
    const began = performance.now()
    const found = await translator.translate(sources.slice(start, start + STRETCH), GREEDY)
    milliseconds += performance.now() - began
    tokens += found.reduce((sum, one) => sum + one.tokens, 0)
    cut.push(...found.flatMap((one) => one.cut ?? []))
    tell.answers(found.map(({ text, finishReason }): Answer => ({ predicted: text, finishReason })))
  }
  if (cut.length > 0) {
    tell.event({ type: 'texts cut', part: 'test', texts: cut.length, of: sources.length, read: cut[0].read })
  }
  return (1000 * tokens) / milliseconds
}

/** What somebody waits who sends one sentence. */
async function oneByOne(translator: Translator, sources: readonly string[]): Promise<{ single: number; latencyMsP50: number }> {
  const times: number[] = []
  let tokens = 0
  const end = performance.now() + TIMING_MS
  for (const source of sources.slice(0, TIMED_TEXTS)) {
    const start = performance.now()
    const [one] = await translator.translate([source], GREEDY)
    times.push(performance.now() - start)
    tokens += one.tokens
    if (performance.now() > end) break
  }
  const seconds = times.reduce((sum, ms) => sum + ms) / 1000
  return { single: tokens / seconds, latencyMsP50: quantile(times, 0.5) }
}
