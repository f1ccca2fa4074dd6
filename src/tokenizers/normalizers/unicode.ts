/** Unicode normalisation forms with alignment: Unicode Standard Annex 15. */
import { type AlignedText, fromChanges } from '../aligned.ts'
import { type Normalizer, rewriting } from './normalizer.ts'

export type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

type Changes = [character: string, change: number][]

export function unicodeForm(form: Form): Normalizer {
  const decomposed = form === 'NFC' ? 'NFD' : form === 'NFKC' ? 'NFKD' : form
  const slow = rewriting(
    (text) => {
      const changes = decompose(text, decomposed)
      return fromChanges(text, form === decomposed ? changes : compose(changes))
    },
    (text) => text.normalize(form),
  )
  return {
    plain: slow.plain,
    aligned: (text: AlignedText) => (isAscii(text.text) ? text : slow.aligned(text)),
  }
}

const isAscii = (text: string): boolean => /^\p{ASCII}*$/u.test(text)

/** Each character taken apart, the first part in its place and the others inserted; marks in their canonical order. */
function decompose(text: string, form: Form): Changes {
  const done: Changes = []
  let marks: Changes = []
  const sortMarks = () => {
    done.push(...marks.sort(([a], [b]) => classOrder(a, b)))
    marks = []
  }
  for (const character of text) {
    for (const [i, part] of Array.from(character.normalize(form)).entries()) {
      if (!isMark(part)) sortMarks()
      marks.push([part, i === 0 ? 0 : 1])
      if (!isMark(part)) sortMarks()
    }
  }
  sortMarks()
  return done
}

/** The canonical composition algorithm: a mark that nothing blocks is swallowed by the starter before it. */
function compose(parts: Changes): Changes {
  const done: Changes = []
  let starter: [string, number] | undefined
  let waiting: Changes = []
  const flush = () => {
    if (starter) done.push(starter)
    done.push(...waiting)
    starter = undefined
    waiting = []
  }
  for (const [character, change] of parts) {
    const last = waiting.at(-1)
    const isBlocked = last !== undefined && classOrder(last[0], character) >= 0
    const composed = starter && !isBlocked ? composite(starter[0], character) : undefined
    if (starter && composed !== undefined) {
      starter = [composed, starter[1] + change - 1]
    } else if (isMark(character)) {
      if (starter) waiting.push([character, change])
      else done.push([character, change])
    } else {
      flush()
      starter = [character, change]
    }
  }
  flush()
  return done
}

const composites = new Map<string, string | undefined>()
const MOST_REMEMBERED = 50_000

function composite(left: string, right: string): string | undefined {
  return remembered(composites, left + right, (pair) => {
    const composed = pair.normalize('NFC')
    return Array.from(composed).length === 1 ? composed : undefined
  })
}

const marks = new Map<string, boolean>()

/** Combining class 240, above all others but one; what is sorted before it is a mark of a class between. */
const HIGHEST = '\u0345'

/** Whether a character has a combining class, by what normalisation does with it: JavaScript does not tell the class. */
function isMark(character: string): boolean {
  if (character < '\u0300') return false
  return remembered(marks, character, () => character === HIGHEST || isSwapped(HIGHEST, character))
}

const isSwapped = (first: string, second: string): boolean =>
  (first + second).normalize('NFD') === second + first && first !== second

/** Negative where the first has the lower combining class. A starter has the lowest. */
function classOrder(first: string, second: string): number {
  if (!isMark(first) || !isMark(second)) return Number(isMark(first)) - Number(isMark(second))
  if (isSwapped(first, second)) return 1
  return isSwapped(second, first) ? -1 : 0
}

function remembered<T>(memory: Map<string, T>, key: string, compute: (key: string) => T): T {
  const known = memory.get(key)
  if (known !== undefined || memory.has(key)) return known as T
  if (memory.size >= MOST_REMEMBERED) memory.clear()
  const value = compute(key)
  memory.set(key, value)
  return value
}
