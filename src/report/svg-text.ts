/** Texts of any kind as labels of an SVG. */
import { displayWidth } from './width.ts'

/** Of a column of a terminal, in a monospaced font of 1 px; one that is double as wide stays below two of it. */
const CHARACTER = 0.61
const LONGEST_LABEL = 28

/** Pixels that a text takes at most in a monospaced font of that size. */
export const widthOf = (text: string, size: number) => Math.ceil(displayWidth(text) * size * CHARACTER)

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What fits beside an axis; the tooltip has all of it. */
export function shortened(label: string): string {
  const text = shown(label)
  if (displayWidth(text) <= LONGEST_LABEL) return text
  let [kept, width] = ['', 1]
  for (const { segment } of graphemes.segment(text)) {
    width += displayWidth(segment)
    if (width > LONGEST_LABEL) break
    kept += segment
  }
  return `${kept}…`
}

/** Spaces at the ends as dots; what cannot be seen, or may not stand in XML, as an escape. */
export const shown = (label: string) =>
  label
    .replace(/^ +| +$/g, (spaces) => '·'.repeat(spaces.length))
    .replace(/[\p{Cc}\p{Cs}\p{Cn}\u200B\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu, (char) => {
      return char === '\n' ? '\\n' : char === '\t' ? '\\t' : `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`
    })

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
export const escaped = (text: string) => shown(text).replace(/[&<>"]/g, (mark) => ENTITIES[mark]!)
