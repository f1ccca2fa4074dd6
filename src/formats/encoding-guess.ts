/** What text that is not UTF-8 probably is: for advice, never to go on with. */
import { windows1252 } from './windows-1252.ts'

type Guess = {
  encoding: string /** The text around the first byte that is not UTF-8, as this encoding reads it. */
  excerpt: string
}

/** Of equals the earlier one is named. */
const CANDIDATES = [
  'windows-1252',
  'windows-1251',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
  'windows-1250',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-874',
  'ibm866',
  'utf-16le',
  'utf-16be',
]

const SAMPLE_BYTES = 2 ** 14
const EXCERPT_LENGTH = 40
/** A reading is likely from here: about half of what is not ASCII looks as text does. */
const LIKELY = 0.4

/** The characters that make up a third of all running text in Chinese (both scripts) and Japanese. */
const COMMON_HAN = new Set(
  '的一是不了在人有我他这这個们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重並物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运個們來為說時會對過發後裡種樣國學這開從關點業將兩間問體應戰頭現見經動還沒進實車長機話當東聲語書電氣報受國見食思年月日本人出来行時間分前後新思言生子高学校先気',
)

/** @param index  of the first byte that is not UTF-8 */
export function guessEncoding(bytes: Buffer, index: number): Guess | undefined {
  const start = Math.max(0, index - SAMPLE_BYTES / 2) & ~1 // two bytes are one unit of UTF-16
  const sample = bytes.subarray(start, start + SAMPLE_BYTES)
  const scored = CANDIDATES.map((encoding) => ({ encoding, score: score(read(sample, encoding), weighed(sample, encoding)) }))
  const best = scored.reduce((top, next) => (next.score > top.score ? next : top))
  if (best.score < LIKELY) return undefined
  const wide = best.encoding.startsWith('utf-16')
  const from = Math.max(wide ? start : lineStart(bytes, index), wide ? index - 20 : 0) & (wide ? ~1 : -1)
  const excerpt = read(bytes.subarray(from, from + 8 * EXCERPT_LENGTH), best.encoding) ?? ''
  const at = wide ? 0 : Math.max(0, (read(bytes.subarray(from, index), best.encoding) ?? '').length - EXCERPT_LENGTH / 2)
  return {
    encoding: best.encoding,
    excerpt: excerpt
      .slice(at, at + EXCERPT_LENGTH)
      .replace(/\s+/g, ' ')
      .trim(),
  }
}

const lineStart = (bytes: Buffer, index: number): number => bytes.subarray(0, index).lastIndexOf(0x0a) + 1

/** Undefined where the bytes are not valid; the sample may end within a character. */
function read(sample: Buffer, encoding: string): string | undefined {
  try {
    if (encoding === 'windows-1252') return windows1252(sample, () => new RangeError('no character'))
    return new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true })
  } catch {
    return undefined
  }
}

/** Of how many bytes a reading must make sense: those that are not ASCII; in UTF-16 all. */
function weighed(sample: Buffer, encoding: string): number {
  return encoding.startsWith('utf-16') ? sample.length : sample.reduce((count, byte) => count + (byte >> 7), 0)
}

/** How much of the bytes looks as text does: below zero to about one. */
function score(text: string | undefined, bytes: number): number {
  if (text === undefined) return -1
  let sum = 0
  let before = ' '
  for (const character of text) {
    if (character >= '\x80') sum += weight(character, before)
    else if (character < ' ' && !/\s/.test(character)) sum -= 2
    before = character
  }
  return sum / Math.max(1, bytes)
}

const SCRIPTS = [/\p{sc=Latn}/u, /\p{sc=Cyrl}/u, /\p{sc=Grek}/u, /\p{sc=Hebr}/u, /\p{sc=Arab}/u, /\p{sc=Thai}/u]

const scriptOf = (character: string): number => SCRIPTS.findIndex((script) => script.test(character))

/** What a character speaks for a reading, in bytes; `before` is the one before it. */
function weight(character: string, before: string): number {
  if (/[\p{Cn}\p{Co}\p{Cc}]/u.test(character)) return -3
  if (/\p{sc=Hira}/u.test(character)) return 2.4
  if (/[\uff61-\uff9f]/.test(character)) return -0.5 // halfwidth katakana: what single bytes read as in Shift_JIS
  if (/[\p{sc=Kana}ー、。「」，！？：；（）《》『』・]/u.test(character)) return 1.6
  if (/\p{sc=Hang}/u.test(character)) return character >= '\uac00' ? 2.2 : -0.5 // single jamo are rare
  if (/\p{sc=Han}/u.test(character)) return COMMON_HAN.has(character) ? 2.4 : 0.4
  if (/\p{L}|\p{M}/u.test(character)) return letterWeight(character, before)
  if (/[¿¡«»“”‘’„…–—]/.test(character)) return 0.8
  return /[\p{P}€°§£©]/u.test(character) && !/\p{L}/u.test(before) ? 0.4 : -0.5
}

/** The letters that make up most of running text, where two scripts share their bytes. */
const FREQUENT = /[оеаинтсрвлОЕАИНТСРВЛיוהלאמשתרבןם]/

/** Letters stand beside letters of their script, capitals do not follow small ones, marks follow a letter, final letters end a word. */
function letterWeight(character: string, before: string): number {
  const isCapital = /\p{Lu}/u.test(character)
  const frequency = /[\p{sc=Cyrl}\p{sc=Hebr}]/u.test(character) ? (FREQUENT.test(character) ? 0.3 : -0.3) : 0
  if (!/\p{L}|\p{M}/u.test(before)) return /\p{M}/u.test(character) ? -1 : (isCapital ? 0.6 : 0.7) + frequency
  if (scriptOf(character) !== scriptOf(before) || /[ךםןףץ]/.test(before)) return -1
  return isCapital && /\p{Ll}/u.test(before) ? -1 : 1 + frequency
}
