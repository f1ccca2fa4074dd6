/** Which encoding a text is in: what its first bytes say, or what was asked for. */
import { ConfigError } from '../errors.ts'

/** How many first bytes count. */
const SNIFFED_BYTES = 2 ** 10

/** Of the letters of European languages, UTF-16 has so many with a zero byte at least; no other encoding of text has one. */
const ZERO_SHARE = 0.6
const MIN_LETTERS = 2

const MARKS: [mark: number[], encoding: string][] = [
  [[0xff, 0xfe, 0, 0], 'utf-32le'],
  [[0, 0, 0xfe, 0xff], 'utf-32be'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
]

/**
 * A byte order mark decides, then what was asked for. Without either: UTF-16 where every other byte is zero, as in no other encoding of
 * text, otherwise UTF-8.
 */
export function encodingOf(head: Buffer, asked?: string): string {
  const marked = MARKS.find(([mark]) => mark.every((byte, i) => head[i] === byte))
  return marked?.[1] ?? asked ?? unmarkedUtf16(head) ?? 'utf-8'
}

function unmarkedUtf16(head: Buffer): string | undefined {
  const letters = Math.min(head.length, SNIFFED_BYTES) >> 1
  if (letters < MIN_LETTERS) return undefined
  const zeros = [0, 0]
  for (let i = 0; i < 2 * letters; i++) if (head[i] === 0) zeros[i % 2]!++
  const [even, odd] = zeros as [number, number]
  if (even === 0 && odd >= ZERO_SHARE * letters) return 'utf-16le'
  if (odd === 0 && even >= ZERO_SHARE * letters) return 'utf-16be'
  return undefined
}

/**
 * The name of an encoding in the WHATWG Encoding Standard for one of its labels: 'latin1', and 'latin-1', give 'windows-1252'.
 *
 * @throws ConfigError for a label that is not known
 */
export function encodingNamed(label: string): string {
  try {
    return new TextDecoder(label.replace(/^latin-(?=\d)/i, 'latin')).encoding
  } catch (cause) {
    throw new ConfigError({
      place: 'encoding',
      rule: 'is a label of the WHATWG Encoding Standard, such as windows-1252, windows-1251, koi8-r, shift_jis, euc-jp, gb18030, big5, euc-kr, utf-16le',
      got: label,
      hint: 'others can be converted before: `iconv -f cp437 -t utf-8 old.txt > new.txt`',
      cause,
    })
  }
}
