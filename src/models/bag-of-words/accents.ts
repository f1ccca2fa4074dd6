/**
 * A text without accents, as scikit-learn's `strip_accents`: taken apart (NFKD); then 'unicode' drops the combining characters, 'ascii'
 * all that is not ASCII.
 */
export function stripAccents(text: string, way: 'unicode' | 'ascii'): string {
  const apart = text.normalize('NFKD')
  if (way === 'ascii') return apart.replace(/[^\0-\x7f]+/g, '')
  return apart.replace(/\p{M}/gu, (mark) => (isCombining(mark) ? '' : mark))
}

const known = new Map<string, boolean>()

/**
 * Whether a character's combining class is other than 0. JavaScript has no property for that, but normalisation sorts marks by their
 * class: only one that combines moves before the iota below, which has the highest class of all.
 */
function isCombining(mark: string): boolean {
  let combining = known.get(mark)
  if (combining === undefined) {
    combining = mark === '\u0345' || `a\u0345${mark}`.normalize('NFD') !== `a\u0345${mark}`
    known.set(mark, combining)
  }
  return combining
}
