/** Decoders that put bytes together to characters. */
import { LETTER_BYTES } from '../byte-letters.ts'
import type { Decoder } from './decoder.ts'

const utf8 = new TextEncoder()

/** The bytes that a token spells with letters; a token with any other character is taken as text. */
function bytesOf(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let at = 0; at < token.length; at++) {
    const byte = LETTER_BYTES.get(token.charCodeAt(at))
    if (byte === undefined) return utf8.encode(token)
    bytes[at] = byte
  }
  return bytes
}

/** One text of the bytes that all tokens spell; what is not UTF-8 becomes U+FFFD. Radford et al. 2019. */
export const byteLevel: Decoder = {
  fuses: true,
  open(next) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    let isFirst = true
    const put = (text: string) => {
      if (text === '') return
      next.push(text, isFirst)
      isFirst = false
    }
    return {
      push: (token) => put(decoder.decode(bytesOf(token), { stream: true })),
      end() {
        put(decoder.decode())
        next.end()
      },
    }
  },
}

/** Neighbouring tokens <0x00> … <0xFF> become the text of their bytes; one U+FFFD a byte where these, taken together, are not UTF-8. */
export const byteFallback: Decoder = {
  open(next) {
    let bytes: number[] = []
    const flush = () => {
      if (bytes.length === 0) return
      const text = strictText(bytes)
      if (text !== undefined) next.push(text, true)
      else for (const _ of bytes) next.push('\ufffd', true)
      bytes = []
    }
    return {
      push(token) {
        const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)
        if (byte) bytes.push(Number.parseInt(byte[1], 16))
        else {
          flush()
          next.push(token, true)
        }
      },
      end() {
        flush()
        next.end()
      },
    }
  },
}

function strictText(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}
