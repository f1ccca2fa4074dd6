/** Words as GPT-2 has them, each byte of which becomes a letter. Radford et al. 2019. */
import { byteLevel, prepend } from '../normalizers/simple.ts'
import { type Pattern, regexPattern } from '../pattern.ts'
import { translate } from '../regex/oniguruma.ts'
import { scannerFor } from '../words/scanners.ts'
import { GPT2_PATTERN } from './gpt2-pattern.ts'
import { split } from './split.ts'
import type { PreTokenizer } from './step.ts'

let pattern: Pattern | undefined

/** @param addPrefixSpace  a space comes before a text that does not begin with one */
export function byteLevelWords({ addPrefixSpace, useRegex }: { addPrefixSpace: boolean; useRegex: boolean }): PreTokenizer {
  pattern ??= regexPattern(translate(GPT2_PATTERN, 'ByteLevel'))
  const [space, letters] = [prepend(' '), byteLevel()]
  return [
    ...(addPrefixSpace ? [{ kind: 'change', of: (text: string) => (text.startsWith(' ') ? undefined : space) } as const] : []),
    ...(useRegex ? [{ ...split(pattern, 'Isolated'), scanner: scannerFor(GPT2_PATTERN) }] : []),
    { kind: 'change', of: () => letters },
  ]
}
