/** Spaces as visible letters, the way of SentencePiece. Kudo & Richardson 2018. */
import { prepend, replace } from '../normalizers/simple.ts'
import { literal } from '../pattern.ts'
import { split } from './split.ts'
import type { PreTokenizer, Step } from './step.ts'

export type PrependScheme = 'always' | 'first' | 'never'

export type MetaspaceOptions = {
  /** The letter that stands for a space. */
  replacement: string
  /** Whether a text that does not begin with a space is given one: each, the one at the very beginning, none. */
  scheme: PrependScheme
  /** Whether to cut before each space. */
  splits: boolean
}

export function metaspace({ replacement, scheme, splits }: MetaspaceOptions): PreTokenizer {
  const spaces = replace(literal(' '), replacement)
  const prefix = prepend(replacement)
  const prepended: Step = {
    kind: 'change',
    of: (text, isFirst) => (text.startsWith(replacement) || (scheme === 'first' && !isFirst) ? undefined : prefix),
    ...(scheme === 'first' && { asksFirst: true }),
  }
  return [
    { kind: 'change', of: (text) => (text.includes(' ') ? spaces : undefined) },
    ...(scheme === 'never' ? [] : [prepended]),
    ...(splits ? [split(literal(replacement), 'MergedWithNext')] : []),
  ]
}
