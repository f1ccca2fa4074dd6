/** Cutting at what a pattern finds. */
import type { Pattern } from '../pattern.ts'
import type { Cut } from './step.ts'

/** What becomes of a match: see the table of `tokenizers.pre_tokenizers.Split` of Hugging Face. */
export const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const
export type Behavior = (typeof BEHAVIORS)[number]

type Span = { start: number; end: number; isMatch: boolean }

/** @param invert  what lies between matches counts as a match, and the other way round */
export function split(pattern: Pattern, behavior: Behavior, invert = false): Cut {
  const join = JOINS[behavior]
  const of = (text: string) => join(spansOf(pattern, text, invert)).map(({ start, end }) => [start, end] as const)
  if (behavior !== 'Isolated' || !pattern.each) return { kind: 'cut', of }
  const isolate = pattern.each
  const each = (text: string, see: (start: number, end: number) => void) => {
    let at = 0
    isolate(text, (start, end) => {
      if (start > at) see(at, start)
      see(start, end)
      at = end
    })
    if (at < text.length) see(at, text.length)
  }
  return { kind: 'cut', of, each }
}

/** The whole text as matches and what lies between them. */
function spansOf(pattern: Pattern, text: string, invert: boolean): Span[] {
  const spans: Span[] = []
  let at = 0
  for (const [start, end] of pattern.matches(text)) {
    if (start > at) spans.push({ start: at, end: start, isMatch: invert })
    spans.push({ start, end, isMatch: !invert })
    at = end
  }
  if (at < text.length) spans.push({ start: at, end: text.length, isMatch: invert })
  return spans
}

const JOINS: Readonly<Record<Behavior, (spans: Span[]) => Span[]>> = {
  Removed: (spans) => spans.filter(({ isMatch }) => !isMatch),
  Isolated: (spans) => spans,
  Contiguous: (spans) => joined(spans, (span, before) => span.isMatch === before),
  MergedWithPrevious: (spans) => joined(spans, (span, before) => span.isMatch && !before),
  MergedWithNext: (spans) => joined([...spans].reverse(), (span, before) => span.isMatch && !before).reverse(),
}

/** Neighbours put together where a rule says so; `before` is whether the last one was a match. */
function joined(spans: readonly Span[], isJoined: (span: Span, before: boolean) => boolean): Span[] {
  const out: Span[] = []
  let before = false
  for (const span of spans) {
    const last = out.at(-1)
    if (last && isJoined(span, before)) {
      last.start = Math.min(last.start, span.start)
      last.end = Math.max(last.end, span.end)
    } else {
      out.push({ ...span })
    }
    before = span.isMatch
  }
  return out
}
