/**
 * Bytes as tokens: text as UTF-8, the id of a token is its byte. Any text can be expressed, and nothing is trained.
 *
 * In tokenizer.json a BPE model without merges behind a ByteLevel pre-tokenizer, which spells every byte as a visible letter:
 * Radford et al. 2019, `bytes_to_unicode` of GPT-2.
 */
import { FormatError } from '../errors.ts'
import { BYTE_LETTERS } from './byte-letters.ts'
import { checkId } from './ids.ts'
import type { StreamingDecoder, Tokenizer } from './tokenizer.ts'
import { isWritten, readTokens, writeTokens } from './tokenizer-json.ts'

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
    return BYTE_LETTERS[checkId(id, 256)]!
  }

  decoder(): StreamingDecoder {
    const decoder = utf8()
    return {
      push: (id) => decoder.decode(Uint8Array.of(checkId(id, 256)), { stream: true }),
      finish: () => decoder.decode(),
    }
  }

  toJSON(): unknown {
    return writeTokens(BYTE_LETTERS, PIPELINE)
  }

  /** Whether a tokenizer.json is of this kind, whatever its vocabulary. */
  static describes(json: unknown): boolean {
    return isWritten(json, PIPELINE)
  }

  /** @throws FormatError where the file describes another kind of tokenizer */
  static fromJSON(json: unknown, place: string): ByteTokenizer {
    const tokens = readTokens(json, PIPELINE, place)
    const wrong = BYTE_LETTERS.findIndex((letter, byte) => tokens[byte] !== letter)
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
