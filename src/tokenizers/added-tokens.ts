/** Tokens beside those of the model, which are found in a text before it is cut into words. */
import { z } from 'zod'
import { FormatError } from '../errors.ts'
import { isWellFormed, isWhitespace } from './characters.ts'
import type { Vocabulary } from './models/model.ts'
import { id, parsed } from './schema.ts'

const ADDED_TOKENS = z
  .array(
    z.strictObject({
      id,
      content: z.string().min(1).refine(isWellFormed, 'must be whole Unicode characters'),
      single_word: z.boolean().default(false),
      lstrip: z.boolean().default(false),
      rstrip: z.boolean().default(false),
      normalized: z.boolean().default(true),
      special: z.boolean().default(false),
    }),
  )
  .default([])

export type AddedToken = {
  id: number
  content: string
  /** Whether it is no token within a word. */
  singleWord: boolean
  /** Whether it takes the spaces before it along, and those after it. */
  lstrip: boolean
  rstrip: boolean
  /** Whether it is looked for in the normalized text. */
  normalized: boolean
  /** Whether decoding leaves it out. */
  special: boolean
}

/** @throws FormatError for a token that clashes with another one, or with the vocabulary */
export function addedTokensFromJSON(json: unknown, vocabulary: Vocabulary, place: string): AddedToken[] {
  const tokens = parsed(ADDED_TOKENS, json ?? undefined, place)
  const contents = new Set<string>()
  const ids = new Set<number>()
  for (const [i, { content, id }] of tokens.entries()) {
    const got = `${JSON.stringify(content).slice(0, 100)} with the id ${id}`
    const refuse = (rule: string) => new FormatError({ place: `${place}.${i}`, rule, got })
    if (contents.has(content) || ids.has(id)) throw refuse('each added token must be listed once, with an id of its own')
    const inModel = vocabulary.idOf(content)
    if (inModel !== undefined && inModel !== id) throw refuse(`the vocabulary of the model has it with the id ${inModel}`)
    const other = vocabulary.tokenOf(id)
    if (other !== undefined && other !== content) {
      throw refuse(`the id must be free, the model has ${JSON.stringify(other).slice(0, 100)} there`)
    }
    contents.add(content)
    ids.add(id)
  }
  return tokens.map(({ single_word, ...token }) => ({ ...token, singleWord: single_word }))
}

/** A part of a text: an added token, or what lies between. */
export type Segment = { start: number; end: number; token: AddedToken | undefined }

type Node = { children: Map<number, Node>; token: AddedToken | undefined }

/** Finds tokens in a text: from left to right, of several that begin at a place the longest. */
export class TokenFinder {
  readonly #root: Node = { children: new Map(), token: undefined }
  /** 1 for the units with which a token begins. */
  readonly #firsts = new Uint8Array(0x10000)
  readonly size: number

  /** @param tokens  with the text by which each is found */
  constructor(tokens: readonly (readonly [text: string, token: AddedToken])[]) {
    this.size = tokens.length
    for (const [text, token] of tokens) this.#add(text, token)
  }

  #add(text: string, token: AddedToken): void {
    let node = this.#root
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      let child = node.children.get(unit)
      if (!child) {
        child = { children: new Map(), token: undefined }
        node.children.set(unit, child)
      }
      node = child
    }
    if (text === '') return
    node.token ??= token
    this.#firsts[text.charCodeAt(0)] = 1
  }

  /** The whole text in segments; none of an empty one. */
  segments(text: string): Segment[] {
    const found: Segment[] = []
    let done = 0
    const between = (end: number) => {
      if (end > done) found.push({ start: done, end, token: undefined })
    }
    for (const [from, to, token] of this.#matches(text)) {
      if (token.singleWord && (isWordBefore(text, from) || isWordAt(text, to))) continue
      // Spaces that the token before has taken may begin this one too.
      let [start, end] = [token.lstrip ? Math.max(from, done) : from, to]
      if (token.lstrip) while (start > done && isWhitespace(text[start - 1])) start--
      if (token.rstrip) while (end < text.length && isWhitespace(text[end])) end++
      between(start)
      found.push({ start, end, token })
      done = end
    }
    between(text.length)
    return found
  }

  *#matches(text: string): Generator<[number, number, AddedToken]> {
    if (this.size === 0) return
    const firsts = this.#firsts
    for (let at = 0; at < text.length; at++) {
      if (firsts[text.charCodeAt(at)] === 0) continue
      const match = this.#longest(text, at)
      if (!match) continue
      yield [at, match.end, match.token]
      at = match.end - 1
    }
  }

  #longest(text: string, start: number): { end: number; token: AddedToken } | undefined {
    let best: { end: number; token: AddedToken } | undefined
    let node: Node | undefined = this.#root
    for (let at = start; at < text.length; at++) {
      node = node.children.get(text.charCodeAt(at))
      if (!node) break
      if (node.token) best = { end: at + 1, token: node.token }
    }
    return best
  }
}

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u

function isWordAt(text: string, at: number): boolean {
  return at < text.length && WORD.test(String.fromCodePoint(text.codePointAt(at)!))
}

function isWordBefore(text: string, at: number): boolean {
  const character = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1)
  return character !== undefined && WORD.test(character)
}
