/** Text cut into parts that can be tokenized one by one. */

const PART_LENGTH = 2 ** 20

/** A text in parts of whole lines, no white space at the beginning of a part, so that no word and no run of spaces is cut. */
export async function* wholeLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held: string[] = []
  let length = 0
  let last = ''
  for await (const piece of pieces) {
    const tail = last + piece // a line break may stand at the very end of what came before
    length += piece.length
    last = tail.slice(-1)
    const end = length < PART_LENGTH ? 0 : lastLine(tail)
    if (end === 0) {
      held.push(piece)
      continue
    }
    const at = end - (tail.length - piece.length)
    yield held.join('') + piece.slice(0, at)
    held = [piece.slice(at)]
    length = piece.length - at
  }
  if (length > 0) yield held.join('')
}

/** Behind the last line break that no white space follows; 0 where there is none. */
function lastLine(text: string): number {
  for (let at = text.lastIndexOf('\n', text.length - 2); at >= 0; at = text.lastIndexOf('\n', at - 1)) {
    if (!/\s/.test(text[at + 1])) return at + 1
    if (at === 0) break
  }
  return 0
}
