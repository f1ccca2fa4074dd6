/** Classes of characters by name, from Oniguruma's names to JavaScript's `v` syntax. */

export const WHITE_SPACE = '\\p{White_Space}'
export const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}'
/** Outside of `[…]` Oniguruma counts five signs of Latin-1 as parts of words too. */
export const WORD_ALONE = `${WORD}\\u{b2}\\u{b3}\\u{b9}\\u{bc}\\u{bd}\\u{be}`
export const HEX = '0-9A-Fa-f'

const POSIX: Readonly<Record<string, string>> = {
  alnum: '\\p{Alphabetic}\\p{Nd}',
  alpha: '\\p{Alphabetic}',
  ascii: '\\u{0}-\\u{7f}',
  blank: '\\p{Zs}\\t',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[[\\u{0}-\\u{10ffff}]--[\\p{White_Space}\\p{Cc}\\p{Cn}\\p{Cs}]]',
  lower: '\\p{Lowercase}',
  print: '[[\\u{0}-\\u{10ffff}]--[\\p{Cc}\\p{Cn}\\p{Cs}\\u{2028}\\u{2029}]]',
  punct: '\\p{P}\\p{S}',
  space: WHITE_SPACE,
  upper: '\\p{Uppercase}',
  word: WORD,
  xdigit: HEX,
}

/** Scripts and other properties; names are compared without spaces, signs and case. */
const NAMED = [
  'Alphabetic',
  'Uppercase',
  'Lowercase',
  'White_Space',
  'Emoji',
  'Emoji_Presentation',
  'Extended_Pictographic',
  'ASCII',
  'Any',
]
const NAMED_MORE = [
  'Emoji_Modifier',
  'Emoji_Component',
  'Ideographic',
  'ID_Start',
  'ID_Continue',
  'Math',
  'Dash',
  'Assigned',
  'Variation_Selector',
]

/** What stands within `[…]` for a class by its name, or undefined where JavaScript has no such class. */
export function propertyClass(name: string): string | undefined {
  const key = name.replace(/[\s_-]/g, '').toLowerCase()
  if (key === 'punct') return '\\p{P}' // as [[:punct:]] it has symbols too
  if (Object.hasOwn(POSIX, key)) return POSIX[key]
  const named = [...NAMED, ...NAMED_MORE].find((known) => known.replaceAll('_', '').toLowerCase() === key)
  if (named !== undefined) return `\\p{${named}}`
  const words = name.split(/[\s_-]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
  const spelt = words.join('_')
  return [`\\p{${spelt}}`, `\\p{Script=${spelt}}`].find(isKnown)
}

export const posixClass = (name: string): string | undefined => (Object.hasOwn(POSIX, name) ? POSIX[name] : undefined)

function isKnown(property: string): boolean {
  try {
    return /^\\p\{(Script=)?[A-Za-z_]+\}$/.test(property) && new RegExp(property, 'v') !== undefined
  } catch {
    return false
  }
}
