/**
 * Small changes that make equal what readers take for equal. Pure functions that take linear time, but for the normalisation forms: the
 * language's own `normalize` takes quadratic time in the length of a run of combining marks, which are thousands only in hostile text.
 */

/**
 * What `normalize` does, in this order. Nothing by default.
 *
 * - `form`: a Unicode normalisation form. NFC composes é from e and its accent and changes no meaning; NFKC also replaces ﬁ by fi, ² by 2,
 *   full-width letters by plain ones
 * - `controls`, `quotes`, `accents`, `whitespace`: see the functions below
 * - `case`: 'lower' as the language-independent `toLowerCase`; 'fold' as for comparing, where also Straße = STRASSE
 */
export type Normalization = {
  form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'
  controls?: boolean
  quotes?: boolean
  accents?: boolean
  case?: 'lower' | 'fold'
  whitespace?: boolean
}

export function normalize(text: string, { form, controls, quotes, accents, case: letters, whitespace }: Normalization): string {
  let result = form === undefined ? text : text.normalize(form)
  if (controls) result = removeControls(result)
  if (quotes) result = straightenQuotes(result)
  if (accents) result = stripAccents(result)
  if (letters !== undefined) result = letters === 'fold' ? foldCase(result) : result.toLowerCase()
  return whitespace ? collapseWhitespace(result) : result
}

/**
 * Leaves out what no reader sees: control characters but for tabs and line ends, soft hyphens, zero-width spaces, byte order marks, and
 * marks of writing direction. The joiners stay, as emoji and Persian are spelled with them.
 */
export function removeControls(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu, '')
}

/** “ ” „ ‟ become ", and ‘ ’ ‚ ‛ become '. */
export function straightenQuotes(text: string): string {
  return text.replace(/[“”„‟]/g, '"').replace(/[‘’‚‛]/g, "'")
}

/**
 * Takes the accents off Latin, Greek and Cyrillic letters: é → e, ά → α, й → и. Letters with a stroke of their own (ł, ø) are not composed,
 * so they stay; in other scripts such marks are vowels, so they stay too. The rest comes out in NFC.
 */
export function stripAccents(text: string): string {
  const decomposed = text.normalize('NFD')
  return decomposed.replace(/(?<=[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}])\p{Mn}+/gu, '').normalize('NFC')
}

/** Runs of white space (Unicode's) become one blank, those at the ends nothing. */
export function collapseWhitespace(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Whose full case folding is not what `toLowerCase` of `toUpperCase` gives: ı stays itself, Cherokee folds to its capitals. */
const FOLDED_OTHERWISE = /[ı\u13a0-\u13f5\u13f8-\u13fd\uab70-\uabbf]/

/**
 * Full case folding (Unicode 5.18, CaseFolding.txt C + F): what differs only in case becomes equal. Unlike `toLowerCase` it also makes one of
 * ß and ss, ς and σ, ﬁ and fi. For comparing, not for showing.
 */
export function foldCase(text: string): string {
  if (FOLDED_OTHERWISE.test(text)) return Array.from(text, foldCharacter).join('')
  return throughUpper(text)
}

function foldCharacter(character: string): string {
  if (!FOLDED_OTHERWISE.test(character)) return throughUpper(character)
  if (character === 'ı' || (character >= '\u13a0' && character <= '\u13f5')) return character
  return character.toUpperCase()
}

/** Down first, as ẞ has no other capital; up, which spells out ß and ligatures; down. */
function throughUpper(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}
