/** Whether a place where Unicode's rules end a sentence really is the end of one. */
import type { Abbreviations } from './abbreviations.ts'

const CLOSERS = /(?:\s?["'’”»«)\]}›‹]|\[\d{1,4}\])*$/u
const LOOK_BACK = 60
const LOOK_AHEAD = 40

/**
 * Unicode's rules (Standard Annex 29) know no abbreviations and no speech within sentences. Not an end is a stop
 * - without a blank behind it: 'example.Com', 'end.[1]'
 * - before a small letter: '“Stop!” he said'
 * - behind a title or the like, an initial, or a number in a list; in German behind an ordinal number ('3. Mai')
 *
 * @param text  the paragraph
 * @param start  where the sentence begins
 * @param end  where it would end, behind the blanks that follow it
 */
export function isSentenceEnd(text: string, start: number, end: number, known: Abbreviations, language: string): boolean {
  const after = text.slice(end, end + LOOK_AHEAD)
  const tail = text.slice(Math.max(start, end - LOOK_BACK), end)
  const before = tail.trimEnd()
  if (before === '' || after === '') return after === ''
  const bare = before.replace(CLOSERS, '')
  const stop = bare.at(-1)!
  if (/^[»”)\]]/.test(after)) return false
  if (before.length === tail.length && stop === '.') return false
  if (/^["'“‘«(]?\p{Ll}/u.test(after) && /[.!?…]/.test(stop)) return false
  if (stop !== '.' || bare.endsWith('..')) return true
  const word = /[^\s"“”„«»([{—–]+(?=\.$)/u.exec(bare)?.[0] ?? ''
  const isOnlyWord = end - start < LOOK_BACK && text.slice(start, end).trim() === `${word}.`
  return endsAfter(word, after, isOnlyWord, known, language)
}

function endsAfter(word: string, after: string, isOnlyWord: boolean, known: Abbreviations, language: string): boolean {
  const lower = word.toLowerCase()
  if (known.inside.has(lower) || known.inside.has(lower.replaceAll(' ', ''))) return false
  if (/^\p{L}$/u.test(word) && /^\p{L}\./u.test(after)) return false // 'z. B.', 'J. R. Hartley'
  if (isOnlyWord && /^(?:\d{1,3}|\p{L}|[ivxIVX]{1,5})$/u.test(word)) return false
  const isInitial = /^(?:\p{Lu}\.[ -]?)*\p{Lu}$/u.test(word)
  if (known.beforeNumber.has(lower) && !isInitial) return !/^[\d(]|^[IVXLC]+\b/.test(after)
  const isDotted = /^(?:\p{L}{1,3}\.)+\p{L}{1,4}$/u.test(word)
  const isOrdinal = language === 'de' && /^(?:\d{1,2}|[IVX]{1,5})$/.test(word)
  if (isInitial || isDotted || isOrdinal || known.perhaps.has(lower)) return beginsSentence(after, known)
  return true
}

/** A common first word, or speech, or anything that is no letter. */
function beginsSentence(after: string, { starters }: Abbreviations): boolean {
  const first = /^\p{L}+/u.exec(after.replace(/^["'“„‘«(]+/u, ''))?.[0]
  return first !== undefined && starters.has(first.toLowerCase())
}
