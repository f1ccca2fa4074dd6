/** The parts of parallel texts: what every contestant learns from, sees its progress on, and is judged on. */
import { DataError } from '../../errors.ts'
import { type ParallelOptions, type ParallelTexts, readParallel } from '../../text/parallel.ts'
import { randomNumbers, shuffled } from '../../text/shuffle.ts'
import { shortName } from '../names.ts'

/** Sources, and the translation of each. */
export type Pairs = { sources: readonly string[]; targets: readonly string[] }

/** A table with both sides, two files, or the pairs themselves. */
export type TranslateInput = string | readonly [source: string, target: string] | Pairs

export type TranslateDataOptions = ParallelOptions & {
  /** A table of test pairs, or two files of them. Without it a tenth of the pairs, at most a thousand. */
  test?: string | readonly [source: string, target: string]
}

export type TranslateParts = {
  train: ParallelTexts
  validation: ParallelTexts
  test: ParallelTexts
  /** Pairs of which a side is blank. */
  skipped: number
}

const HELD_OUT_SHARE = 0.1
const MOST_TEST = 1000
/** Evaluations cost training time, so they are kept short. */
const MOST_VALIDATION = 500
const FEWEST_PAIRS = 10

/** @throws DataError where there are too few pairs, and whatever reading the files throws */
export async function readPairs(data: TranslateInput, options: TranslateDataOptions, seed: number): Promise<TranslateParts> {
  const { test, sourceColumn, targetColumn, encoding } = options
  const reading = { sourceColumn, targetColumn, encoding }
  const all = await read(data, reading)
  const given = test === undefined ? undefined : await read(test, { ...reading, ...(typeof test !== 'string' && NO_COLUMNS) })
  if (all.sources.length < FEWEST_PAIRS) {
    throw new DataError({
      place: all.place,
      rule: `parts of the pairs are held out, so there must be ${FEWEST_PAIRS} at least`,
      got: `${all.sources.length}`,
      hint: 'add pairs; some thousands make a beginning',
    })
  }
  const order = shuffled([...all.sources.keys()], randomNumbers(seed))
  const testSize = given ? 0 : heldOut(order.length, MOST_TEST)
  const validationSize = heldOut(order.length, MOST_VALIDATION)
  return {
    test: given ?? pick(all, order.slice(0, testSize)),
    validation: pick(all, order.slice(testSize, testSize + validationSize)),
    train: pick(all, order.slice(testSize + validationSize)),
    skipped: all.blank.pairs + (given?.blank.pairs ?? 0),
  }
}

const NO_COLUMNS = { sourceColumn: undefined, targetColumn: undefined }

const heldOut = (size: number, most: number): number => Math.min(most, Math.floor(size * HELD_OUT_SHARE))

/** The pairs with these indices, in the order of the file. */
function pick(all: ParallelTexts, indices: readonly number[]): ParallelTexts {
  const sorted = [...indices].sort((a, b) => a - b)
  const of = <T>(items: readonly T[]) => sorted.map((i) => items[i])
  return { ...all, sources: of(all.sources), targets: of(all.targets), lines: of(all.lines) }
}

async function read(data: TranslateInput, options: ParallelOptions): Promise<ParallelTexts> {
  if (typeof data === 'string') return readParallel(data, undefined, options)
  if ('sources' in data) return asParallel(data, 'pairs')
  return readParallel(...data, options)
}

/** @throws DataError where a source has no translation, or a side is blank */
function asParallel({ sources, targets }: Pairs, place: string): ParallelTexts {
  const odd = sources.findIndex((source, i) => !source.trim() || !targets[i]?.trim())
  if (sources.length !== targets.length || odd >= 0) {
    const got = odd < 0 ? `${sources.length} sources, ${targets.length} targets` : `pair ${odd + 1} lacks a side`
    throw new DataError({ place, rule: 'every source has one translation', got })
  }
  const lines = sources.map((_, i) => i + 1)
  return { sources: [...sources], targets: [...targets], lines, place, blank: { pairs: 0, firstLines: [] } }
}

/** Pairs as they go to another process: every column is texts. */
export type PairColumns = Pairs & { lines: readonly string[] }

export const toColumns = ({ sources, targets, lines }: ParallelTexts): PairColumns => ({
  sources,
  targets,
  lines: lines.map(String),
})

export const fromColumns = ({ lines, ...pairs }: PairColumns, place: string): ParallelTexts => ({
  ...asParallel(pairs, place),
  lines: lines.map(Number),
})

/** What a reader of the results should know about the data. */
export function warningsAbout({ train, validation, test, skipped }: TranslateParts): string[] {
  const known = new Set(train.sources)
  const pairsOf = (texts: ParallelTexts) => texts.sources.map((source, i) => JSON.stringify([source, texts.targets[i]]))
  const pairs = new Set(pairsOf(train))
  const seen = pairsOf(test).filter((pair) => pairs.has(pair)).length
  const seenSources = test.sources.filter((source) => known.has(source)).length - seen
  const of = `of ${test.sources.length} test`
  const few = 'the intervals are wide, and few differences significant'
  const warnings: [applies: boolean, warning: string][] = [
    [skipped > 0, `${skipped} pairs left out: one side or both are blank`],
    [seen > 0, `${seen} ${of} pairs stand in the training data too, which flatters models that memorise`],
    [seenSources > 0, `${seenSources} ${of} sources stand in the training data too, with another translation`],
    [test.sources.length < FEW, `only ${test.sources.length} test pairs: ${few}`],
    [validation.sources.length < FEW, `only ${validation.sources.length} validation pairs: times to equal loss are rough`],
  ]
  return warnings.flatMap(([applies, warning]) => (applies ? [warning] : []))
}

const FEW = 30

/** A short name for the data: train.en and train.de are train.en-de. */
export function nameOf(data: TranslateInput): string {
  if (typeof data === 'string') return shortName(data)
  if ('sources' in data) return 'pairs'
  const [source, target] = data.map((path) => /^(?:.*[\\/])?(.+?)(?:\.([^.]*))?$/s.exec(path)!.slice(1))
  return source[0] === target[0] && source[1] && target[1] ? `${source[0]}.${source[1]}-${target[1]}` : shortName(data[0])
}
