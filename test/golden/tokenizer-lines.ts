/** The lines of tokenizer_lines.py, which says what they are. */
import { readFileSync } from 'node:fs'

type Fragments = {
  fragments: Record<string, string[]>
  ranges: [number, number][]
  separators: string[]
  long: [string, number][]
}

const path = new URL('./tokenizers/fragments.json', import.meta.url)
const { fragments, ranges, separators, long }: Fragments = JSON.parse(readFileSync(path, 'utf8'))

export function pick(index: number, salt: number, below: number): number {
  let x = (Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0
  x = (x ^ (x >>> 16)) >>> 0
  return Math.floor(((x >>> 8) * below) / 2 ** 24)
}

export function line(i: number): string {
  const n = 1 + pick(0, i, 14)
  return Array.from({ length: n }, (_, k) => (pick(3 * k + 1, i, 8) === 0 ? characters(i, k) : fragment(i, k))).join('')
}

function fragment(i: number, k: number): string {
  const kinds = Object.values(fragments)
  const kind = kinds[pick(3 * k + 2, i, kinds.length)]
  return kind[pick(3 * k + 3, i, kind.length)] + separators[pick(1000 + k, i, separators.length)]
}

function characters(i: number, k: number): string {
  const one = (j: number) => {
    const [first, last] = ranges[pick(3000 + 10 * k + j, i, ranges.length)]
    return String.fromCodePoint(first + pick(4000 + 10 * k + j, i, last - first + 1))
  }
  return Array.from({ length: 1 + pick(2000 + k, i, 6) }, (_, j) => one(j)).join('')
}

export const longLines = (): string[] => long.map(([text, times]) => text.repeat(times))
