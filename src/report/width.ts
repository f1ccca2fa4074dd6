const WIDE = new RegExp(
  '^(?:\\p{Emoji_Presentation}|\\p{Extended_Pictographic}\\uFE0F|' +
    '[\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4CF\\uA960-\\uA97F\\uAC00-\\uD7A3\\uF900-\\uFAFF\\uFE30-\\uFE6F\\uFF01-\\uFF60\\uFFE0-\\uFFE6' +
    '\\u{20000}-\\u{3FFFD}])',
  'u',
)
const NARROW = /^[\x20-\x7E]*$/
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]+$/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The columns that a text takes in a terminal: two for East Asian wide characters and emoji, none for marks that stand alone.
 *
 * Unicode Standard Annex 11 (East Asian Width), by blocks.
 */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += INVISIBLE.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1
  return width
}
