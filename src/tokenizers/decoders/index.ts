/** The decoders of a tokenizer.json by their type. */
import { z } from 'zod'
import { PATTERN, type Pattern, patternOf } from '../pattern.ts'
import { METASPACE, prependScheme } from '../pre-tokenizers/index.ts'
import { type Builder, buildPart, character, checkDepth, part } from '../schema.ts'
import { byteFallback, byteLevel } from './bytes.ts'
import { cleanUpToken } from './clean-up.ts'
import { type Decoder, sequence, tokenwise } from './decoder.ts'
import { strip } from './strip.ts'

/** Tokens within a word begin with a prefix; the others begin a word. */
function wordPiece({ prefix, cleanup }: { prefix: string; cleanup: boolean }): Decoder {
  return tokenwise(() => {
    let isFirst = true
    return (token) => {
      const spaced = isFirst ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
      isFirst = false
      return cleanup ? cleanUpToken(spaced) : spaced
    }
  })
}

function metaspace(replacement: string, isPrefixed: boolean): Decoder {
  return tokenwise(() => {
    let isFirst = true
    return (token) => {
      const space = isFirst && isPrefixed ? '' : ' '
      isFirst = false
      return token.replaceAll(replacement, () => space)
    }
  })
}

/** A suffix ends a word; after the last one there is no space. */
function bpe(suffix: string): Decoder {
  return {
    open(next) {
      let held: string | undefined
      const put = (space: string) => {
        if (held !== undefined) next.push(suffix === '' ? held : held.replaceAll(suffix, () => space), true)
      }
      return {
        push(token) {
          put(' ')
          held = token
        },
        end() {
          put('')
          next.end()
        },
      }
    },
  }
}

type CtcOptions = { pad_token: string; word_delimiter_token: string; cleanup: boolean }

/** Repeated tokens are one, and pads none: Graves et al. 2006. */
function ctc({ pad_token, word_delimiter_token, cleanup }: CtcOptions): Decoder {
  return tokenwise(() => {
    let last: string | undefined
    return (token) => {
      if (token === last) return undefined
      last = token
      const text = pad_token === '' ? token : token.replaceAll(pad_token, '')
      const clean = cleanup ? cleanUpToken(text).replaceAll(word_delimiter_token, ' ') : text
      return clean === '' ? undefined : clean
    }
  })
}

const fuse: Decoder = {
  fuses: true,
  takesParts: true,
  open(next) {
    let isFirst = true
    return {
      push(piece) {
        next.push(piece, isFirst)
        isFirst = false
      },
      end: () => next.end(),
    }
  },
}

const replace = (pattern: Pattern, content: string): Decoder => {
  const replaced = pattern.replacer(content)
  return tokenwise(() => replaced)
}

const DECODERS: ReadonlyMap<string, Builder<Decoder>> = new Map<string, Builder<Decoder>>([
  [
    'ByteLevel',
    part(
      { add_prefix_space: z.boolean().optional(), trim_offsets: z.boolean().optional(), use_regex: z.boolean().optional() },
      () => byteLevel,
    ),
  ],
  ['ByteFallback', part({}, () => byteFallback)],
  ['WordPiece', part({ prefix: z.string().default('##'), cleanup: z.boolean().default(true) }, wordPiece)],
  ['Metaspace', part(METASPACE, (fields, place) => metaspace(fields.replacement, prependScheme(fields, place) !== 'never'))],
  ['BPEDecoder', part({ suffix: z.string().default('</w>') }, ({ suffix }) => bpe(suffix))],
  ['CTC', part({ pad_token: z.string(), word_delimiter_token: z.string(), cleanup: z.boolean() }, ctc)],
  ['Fuse', part({}, () => fuse)],
  [
    'Strip',
    part({ content: character, start: z.number().int().min(0), stop: z.number().int().min(0) }, ({ content, start, stop }) =>
      strip(content, start, stop),
    ),
  ],
  [
    'Replace',
    part({ pattern: PATTERN, content: z.string() }, ({ pattern, content }, place) =>
      replace(patternOf(pattern, `${place}.pattern`), content),
    ),
  ],
  [
    'Sequence',
    part({ decoders: z.array(z.unknown()) }, ({ decoders }, place) => {
      checkDepth(place, 'decoders')
      return sequence(decoders.map((json, i) => decoderFromJSON(json, `${place}.decoders.${i}`)))
    }),
  ],
])

/** @throws FormatError where the decoder is of an unknown type, or damaged */
export const decoderFromJSON = (json: unknown, place: string): Decoder => buildPart(DECODERS, json, place)

export type { Decoder } from './decoder.ts'
