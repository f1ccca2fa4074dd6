/** Cutting off what is too long. The parts that were cut stand in `overflowing`: nothing is lost without a trace. */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { type Encoding, sliceOf } from './encoding.ts'
import { parsed } from './schema.ts'

export type Truncation = {
  /** Tokens at most, those that are added among them. */
  maxLength: number
  /** Which of two texts gives up tokens. Default: the longer one, until both are equal. */
  strategy?: 'longestFirst' | 'onlyFirst' | 'onlySecond'
  /** Tokens that neighbouring parts share. Default 0. */
  stride?: number
  /** Where tokens are cut off. Default: at the right. */
  direction?: 'left' | 'right'
}

const STRATEGIES = { LongestFirst: 'longestFirst', OnlyFirst: 'onlyFirst', OnlySecond: 'onlySecond' } as const
const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31)

const TRUNCATION = z.strictObject({
  direction: z.enum(['Left', 'Right']).default('Right'),
  max_length: count,
  strategy: z.enum(['LongestFirst', 'OnlyFirst', 'OnlySecond']),
  stride: count,
})

/** @throws FormatError for a damaged part of a file */
export function truncationFromJSON(json: unknown, place: string): Truncation {
  const { direction, max_length: maxLength, strategy, stride } = parsed(TRUNCATION, json, place)
  return { maxLength, strategy: STRATEGIES[strategy], stride, direction: direction === 'Left' ? 'left' : 'right' }
}

/**
 * @param added  tokens that are still to be added
 * @throws ConfigError where it cannot be done
 */
export function truncated(texts: readonly Encoding[], truncation: Truncation, added: number): Encoding[] {
  const { maxLength, strategy = 'longestFirst', stride = 0, direction = 'right' } = truncation
  const room = maxLength - added
  if (!Number.isInteger(maxLength) || room < 0) {
    const rule = `maxLength must be a whole number of at least ${added}, the tokens that are added`
    throw new ConfigError({ place: 'truncation', rule, got: `${maxLength}` })
  }
  if (!Number.isInteger(stride) || stride < 0) {
    throw new ConfigError({ place: 'truncation', rule: 'stride must be a whole number of at least 0', got: `${stride}` })
  }
  const total = texts.reduce((sum, { ids }) => sum + ids.length, 0)
  if (total <= room) return [...texts]
  const lengths = strategy === 'longestFirst' || room === 0 ? longestFirst(texts, room) : onlyOne(texts, total - room, strategy)
  return texts.map((text, i) => cut(text, lengths[i], stride, direction))
}

function longestFirst(texts: readonly Encoding[], room: number): number[] {
  if (room === 0) return texts.map(() => 0)
  if (texts.length === 1) return [room]
  const lengths = texts.map(({ ids }) => ids.length)
  const least = Math.min(...lengths)
  const most = least > room ? least : Math.max(least, room - least)
  const isFirstLonger = lengths[0] > lengths[1]
  const half = Math.floor(room / 2)
  const [shorter, longer] = least + most > room ? [half, room - half] : [least, most]
  return isFirstLonger ? [longer, shorter] : [shorter, longer]
}

function onlyOne(texts: readonly Encoding[], excess: number, strategy: 'onlyFirst' | 'onlySecond'): number[] {
  const target = strategy === 'onlyFirst' ? 0 : 1
  const length = texts[target]?.ids.length
  if (length === undefined) {
    throw new ConfigError({ place: 'truncation', rule: 'onlySecond needs a second text', got: 'one text' })
  }
  if (length <= excess) {
    throw new ConfigError({
      place: 'truncation',
      rule: `${strategy} must leave something of that text`,
      got: `${length} tokens, of which ${excess} are too many`,
      hint: 'take longestFirst, or a larger maxLength',
    })
  }
  return texts.map(({ ids }, i) => (i === target ? length - excess : ids.length))
}

function cut(text: Encoding, most: number, stride: number, direction: 'left' | 'right'): Encoding {
  const { length } = text.ids
  if (length <= most) return text
  if (most === 0) return { ...sliceOf(text, 0, 0), overflowing: [text] }
  if (stride >= most) {
    const rule = `stride must be below the ${most} tokens that there is room for`
    throw new ConfigError({ place: 'truncation', rule, got: `${stride}` })
  }
  const parts = spans(length, most, most - stride).map(([start, end]) =>
    direction === 'right' ? sliceOf(text, start, end) : sliceOf(text, length - end, length - start),
  )
  return { ...parts[0], overflowing: parts.slice(1) }
}

/** [start, end) of parts that begin `step` apart, up to the one that reaches the end. */
function spans(length: number, most: number, step: number): [number, number][] {
  const found: [number, number][] = []
  for (let start = 0; ; start += step) {
    found.push([start, Math.min(start + most, length)])
    if (start + most >= length) return found
  }
}
