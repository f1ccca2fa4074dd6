/** Parallel texts as token ids, those that are too long left out, some held out. */
import { ConfigError, DataError } from '../errors.ts'
import type { PairMarks, TokenPairs } from '../models/seq2seq-loss.ts'
import { Random } from '../tensor/random.ts'
import { NAMED_LINES, type ParallelTexts } from '../text/parallel.ts'
import type { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import { digest } from './checkpoint.ts'
import type { TrainingEvent } from './events.ts'

/** More pairs than these make a measure hardly surer, and an evaluation longer. */
const MOST_HELD_OUT = 2000

/** Sets aside a share of the pairs, drawn by the seed. @throws ConfigError where the share is none */
export function holdOutPairs(data: ParallelTexts, share: number, seed: number): { kept: ParallelTexts; held?: ParallelTexts } {
  if (!(share >= 0 && share < 1))
    throw new ConfigError({ place: 'validation', rule: 'must be from 0 to below 1', got: `${share}` })
  const size = Math.min(MOST_HELD_OUT, Math.floor(share * data.sources.length))
  if (size === 0) return { kept: data }
  const order = new Random(seed, 'validation').shuffle(Int32Array.from(data.sources.keys()))
  const pick = (indices: Int32Array): ParallelTexts => {
    const sorted = indices.sort()
    const of = <T>(items: readonly T[]) => Array.from(sorted, (i) => items[i])
    return { ...data, sources: of(data.sources), targets: of(data.targets), lines: of(data.lines) }
  }
  return { kept: pick(order.slice(size)), held: pick(order.slice(0, size)) }
}

/**
 * Pairs as token ids: sources with the end that the encoder reads, targets bare. A pair of which one side has more tokens than the model
 * reads is left out, and told of.
 *
 * @param options.maxLength  most tokens of a side, its end included
 * @throws DataError where no pair is left
 */
export function encodePairs(
  { sources, targets, lines, place }: ParallelTexts,
  { tokenizer, marks }: { tokenizer: PipelineTokenizer; marks: PairMarks },
  { maxLength, onEvent }: { maxLength: number; onEvent?: (event: TrainingEvent) => void },
): TokenPairs {
  const pairs: { sources: Int32Array[]; targets: Int32Array[] } = { sources: [], targets: [] }
  const long: number[] = []
  for (const [i, text] of sources.entries()) {
    const source = tokenizer.encode(text)
    const target = tokenizer.encode(targets[i])
    if (Math.max(source.length, target.length) + 1 > maxLength) long.push(lines[i])
    else {
      pairs.sources.push(Int32Array.of(...source, marks.end))
      pairs.targets.push(target)
    }
  }
  if (pairs.sources.length === 0) {
    throw new DataError({
      place,
      rule: `there must be a pair of at most ${maxLength} tokens a side`,
      got: `${long.length} pairs, all longer`,
      hint: 'raise --max-length, or split the texts into sentences',
    })
  }
  if (long.length > 0) {
    const told = { pairs: long.length, of: sources.length, firstLines: long.slice(0, NAMED_LINES) }
    onEvent?.({ type: 'pairs left out', why: 'too long', place, maxLength, ...told })
  }
  return pairs
}

/** A short digest of both sides. */
export const digestTexts = ({ sources, targets }: ParallelTexts): string => digest([...sources, ...targets])
