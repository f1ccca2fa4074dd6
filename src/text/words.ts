/** Words of running text, as Unicode and its dictionaries cut them. */

export type WordOptions = {
  /** A BCP 47 tag; it matters for few languages. Default 'en'. */
  locale?: string
}

/**
 * All that is read without `Intl.Segmenter`: ASCII, Latin letters, and the marks between which words stand. Anything else (other scripts,
 * combining marks, emoji) sends the text around it, from blank to blank, to the segmenter.
 */
const OTHER = /[^\t\n\r -~\u00a1-\u00ac\u00ae\u00af\u00b1-\u00b6\u00b9-\u024f‐-—‘-”…]/g

/**
 * Words by the rules WB5 to WB13 of Unicode Standard Annex 29 for those characters: letters, digits and underscores, and single marks within:
 * a colon, a dot or an apostrophe between letters, a comma, a dot or an apostrophe between digits.
 */
const LETTER = 'A-Za-zª\u00b5º\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f'
function fastWord(): RegExp {
  const colon = isOneWord('a:b') ? ':' : '' // versions of ICU differ
  const joint = `(?<=[${LETTER}])[${colon}.'‘’](?=[${LETTER}])|(?<=\\d)[,;.'‘’](?=\\d)`
  return new RegExp(`[${LETTER}\\d_]+(?:(?:${joint})[${LETTER}\\d_]+)*`, 'g')
}

const isOneWord = (text: string): boolean =>
  [...segmenterFor('en').segment(text)].filter(({ isWordLike }) => isWordLike)[0]?.segment === text

/** Languages of which ICU's rules for Latin text differ. */
const TAILORED = /^(?:fi|sv)\b/

/** The segmenter takes time that grows with the square of a text's length: it gets pieces of this length about. */
const PIECE_LENGTH = 500

/**
 * The words of a text, without blanks and punctuation: those that `Intl.Segmenter` with granularity 'word' calls word-like. Latin text takes
 * a fast path that gives the same ones.
 */
export function words(text: string, { locale = 'en' }: WordOptions = {}): string[] {
  const segmenter = segmenterFor(locale)
  if (TAILORED.test(locale)) return segmented(text, segmenter)
  const found: string[] = []
  let at = 0
  for (const { start, end } of foreignParts(text)) {
    addAll(found, fastWords(text.slice(at, start)))
    addAll(found, segmented(text.slice(start, end), segmenter))
    at = end
  }
  addAll(found, fastWords(text.slice(at)))
  return found
}

function fastWords(text: string): string[] {
  fast ??= { word: fastWord(), underscore: isOneWord('_') }
  const found = text.match(fast.word) ?? []
  return fast.underscore ? found : found.filter((word) => word !== '_')
}

let fast: { word: RegExp /** Whether a lone one is a word; two are. */; underscore: boolean } | undefined

function addAll(list: string[], more: readonly string[]): void {
  for (const item of more) list.push(item)
}

/** Parts from blank to blank that hold characters beyond the fast path. */
function* foreignParts(text: string): Generator<{ start: number; end: number }, void, undefined> {
  const other = new RegExp(OTHER)
  let end = 0
  for (let match = other.exec(text); match !== null; match = other.exec(text)) {
    let start = match.index
    while (start > end && !isBlank(text.charCodeAt(start - 1))) start--
    end = match.index + 1
    while (end < text.length && !isBlank(text.charCodeAt(end))) end++
    yield { start, end }
    other.lastIndex = end
  }
}

const isBlank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

/** Cuts long parts where a word cannot go on: behind a blank or CJK punctuation, otherwise, in scripts without blanks, at a word's end. */
function segmented(text: string, segmenter: Intl.Segmenter): string[] {
  const found: string[] = []
  for (let start = 0, length = PIECE_LENGTH; start < text.length; ) {
    const isLast = start + length >= text.length
    const piece = text.slice(start, start + length)
    const cut = isLast ? piece.length : cutOf(piece)
    const segments = Array.from(segmenter.segment(piece.slice(0, cut || piece.length)))
    // Without a cut the last words may depend on what follows; of one endless word nothing is sure yet.
    const sure = cut > 0 ? segments : segments.filter(({ index }) => index < length / 2).slice(0, -1)
    for (const { segment, isWordLike } of sure) if (isWordLike) found.push(segment)
    const last = sure.at(-1)
    start += last === undefined ? 0 : last.index + last.segment.length
    length = last === undefined ? 2 * length : PIECE_LENGTH
  }
  return found
}

/** Behind the last blank or CJK mark; 0 where there is none. */
function cutOf(piece: string): number {
  for (let at = piece.length - 1; at > 0; at--) {
    if (isBlank(piece.charCodeAt(at)) || '。、，！？；：'.includes(piece[at]!)) return at + 1
  }
  return 0
}

const segmenters = new Map<string, Intl.Segmenter>()

function segmenterFor(locale: string): Intl.Segmenter {
  let segmenter = segmenters.get(locale)
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(locale, { granularity: 'word' })
    segmenters.set(locale, segmenter)
  }
  return segmenter
}
