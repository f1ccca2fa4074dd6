/** A text on its way through the pipeline, which remembers where in the original each part of it comes from. */

/** What a step makes of a text: its characters, and for each the unit of the old text whose place it takes; -1 is the beginning. */
export type Rewrite = { characters: readonly string[]; from: readonly number[] }

/** A text and, for each of its UTF-16 units, the range [start, end) of the original text that it stands for. */
export class AlignedText {
  readonly text: string
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Where in the original the text begins: the place of what is inserted before everything else. */
  readonly base: number

  constructor(text: string, starts: Int32Array, ends: Int32Array, base: number) {
    this.text = text
    this.starts = starts
    this.ends = ends
    this.base = base
  }

  /** A text that stands for itself. */
  static of(text: string): AlignedText {
    const starts = new Int32Array(text.length)
    const ends = new Int32Array(text.length)
    for (let at = 0; at < text.length; ) {
      const end = at + unitsAt(text, at)
      for (let unit = at; unit < end; unit++) {
        starts[unit] = at
        ends[unit] = end
      }
      at = end
    }
    return new AlignedText(text, starts, ends, 0)
  }

  slice(start: number, end: number): AlignedText {
    const base = start < end ? this.starts[start] : start
    return new AlignedText(this.text.slice(start, end), this.starts.subarray(start, end), this.ends.subarray(start, end), base)
  }

  rewritten({ characters, from }: Rewrite): AlignedText {
    const text = characters.join('')
    const starts = new Int32Array(text.length)
    const ends = new Int32Array(text.length)
    let at = 0
    for (let i = 0; i < characters.length; i++) {
      const unit = Math.min(from[i], this.starts.length - 1)
      const [start, end] = unit < 0 ? [this.base, this.base] : [this.starts[unit], this.ends[unit]]
      for (const after = at + characters[i].length; at < after; at++) {
        starts[at] = start
        ends[at] = end
      }
    }
    return new AlignedText(text, starts, ends, this.base)
  }

  /** The part of the original that [start, end) stands for. */
  original(start: number, end: number): [number, number] {
    return start < end ? [this.starts[start], this.ends[end - 1]] : [this.base + start, this.base + end]
  }
}

/** UTF-16 units of the code point at an index. */
export const unitsAt = (text: string, at: number): number => (text.codePointAt(at)! > 0xffff ? 2 : 1)

/**
 * A rewrite told as changes, in the order of the text: 0 replaces the next character, -n does and drops the n after it, a number above 0
 * is inserted and takes the place of the unit before.
 */
export function fromChanges(text: string, changes: Iterable<readonly [string, number]>): Rewrite {
  const characters: string[] = []
  const from: number[] = []
  let at = 0
  for (const [character, change] of changes) {
    characters.push(character)
    from.push(change > 0 ? at - 1 : at)
    for (let skip = change; skip <= 0 && at < text.length; skip++) at += unitsAt(text, at)
  }
  return { characters, from }
}

/** A rewrite that looks at one character at a time: what each becomes, '' for nothing. */
export function byCharacter(text: string, become: (character: string) => string): Rewrite {
  const characters: string[] = []
  const from: number[] = []
  let at = 0
  for (const character of text) {
    const made = become(character)
    if (made.length === 1) {
      characters.push(made)
      from.push(at)
    } else {
      for (const part of made) {
        characters.push(part)
        from.push(at)
      }
    }
    at += character.length
  }
  return { characters, from }
}
