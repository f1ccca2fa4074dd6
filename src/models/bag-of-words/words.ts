/** Scripts written without spaces: each of their characters is a word, and n-grams recover the longer ones. */
const UNSPACED = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー'

// Apostrophes and the invisible joiners of Persian and Indic scripts belong to the word between whose letters they stand.
// The bounds keep a hostile text of one endless word from exhausting the matcher's stack.
const RUN = '[\\p{L}\\p{N}\\p{M}]{1,256}'
const WORD = new RegExp(`${RUN}(?:['\\u200C\\u200D]${RUN}){0,8}|\\p{Extended_Pictographic}`, 'gu')
const HAS_UNSPACED = new RegExp(`[${UNSPACED}]`, 'u')
const CHARACTER = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[^])+`, 'gu')

/**
 * The words of a text, lowercased: runs of letters, numbers and marks of any script with the apostrophes inside them,
 * single characters of scripts without spaces, and emoji. Everything else separates.
 */
export function words(text: string): string[] {
  const found = text.normalize('NFKC').toLowerCase().replaceAll('’', "'").match(WORD) ?? []
  if (!HAS_UNSPACED.test(text)) return found
  return found.flatMap((word) => word.match(CHARACTER) ?? [])
}
