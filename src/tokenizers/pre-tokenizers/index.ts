/** The pre-tokenizers of a tokenizer.json by their type. */
import { z } from 'zod'
import { FormatError } from '../../errors.ts'
import { PATTERN, patternOf } from '../pattern.ts'
import { type Builder, buildPart, character, checkDepth, part } from '../schema.ts'
import { scannerFor } from '../words/scanners.ts'
import { byteLevelWords } from './byte-level.ts'
import { metaspace, type PrependScheme } from './metaspace.ts'
import { unicodeScripts } from './scripts.ts'
import { bertWords, delimiterSplit, digits, fixedLength, punctuation, whitespace, whitespaceSplit } from './simple.ts'
import { BEHAVIORS, split } from './split.ts'
import type { PreTokenizer } from './step.ts'

const behavior = z.enum(BEHAVIORS)

/** As the part of a file says it. `add_prefix_space` and `str_rep` are older spellings. */
export const METASPACE = {
  replacement: character,
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  split: z.boolean().default(true),
  add_prefix_space: z.boolean().optional(),
  str_rep: z.string().optional(),
}

/** @throws FormatError where the older and the newer spelling contradict each other */
export function prependScheme(
  { prepend_scheme: scheme, add_prefix_space: adds }: { prepend_scheme?: PrependScheme; add_prefix_space?: boolean },
  place: string,
): PrependScheme {
  if (adds === false && scheme !== undefined && scheme !== 'never') {
    throw new FormatError({ place, rule: 'add_prefix_space must not contradict prepend_scheme', got: `false and ${scheme}` })
  }
  return scheme ?? (adds === false ? 'never' : 'always')
}

const PRE_TOKENIZERS: ReadonlyMap<string, Builder<PreTokenizer>> = new Map<string, Builder<PreTokenizer>>([
  ['BertPreTokenizer', part({}, () => bertWords)],
  [
    'ByteLevel',
    part(
      { add_prefix_space: z.boolean(), trim_offsets: z.boolean().optional(), use_regex: z.boolean().default(true) },
      ({ add_prefix_space, use_regex }) => byteLevelWords({ addPrefixSpace: add_prefix_space, useRegex: use_regex }),
    ),
  ],
  ['Whitespace', part({}, () => [whitespace])],
  ['WhitespaceSplit', part({}, () => [whitespaceSplit])],
  [
    'Metaspace',
    part(METASPACE, (fields, place) =>
      metaspace({ replacement: fields.replacement, scheme: prependScheme(fields, place), splits: fields.split }),
    ),
  ],
  [
    'Split',
    part({ pattern: PATTERN, behavior, invert: z.boolean().default(false) }, ({ pattern, behavior, invert }, place) => {
      const cut = split(patternOf(pattern, `${place}.pattern`), behavior, invert)
      // These expressions match all of a text, so that nothing is left to remove.
      const scanner =
        'Regex' in pattern && (behavior === 'Isolated' || (behavior === 'Removed' && invert)) && scannerFor(pattern.Regex)
      return [scanner ? { ...cut, scanner } : cut]
    }),
  ],
  ['Punctuation', part({ behavior: behavior.default('Isolated') }, ({ behavior }) => [punctuation(behavior)])],
  ['Digits', part({ individual_digits: z.boolean() }, ({ individual_digits }) => [digits(individual_digits)])],
  ['CharDelimiterSplit', part({ delimiter: character }, ({ delimiter }) => [delimiterSplit(delimiter)])],
  ['UnicodeScripts', part({}, () => [unicodeScripts])],
  ['FixedLength', part({ length: z.number().int().min(1).max(1_000_000) }, ({ length }) => [fixedLength(length)])],
  [
    'Sequence',
    part({ pretokenizers: z.array(z.unknown()) }, ({ pretokenizers }, place) => {
      checkDepth(place, 'pretokenizers')
      return pretokenizers.flatMap((json, i) => preTokenizerFromJSON(json, `${place}.pretokenizers.${i}`))
    }),
  ],
])

/** @throws FormatError where the pre-tokenizer is of an unknown type, or damaged */
export const preTokenizerFromJSON = (json: unknown, place: string): PreTokenizer => buildPart(PRE_TOKENIZERS, json, place)

export type { PreTokenizer } from './step.ts'
