/**
 * Regular expressions of tokenizer.json, which Oniguruma runs there in its default syntax, as expressions of JavaScript.
 *
 * They differ in what \s \w \d . ^ $ mean, in (?i:…) and the other options within a pattern, in possessive and atomic parts, in \h and
 * POSIX classes, in {,n} and {n}?. Letters whose other case is several letters (ß and ss) match only themselves where case does not count.
 */
import { bracketClass, characterClass, escapedCharacter, escapedClass, type Flags } from './class.ts'
import { WORD_ALONE } from './properties.ts'
import { PatternReader } from './reader.ts'

const longest = 100_000

/** @throws FormatError where a pattern is damaged, or asks for what JavaScript cannot do */
export function translate(pattern: string, place: string): RegExp {
  const reader = new PatternReader(pattern, place)
  if (pattern.length > longest) throw reader.refusal(`it is longer than ${longest}`)
  const source = new Translator(reader).whole()
  try {
    return new RegExp(source, 'gv')
  } catch (cause) {
    throw reader.refusal((cause as Error).message.slice(0, 200))
  }
}

const DEEPEST = 100

class Translator {
  readonly #reader: PatternReader
  #atoms = 0
  #groups = 0
  #depth = 0

  constructor(reader: PatternReader) {
    this.#reader = reader
  }

  whole(): string {
    const source = this.#alternatives({ ignoreCase: false, dotAll: false, extended: false })
    if (!this.#reader.done) throw this.#reader.refusal('a ) has no (')
    return source
  }

  /** Up to the end of a group or of the pattern. */
  #alternatives(outer: Flags): string {
    if (++this.#depth > DEEPEST) throw this.#reader.refusal(`groups stand in one another more than ${DEEPEST} deep`)
    const flags = { ...outer }
    let source = ''
    while (!this.#reader.done && this.#reader.pattern[this.#reader.at] !== ')') {
      if (this.#reader.take('|')) source += '|'
      else source += this.#term(flags)
    }
    this.#depth--
    return source
  }

  #term(flags: Flags): string {
    const reader = this.#reader
    if (flags.extended && reader.match(/\s+|#[^\n]*/y)) return ''
    if (reader.match(/\(\?#[^)]*\)/y)) return ''
    const options = reader.match(/\(\?([imx]*)(?:-([imx]*))?\)/y)
    if (options) {
      // What follows in this group, its alternatives among it, stands under the new options.
      const rest = this.#alternatives(optioned(flags, options))
      return `(?:${rest})`
    }
    return this.#quantified(this.#atom(flags), flags)
  }

  #atom(flags: Flags): string {
    const reader = this.#reader
    if (reader.take('(')) return this.#group(flags)
    if (reader.take('[')) return bracketClass(reader, flags)
    if (reader.take('.')) return flags.dotAll ? '[\\u{0}-\\u{10ffff}]' : '[^\\n]'
    if (reader.take('^')) return LINE_START
    if (reader.take('$')) return '(?![^\\n])'
    if (reader.take('\\')) return this.#escape(flags)
    if (reader.match(/[*+?]/y)) throw reader.refusal('nothing stands before a quantifier')
    return `[${characterClass(reader.next().codePointAt(0)!, flags)}]`
  }

  #escape(flags: Flags): string {
    const reader = this.#reader
    const anchor = reader.match(/[bBAzZR]/y)?.[0]
    if (anchor !== undefined) return ANCHORS[anchor]
    const back = reader.match(/[1-9]/y)?.[0]
    if (back !== undefined) {
      if (Number(back) > this.#groups) throw reader.refusal(`there is no group ${back} before`)
      return `\\k<g${back}>`
    }
    const inner = escapedClass(reader, WORD_ALONE)
    return `[${inner ?? characterClass(escapedCharacter(reader), flags)}]`
  }

  /** After `(`. */
  #group(flags: Flags): string {
    const reader = this.#reader
    const look = reader.match(/\?(<?[=!])/y)?.[1]
    if (look !== undefined) return `(?${look}${this.#inside(flags)})`
    if (reader.take('?>')) return this.#atomic(this.#inside(flags))
    const options = reader.match(/\?([imx]*)(?:-([imx]*))?:/y)
    if (options) return `(?:${this.#inside(optioned(flags, options))})`
    const name = reader.match(/\?<([A-Za-z_]\w*)>/y)
    if (!name && reader.take('?')) throw reader.refusal('this kind of group is not supported')
    return `(?<g${++this.#groups}>${this.#inside(flags)})`
  }

  #inside(flags: Flags): string {
    const source = this.#alternatives(flags)
    if (!this.#reader.take(')')) throw this.#reader.refusal('a ( has no )')
    return source
  }

  /** What has matched is not tried again: a lookahead is never re-entered, so what it caught stands. */
  #atomic(source: string): string {
    const name = `a${++this.#atoms}`
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`
  }

  #quantified(atom: string, flags: Flags): string {
    const reader = this.#reader
    let source = atom
    for (;;) {
      if (flags.extended) reader.match(/\s+/y)
      const simple = reader.match(/([*+?])([?+]?)/y)
      if (simple) {
        const [, sign, kind] = simple
        source = kind === '+' ? this.#atomic(`(?:${source})${sign}`) : `(?:${source})${sign}${kind}`
        continue
      }
      const counted = reader.match(/\{(\d*)(,?)(\d*)\}(\??)/y)
      if (!counted) return source === atom ? atom : source
      source = this.#counted(source, counted)
    }
  }

  #counted(source: string, [whole, least, comma, most, lazy]: RegExpExecArray): string {
    if (least === '' && most === '') throw this.#reader.refusal(`${whole} has no number`)
    if (comma === '') return lazy === '' ? `(?:${source}){${least}}` : `(?:(?:${source}){${least}})?`
    const from = least === '' ? '0' : least
    if (most !== '' && Number(most) < Number(from)) throw this.#reader.refusal(`${whole} runs backwards`)
    return `(?:${source}){${from},${most}}${lazy}`
  }
}

function optioned(flags: Flags, [, on, off = '']: RegExpExecArray): Flags {
  const set = (letter: string, before: boolean) => (before || on.includes(letter)) && !off.includes(letter)
  return { ignoreCase: set('i', flags.ignoreCase), dotAll: set('m', flags.dotAll), extended: set('x', flags.extended) }
}

/** After the last line break of a text no line begins. */
const LINE_START = '(?:(?<![\\u{0}-\\u{10ffff}])|(?<=\\n)(?=[\\u{0}-\\u{10ffff}]))'

const ANCHORS: Readonly<Record<string, string>> = {
  b: `(?:(?<=[${WORD_ALONE}])(?![${WORD_ALONE}])|(?<![${WORD_ALONE}])(?=[${WORD_ALONE}]))`,
  B: `(?:(?<=[${WORD_ALONE}])(?=[${WORD_ALONE}])|(?<![${WORD_ALONE}])(?![${WORD_ALONE}]))`,
  A: '(?<![\\u{0}-\\u{10ffff}])',
  z: '(?![\\u{0}-\\u{10ffff}])',
  Z: '(?=\\n?(?![\\u{0}-\\u{10ffff}]))',
  R: '(?:\\r\\n|(?!\\r\\n)[\\n-\\r\\u{85}\\u{2028}\\u{2029}])',
}
