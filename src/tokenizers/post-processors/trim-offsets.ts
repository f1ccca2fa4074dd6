/** Offsets without the spaces that byte-level tokens begin or end with. */
import type { Encoding } from '../encoding.ts'

const SPACES_BEFORE = /^[Ġ\p{White_Space}]*/u
const SPACES_AFTER = /[Ġ\p{White_Space}]*$/u

/**
 * @param addPrefixSpace  the one space that a text begins with was not in the original
 * @param original  where offsets may not fall within a character: a space that was added lies over the character after it
 */
export function trimmedOffsets(encoding: Encoding, addPrefixSpace: boolean, original = ''): Encoding {
  const isWithin = (at: number) => at > 0 && (original.codePointAt(at - 1) ?? 0) > 0xffff

  const offsets = encoding.offsets.map(([start, end], i): [number, number] => {
    const token = encoding.tokens[i]
    const before = SPACES_BEFORE.exec(token)![0].length
    const after = SPACES_AFTER.exec(token)![0].length
    const isOurs = addPrefixSpace && before === 1 && (i === 0 || start === 0)
    const first = isOurs ? start : Math.min(start + before, end)
    const from = isWithin(first) ? first + 1 : first
    const last = after > 0 && end >= after ? Math.max(end - after, from) : end
    return [from, isWithin(last) ? Math.max(last - 1, from) : last]
  })
  return { ...encoding, offsets }
}
