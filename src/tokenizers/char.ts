/**
 * Characters as tokens: one token a Unicode code point.
 *
 * In tokenizer.json a WordLevel model behind a Split that isolates every character. Without a token for what is not known, its name
 * is in no vocabulary, so that Hugging Face tokenizers refuses an unknown character too.
 */
import { DataError, FormatError } from '../errors.ts'
import { checkId } from './ids.ts'
import type { StreamingDecoder, Tokenizer } from './tokenizer.ts'
import { isWritten, readTokens, writeTokens } from './tokenizer-json.ts'

/** No text is encoded to it but what is not known: Split leaves no token of five characters. */
const UNKNOWN = '[UNK]'

export const PIPELINE = {
  pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
  decoder: { type: 'Fuse' },
  model: { type: 'WordLevel', unk_token: UNKNOWN },
}

/** Half of a character, as UTF-16 spells those beyond U+FFFF: no file in UTF-8 can hold one. */
const LONE_SURROGATE = /^\p{Surrogate}$/u

export class CharTokenizer implements Tokenizer {
  readonly #tokens: readonly string[]
  /** Code point → id. */
  readonly #ids: ReadonlyMap<number, number>
  readonly #unknownId: number | undefined

  private constructor(tokens: readonly string[]) {
    const ids = new Map<number, number>()
    for (const [id, token] of tokens.entries()) if (token !== UNKNOWN) ids.set(token.codePointAt(0)!, id)
    this.#tokens = tokens
    this.#ids = ids
    this.#unknownId = ids.size < tokens.length ? tokens.indexOf(UNKNOWN) : undefined
  }

  /**
   * All characters of a text, or of several, sorted by code point.
   *
   * @param options.unknown  whether a token [UNK], the first one, stands for any other character, which it does not give back
   * @throws DataError where there is none, or half a character
   */
  static train(texts: string | Iterable<string>, { unknown = false } = {}): CharTokenizer {
    const characters = new Set<string>()
    for (const text of typeof texts === 'string' ? [texts] : texts) {
      const before = characters.size
      for (const character of text) characters.add(character)
      if (characters.size > before) refuseHalves(text, [...characters].slice(before))
    }
    if (characters.size === 0) {
      const hint = 'check that the right file was read'
      throw new DataError({ place: 'tokenizer', rule: 'the training text must have at least one character', got: 'none', hint })
    }
    const sorted = [...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
    return new CharTokenizer(unknown ? [UNKNOWN, ...sorted] : sorted)
  }

  get vocabSize(): number {
    return this.#tokens.length
  }

  /** @throws DataError naming the first character that is not in the vocabulary, where no token stands for it */
  encode(text: string): Int32Array {
    const ids = new Int32Array(text.length)
    let length = 0
    for (let at = 0; at < text.length; ) {
      const codePoint = text.codePointAt(at)!
      const id = this.#ids.get(codePoint) ?? this.#unknownId
      if (id === undefined) throw this.#unknown(text, at)
      ids[length++] = id
      at += codePoint > 0xffff ? 2 : 1
    }
    return ids.slice(0, length)
  }

  decode(ids: ArrayLike<number>): string {
    let text = ''
    for (let i = 0; i < ids.length; i++) text += this.tokenOf(ids[i]!)
    return text
  }

  tokenOf(id: number): string {
    return this.#tokens[checkId(id, this.vocabSize)]!
  }

  decoder(): StreamingDecoder {
    return { push: (id) => this.tokenOf(id), finish: () => '' }
  }

  toJSON(): unknown {
    return writeTokens(this.#tokens, PIPELINE)
  }

  /** Whether a tokenizer.json is of this kind, whatever its vocabulary. */
  static describes(json: unknown): boolean {
    return isWritten(json, PIPELINE)
  }

  /** @throws FormatError where the file describes another kind of tokenizer */
  static fromJSON(json: unknown, place: string): CharTokenizer {
    const tokens = readTokens(json, PIPELINE, place)
    const characters = tokens.filter((token) => token !== UNKNOWN)
    const wrong = characters.find((token) => [...token].length !== 1 || LONE_SURROGATE.test(token))
    if (characters.length > 0 && wrong === undefined) return new CharTokenizer(tokens)
    throw new FormatError({
      place: `${place}: model.vocab`,
      rule: `each token must be one character, or ${UNKNOWN}, and there must be one character at least`,
      got: wrong === undefined ? 'no character' : JSON.stringify(wrong).slice(0, 100),
      hint: 'check that this tokenizer.json belongs to the model',
    })
  }

  #unknown(text: string, at: number): DataError {
    return new DataError({
      place: 'tokenizer',
      rule: `each character must be one of the ${this.vocabSize} that the tokenizer was trained on`,
      got: spell(text, at),
      hint: 'leave the character out, or train on text that has it, or with a token for unknown characters',
    })
  }
}

function refuseHalves(text: string, characters: readonly string[]): void {
  const half = characters.find((character) => LONE_SURROGATE.test(character))
  if (half === undefined) return
  throw new DataError({
    place: 'tokenizer',
    rule: 'text must be whole Unicode characters',
    got: spell(text, new RegExp(half, 'u').exec(text)!.index),
    hint: 'cut text between characters, for example with Array.from(text)',
  })
}

/** The character at an index of UTF-16, its code point, and where it stands for a reader, who counts characters from 1. */
function spell(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!)
  const codePoint = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  const position = Array.from(text.slice(0, at)).length + 1
  const line = text.slice(0, at).split('\n').length
  return `${JSON.stringify(character)} (U+${codePoint}), character ${position} of the text, in line ${line}`
}
