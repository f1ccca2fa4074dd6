/** The normalizers of a tokenizer.json by their type. */
import { z } from 'zod'
import { PATTERN, patternOf } from '../pattern.ts'
import { type Builder, buildPart, checkDepth, part } from '../schema.ts'
import { bertNormalizer } from './bert.ts'
import { type Normalizer, sequence } from './normalizer.ts'
import { precompiled } from './precompiled.ts'
import { byteLevel, lowercase, nmt, prepend, replace, strip, stripAccents } from './simple.ts'
import { unicodeForm } from './unicode.ts'

const NORMALIZERS: ReadonlyMap<string, Builder<Normalizer>> = new Map<string, Builder<Normalizer>>([
  ['NFC', part({}, () => unicodeForm('NFC'))],
  ['NFD', part({}, () => unicodeForm('NFD'))],
  ['NFKC', part({}, () => unicodeForm('NFKC'))],
  ['NFKD', part({}, () => unicodeForm('NFKD'))],
  ['Lowercase', part({}, lowercase)],
  ['StripAccents', part({}, stripAccents)],
  ['Nmt', part({}, nmt)],
  ['ByteLevel', part({}, byteLevel)],
  [
    'Strip',
    part({ strip_left: z.boolean(), strip_right: z.boolean() }, ({ strip_left, strip_right }) =>
      strip({ left: strip_left, right: strip_right }),
    ),
  ],
  ['Prepend', part({ prepend: z.string() }, (fields) => prepend(fields.prepend))],
  [
    'Replace',
    part({ pattern: PATTERN, content: z.string() }, ({ pattern, content }, place) =>
      replace(patternOf(pattern, `${place}.pattern`), content),
    ),
  ],
  [
    'BertNormalizer',
    part(
      {
        clean_text: z.boolean(),
        handle_chinese_chars: z.boolean(),
        strip_accents: z.boolean().nullable().default(null),
        lowercase: z.boolean(),
      },
      bertNormalizer,
    ),
  ],
  ['Precompiled', part({ precompiled_charsmap: z.string() }, (fields, place) => precompiled(fields.precompiled_charsmap, place))],
  [
    'Sequence',
    part({ normalizers: z.array(z.unknown()) }, ({ normalizers }, place) => {
      checkDepth(place, 'normalizers')
      return sequence(normalizers.map((json, i) => normalizerFromJSON(json, `${place}.normalizers.${i}`)))
    }),
  ],
])

/** @throws FormatError where the normalizer is of an unknown type, or damaged */
export const normalizerFromJSON = (json: unknown, place: string): Normalizer => buildPart(NORMALIZERS, json, place)

export type { Normalizer } from './normalizer.ts'
