/**
 * From a text to ids by way of words that were seen before. A route says where a text may be cut so that each part, taken alone, has
 * the ids that it has within the text; only where that is certain is there one.
 */
import type { IdBuffer } from '../id-buffer.ts'
import { Bpe } from '../models/bpe.ts'
import type { PipelineParts } from '../pipeline-json.ts'
import { type Change, type Cut, type PreTokenizer, wordsOf } from '../pre-tokenizers/step.ts'
import type { Scanner } from './scanners.ts'
import { WordCache } from './word-cache.ts'

/** Adds the ids of a piece of text between added tokens. @param isFirst  whether it begins where the text begins */
export type Route = (text: string, isFirst: boolean, ids: IdBuffer) => void

/** The route that always goes, of a piece that is normalized: its words, one after another, and those of equal words by heart. */
export function wordRoute({ preTokenizer, model }: PipelineParts): Route {
  const at = preTokenizer.findIndex(({ kind }) => kind === 'cut')
  const encode = (word: string) => model.encode(word)
  if (at < 0) {
    return (text, isFirst, ids) => {
      for (const word of wordsOf(preTokenizer, text, isFirst)) ids.pushAll(encode(word))
    }
  }
  const [before, cut, after] = [preTokenizer.slice(0, at), preTokenizer[at] as Cut, preTokenizer.slice(at + 1)]
  const cache = new WordCache((piece) => idsOfAll(wordsOf(after, piece, false), encode))
  return (text, isFirst, ids) => {
    const changed = before.reduce((text, step) => (step as Change).of(text, isFirst)?.plain(text) ?? text, text)
    const push = (start: number, end: number) => {
      if (end > start) cache.push(changed, start, end, ids)
    }
    if (cut.scanner) pushScanned(cache, cut.scanner, changed, ids)
    else if (cut.each) cut.each(changed, push)
    else for (const [start, end] of cut.of(changed)) push(start, end)
  }
}

function pushScanned(cache: WordCache, scanner: Scanner, text: string, ids: IdBuffer): void {
  for (let at = 0; at < text.length; ) {
    const end = scanner(text, at, text.length)
    cache.push(text, at, end, ids)
    at = end
  }
}

function idsOfAll(words: readonly string[], encode: (word: string) => ArrayLike<number>): ArrayLike<number> {
  return words.length === 1 ? encode(words[0]) : words.flatMap((word) => Array.from(encode(word)))
}

/** Normalizers that look at one character, or at one with its marks: a space of ASCII parts what they see. */
const LOCAL = new Set(['BertNormalizer', 'Lowercase', 'StripAccents', 'NFC', 'NFD', 'NFKC', 'NFKD'])
/** Pre-tokenizers that drop white space. */
const DROPPING = new Set(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'])

type Json = Record<string, unknown> & { type?: unknown }

/** The parts of a sequence within sequences, or the one part. */
const flattened = (json: unknown, key: string): Json[] => {
  if (json === null || json === undefined) return []
  const part = json as Json
  return part.type === 'Sequence' ? (part[key] as unknown[]).flatMap((inner) => flattened(inner, key)) : [part]
}

/** The route of BERT: white space parts words before anything else is done to them. */
export function spaceRoute(json: unknown, { normalizer, preTokenizer, model }: PipelineParts): Route | undefined {
  const file = json as Json
  const isLocal = flattened(file.normalizer, 'normalizers').every(({ type }) => LOCAL.has(type as string))
  const [first] = flattened(file.pre_tokenizer, 'pretokenizers')
  if (!isLocal || !DROPPING.has(first?.type as string) || asksFirst(preTokenizer)) return undefined
  const cache = new WordCache((piece) =>
    idsOfAll(wordsOf(preTokenizer, normalizer?.plain(piece) ?? piece, false), (word) => model.encode(word)),
  )
  return (text, _, ids) => {
    for (let at = 0, end = 0; at < text.length; at = end) {
      while (at < text.length && isAsciiSpace(text.charCodeAt(at))) at++
      end = at
      while (end < text.length && !isAsciiSpace(text.charCodeAt(end))) end++
      if (end > at) cache.push(text, at, end, ids)
    }
  }
}

const isAsciiSpace = (unit: number): boolean => unit === 32 || unit === 10 || unit === 13 || unit === 9

const asksFirst = (steps: PreTokenizer): boolean => steps.some((step) => step.kind === 'change' && step.asksFirst)

const MARK = '▁'

/**
 * The route of SentencePiece's BPE, to which a text with its spaces marked is one word: where no token has a mark after anything else,
 * no merge reaches over the border before a mark, and what stands there is merged alone as it is merged together.
 */
export function markRoute(json: unknown, { normalizer, preTokenizer, model }: PipelineParts): Route | undefined {
  if (!marksSpaces(json) || !(model instanceof Bpe) || !isParted(model)) return undefined
  const plain = (text: string, isFirst: boolean) => {
    const normalized = normalizer?.plain(text) ?? text
    return idsOfAll(wordsOf(preTokenizer, normalized, isFirst), (word) => model.encode(word))
  }
  const cache = new WordCache((piece) => model.encode(piece.replaceAll(' ', MARK)))
  const parting = model.isLoner('\n') ? LINE_FEED : NONE
  return (text, isFirst, ids) => {
    let at = pieceEnd(text, 0, parting)
    ids.pushAll(plain(text.slice(0, at), isFirst))
    while (at < text.length) {
      const end = pieceEnd(text, at, parting)
      cache.push(text, at, end, ids)
      at = end
    }
  }
}

const LINE_FEED = 10
const NONE = -1

/** Line breaks where these part words; else spaces, and what follows up to the next one. */
function pieceEnd(text: string, at: number, parting: number): number {
  let end = at
  while (end < text.length && text.charCodeAt(end) === parting) end++
  if (end > at) return end
  while (end < text.length && isMark(text.charCodeAt(end))) end++
  for (; end < text.length; end++) {
    const unit = text.charCodeAt(end)
    if (isMark(unit) || unit === parting) break
  }
  return end
}

const isMark = (unit: number): boolean => unit === 0x20 || unit === 0x2581

/** Whether all that is done before the model is to mark spaces, and to put a mark before a text. */
function marksSpaces(json: unknown): boolean {
  const { normalizer, pre_tokenizer } = json as Json
  const changes = flattened(normalizer, 'normalizers').map((part) => JSON.stringify(part))
  const cuts = flattened(pre_tokenizer, 'pretokenizers')
  const isMetaspace = (part: Json) => part.type === 'Metaspace' && part.replacement === MARK && part.split === false
  // Where no space is left, a cut at spaces does nothing.
  const isIdle = (part: Json) =>
    part.type === 'Split' && JSON.stringify(part.pattern) === '{"String":" "}' && part.invert !== true
  if (changes.length === 0) return cuts.length === 1 && isMetaspace(cuts[0])
  return (
    changes.at(-1) === REPLACE &&
    changes.slice(0, -1).every((change) => change === PREPEND) &&
    changes.length <= 2 &&
    cuts.every(isIdle)
  )
}

const REPLACE = JSON.stringify({ type: 'Replace', pattern: { String: ' ' }, content: MARK })
const PREPEND = JSON.stringify({ type: 'Prepend', prepend: MARK })

/** Whether no token, and no unknown one, can reach over the border before a mark. */
function isParted({ vocabulary, options }: Bpe): boolean {
  if (options.ignoreMerges || options.prefix !== '' || options.suffix !== '' || vocabulary.idOf(MARK) === undefined) return false
  for (let id = 0; id <= vocabulary.lastId; id++) if (/[^▁]▁/.test(vocabulary.tokenOf(id) ?? '')) return false
  return true
}
