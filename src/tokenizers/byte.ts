/**
 * Bytes as tokens: text as UTF-8, the id of a token is its byte. Any text can be expressed, and nothing is trained.
 *
 * In tokenizer.json a BPE model without merges behind a ByteLevel pre-tokenizer, which spells every byte as a visible letter:
 * Radford et al. 2019, `bytes_to_unicode` of GPT-2.
 */
import { FormatError } from '../errors.ts'
import { checkId } from './ids.ts'
import type { StreamingDecoder, Tokenizer } from './tokenizer.ts'
import { readTokens, writeTokens } from './tokenizer-json.ts'

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
const PIPELINE = {
  pre_tokenizer: BYTE_LEVEL,
  decoder: BYTE_LEVEL,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    merges: [],
  },
}

/** Bytes that Latin-1 shows as a letter or sign of its own stand for themselves, the others for letters from U+0100 on. */
const LETTERS: readonly string[] = (() => {
  const isVisible = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isVisible(byte) ? byte : next++))
})()

/** A byte order mark is a character like others: it must come back. */
const utf8 = () => new TextDecoder('utf-8', { ignoreBOM: true })

export class ByteTokenizer implements Tokenizer {
  readonly vocabSize: number = 256

  /** Half a character of UTF-16 becomes U+FFFD, as TextEncoder does. */
  encode(text: string): Int32Array {
    return Int32Array.from(new TextEncoder().encode(text))
  }

  /** What is not UTF-8 becomes U+FFFD, as TextDecoder does. */
  decode(ids: ArrayLike<number>): string {
    return utf8().decode(Uint8Array.from(ids, (id) => checkId(id, 256)))
  }

  tokenOf(id: number): string {
    return LETTERS[checkId(id, 256)]!
  }

  decoder(): StreamingDecoder {
    const decoder = utf8()
    return {
      push: (id) => decoder.decode(Uint8Array.of(checkId(id, 256)), { stream: true }),
      finish: () => decoder.decode(),
    }
  }

  toJSON(): unknown {
    return writeTokens(LETTERS, PIPELINE)
  }

  /** @throws FormatError where the file describes another kind of tokenizer */
  static fromJSON(json: unknown, place: string): ByteTokenizer {
    const tokens = readTokens(json, PIPELINE, place)
    const wrong = LETTERS.findIndex((letter, byte) => tokens[byte] !== letter)
    if (tokens.length === 256 && wrong < 0) return new ByteTokenizer()
    throw new FormatError({
      place: `${place}: model.vocab`,
      rule: 'must hold the 256 bytes as ByteLevel spells them, each with its own value as id',
      got:
        tokens.length === 256 ? `${JSON.stringify(tokens[wrong]).slice(0, 100)} with the id ${wrong}` : `${tokens.length} tokens`,
      hint: 'check that this tokenizer.json belongs to the model',
    })
  }
}
