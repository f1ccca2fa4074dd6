/**
 * Byte-pair encoding as Llama 1 and 2 have it, from SentencePiece by way of tokenizer.json: spaces become ▁, the whole text is one word,
 * and characters that are no token fall back to their bytes.
 *
 * Sennrich et al. 2016; Kudo & Richardson 2018.
 */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { FormatError } from '../errors.ts'
import { checkId } from './ids.ts'
import { type Merges, mergePairs, pairKey } from './merge-pairs.ts'
import type { StreamingDecoder, Tokenizer } from './tokenizer.ts'

const SPACE = '▁'

/** How spaces become ▁, and a ▁ comes before a text: by a normaliser in older files, by a pre-tokeniser in newer ones. */
const NORMALIZER = {
  type: 'Sequence',
  normalizers: [
    { type: 'Prepend', prepend: SPACE },
    { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
  ],
}
const DECODER = {
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    { type: 'Strip', content: ' ', start: 1, stop: 0 },
  ],
}

const METASPACE = z.object({
  type: z.literal('Metaspace'),
  replacement: z.literal(SPACE),
  prepend_scheme: z.enum(['first', 'always', 'never']),
  split: z.literal(false),
})

/** Whether a ▁ comes before a part of the text that stands between added tokens. */
type Prefix = (part: string, isFirst: boolean) => boolean

function prefixOf(json: unknown): Prefix | undefined {
  const { normalizer, pre_tokenizer } = (json ?? {}) as Record<string, unknown>
  if (!pre_tokenizer) return isDeepStrictEqual(normalizer, NORMALIZER) ? () => true : undefined
  const metaspace = METASPACE.safeParse(pre_tokenizer)
  if (normalizer || !metaspace.success) return undefined
  const { prepend_scheme: scheme } = metaspace.data
  return (part, isFirst) => !/^[ ▁]/.test(part) && (scheme === 'always' || (scheme === 'first' && isFirst))
}

const id = z.number().int().min(0).max(10_000_000)
const FILE = z.object({
  added_tokens: z.array(z.object({ id, content: z.string().min(1), special: z.boolean() })),
  model: z.object({
    type: z.literal('BPE'),
    byte_fallback: z.literal(true),
    unk_token: z.string().nullish(),
    vocab: z.record(z.string(), id),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
})

export class ByteFallbackBpe implements Tokenizer {
  readonly #json: unknown
  readonly #tokens: readonly string[]
  readonly #ids: ReadonlyMap<string, number>
  readonly #merges: Merges
  /** Ids of the 256 bytes. */
  readonly #bytes: readonly number[]
  readonly #special: ReadonlySet<number>
  readonly #added: RegExp | undefined
  readonly #prefix: Prefix

  private constructor(json: unknown, prefix: Prefix, place: string) {
    this.#prefix = prefix
    const { added_tokens, model } = FILE.parse(json)
    this.#json = json
    this.#tokens = tokensById(model.vocab, added_tokens, place)
    this.#ids = new Map(this.#tokens.map((token, id) => [token, id]))
    this.#bytes = Array.from({ length: 256 }, (_, byte) => this.#idOf(byteToken(byte), place))
    this.#special = new Set(added_tokens.filter(({ special }) => special).map(({ id }) => id))
    const contents = added_tokens.map(({ content }) => content).sort((a, b) => b.length - a.length)
    this.#added = contents.length > 0 ? new RegExp(`(${contents.map(escaped).join('|')})`) : undefined
    const merges: Merges = new Map()
    for (const [rank, merge] of model.merges.entries()) {
      const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge
      const pair = [left, right ?? '', left + (right ?? '')].map((token) => this.#idOf(token, place))
      merges.set(pairKey(pair[0], pair[1]), { rank, id: pair[2] })
    }
    this.#merges = merges
  }

  /** Whether a tokenizer.json is of this kind. */
  static describes(json: unknown): boolean {
    const { decoder, model } = (json ?? {}) as Record<string, any>
    return model?.byte_fallback === true && prefixOf(json) !== undefined && isDeepStrictEqual(decoder, DECODER)
  }

  /** @throws FormatError where the file describes another kind of tokenizer, or is damaged */
  static fromJSON(json: unknown, place: string): ByteFallbackBpe {
    const result = FILE.safeParse(json)
    const prefix = prefixOf(json)
    if (ByteFallbackBpe.describes(json) && prefix && result.success) return new ByteFallbackBpe(json, prefix, place)
    const issue = result.error?.issues[0]
    throw new FormatError({
      place,
      rule: issue ? `${issue.path.join('.')}: ${issue.message}` : 'must be a BPE model with byte fallback, as Llama has it',
    })
  }

  get vocabSize(): number {
    return this.#tokens.length
  }

  /** Tokens such as <s> that stand in the text become their ids; none are added. */
  encode(text: string): Int32Array {
    const pieces = this.#added ? text.split(this.#added) : [text]
    const ids = pieces.flatMap((piece, i) => {
      if (i % 2 === 1) return [this.#ids.get(piece)!]
      if (piece === '') return []
      return this.#encodeWord((this.#prefix(piece, i === 0) ? SPACE : '') + piece.replaceAll(' ', SPACE))
    })
    return Int32Array.from(ids)
  }

  decode(ids: ArrayLike<number>): string {
    const decoder = this.decoder()
    let text = ''
    for (let i = 0; i < ids.length; i++) text += decoder.push(ids[i])
    return text + decoder.finish()
  }

  tokenOf(id: number): string {
    return this.#tokens[checkId(id, this.vocabSize)]
  }

  /** Special tokens are left out; bytes that are not UTF-8 become U+FFFD. */
  decoder(): StreamingDecoder {
    const bytes = new TextDecoder('utf-8', { ignoreBOM: true })
    let isFirst = true
    const stripped = (text: string): string => {
      if (text === '' || !isFirst) return text
      isFirst = false
      return text.startsWith(' ') ? text.slice(1) : text
    }
    return {
      push: (id) => {
        const token = this.tokenOf(id)
        if (this.#special.has(id)) return ''
        const byte = byteOf(token)
        if (byte !== undefined) return stripped(bytes.decode(Uint8Array.of(byte), { stream: true }))
        return stripped(bytes.decode() + token.replaceAll(SPACE, ' '))
      },
      finish: () => stripped(bytes.decode()),
    }
  }

  toJSON(): unknown {
    return this.#json
  }

  #encodeWord(word: string): number[] {
    const symbols = Array.from(word).flatMap((character) => {
      const id = this.#ids.get(character)
      return id === undefined ? Array.from(new TextEncoder().encode(character), (byte) => this.#bytes[byte]) : [id]
    })
    return mergePairs(symbols, this.#merges)
  }

  #idOf(token: string, place: string): number {
    const id = this.#ids.get(token)
    if (id !== undefined) return id
    throw new FormatError({
      place: `${place}: model`,
      rule: 'merges and bytes must be tokens of the vocabulary',
      got: JSON.stringify(token),
    })
  }
}

function tokensById(vocab: Record<string, number>, added: { id: number; content: string }[], place: string): string[] {
  const tokens: string[] = []
  for (const [token, id] of [...Object.entries(vocab), ...added.map(({ id, content }) => [content, id] as const)]) {
    if (tokens[id] !== undefined && tokens[id] !== token) {
      throw new FormatError({ place: `${place}: model.vocab`, rule: 'each token must have an id of its own', got: `${id} twice` })
    }
    tokens[id] = token
  }
  const gap = tokens.findIndex((token) => token === undefined)
  if (gap < 0 && tokens.length > 0) return tokens
  throw new FormatError({
    place: `${place}: model.vocab`,
    rule: 'ids must run from 0 without a gap',
    got: `none at ${Math.max(0, gap)}`,
  })
}

const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

function byteOf(token: string): number | undefined {
  const match = /^<0x([0-9A-F]{2})>$/.exec(token)
  return match ? Number.parseInt(match[1], 16) : undefined
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
