import { describe, expect, it } from 'vitest'
import { type HeatMap, heatMapSvg } from './heat-map.ts'

const values = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => (r === c ? 0.62 : 0.01 * ((r * 7 + c * 3) % 5))),
  )

const map = (rows: readonly string[], columns: readonly string[], panels = 1): HeatMap => ({
  title: 'What <Marian> & co. look at',
  ...{ rows, columns, rowTitle: 'target', columnTitle: 'source', valueTitle: 'attention weight' },
  panels: Array.from({ length: panels }, (_, i) => ({
    ...(panels > 1 && { title: `head ${i + 1}` }),
    values: values(rows.length, columns.length),
  })),
})

const rows = ['Ein', ' Mann', ' "<b>', ' שלום', '\u202Eevil\n\u0007', '\ud800', 'x'.repeat(80)]
const columns = ['A', ' man', ' 自転車', '&amp;', ']]>']
const count = (svg: string, pattern: RegExp) => svg.match(pattern)?.length ?? 0

/** Tags closed in order, attributes in quotes, no stray marks: what an XML parser would insist on. */
function expectWellFormed(svg: string): void {
  const open: string[] = []
  const rest = svg.replace(
    /<(\/?)([a-zA-Z]+)((?: [\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)(\/?)>/g,
    (_, end, name, __, empty) => {
      if (end) expect(open.pop()).toBe(name)
      else if (!empty) open.push(name)
      return ''
    },
  )
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/)
  expect(rest).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E]/u)
}

describe('heat map', () => {
  it('draws every cell once, with its tokens and value as a tooltip', () => {
    const svg = heatMapSvg(map(rows, columns))
    expectWellFormed(svg.trimEnd())
    const cells = svg.slice(svg.indexOf('class="cells"'))
    expect(count(cells, /<rect [^>]*fill="#[0-9a-f]{6}"><title>/g)).toBe(rows.length * columns.length)
    expect(svg).toContain('<title>·Mann → ·man: 0.62</title>')
    expect(svg).toContain('>.62</text>')
    expect(svg).toContain('What &lt;Marian&gt; &amp; co. look at')
  })

  it('labels both axes, whatever the tokens hold', () => {
    const svg = heatMapSvg(map(rows, columns))
    for (const label of [
      '>Ein<',
      '>·&quot;&lt;b&gt;<',
      '>·שלום<',
      '>\\u202eevil\\n\\u0007<',
      '>\\ud800<',
      '>·自転車<',
      '>&amp;amp;<',
      '>]]&gt;<',
    ])
      expect(svg).toContain(label)
    expect(svg).toContain(`>${'x'.repeat(27)}…<title>${'x'.repeat(80)}</title>`)
  })

  it('stands on a page that is wide enough for its labels', () => {
    const widthOf = (svg: string) => Number(/width="(\d+)"/.exec(svg)![1])
    const [short, long, wide] = ['ab', 'a long token', '自転車自転車'].map((label) =>
      widthOf(heatMapSvg(map([label, 'y'], Array(20).fill('c')))),
    )
    expect(long!).toBeGreaterThan(short! + 8 * 7)
    expect(wide).toBe(long)
  })

  it('draws the heads of a layer side by side, smaller, without numbers', () => {
    const svg = heatMapSvg(map(rows, columns, 8))
    expectWellFormed(svg.trimEnd())
    expect(count(svg, /class="panel"/g)).toBe(8)
    expect(count(svg, /class="scale"/g)).toBe(1)
    expect(svg).toContain('>head 8<')
    expect(svg).not.toContain('>.62</text>')
    const places = [...svg.matchAll(/class="panel" transform="(translate\([^)]+\))"/g)].map(([, place]) => place)
    expect(new Set(places).size).toBe(8)
  })

  it('gives white to 0, the darkest ink to the highest value, and ever darker colours between', () => {
    const shares = [0, 0.1, 0.25, 0.4, 0.6, 0.8, 1]
    for (const hue of ['pink', 'teal'] as const) {
      const svg = heatMapSvg({ ...map(['r'], shares.map(String)), panels: [{ values: [shares] }] }, { hue })
      const colours = [...svg.matchAll(/fill="#([0-9a-f]{6})"><title>/g)].map(([, hex]) => Number.parseInt(hex!, 16))
      const light = colours.map((rgb) => 0.2126 * (rgb >> 16) + 0.7152 * ((rgb >> 8) & 255) + 0.0722 * (rgb & 255))
      expect(colours[0]).toBe(0xffffff)
      expect(light).toEqual([...light].sort((a, b) => b - a))
      expect(new Set(light).size).toBe(shares.length)
      expect(light.at(-1)).toBeLessThan(70)
    }
  })

  it('is the same for the same input, and takes values that are all 0', () => {
    expect(heatMapSvg(map(rows, columns, 3))).toBe(heatMapSvg(map(rows, columns, 3)))
    expectWellFormed(heatMapSvg({ ...map(['a'], ['b']), panels: [{ values: [[0]] }] }).trimEnd())
  })

  it.each([
    [{ ...map([], []), panels: [{ values: [] }] }, 'a row, a column and a panel at least'],
    [{ ...map(['a'], ['b']), panels: [] }, '0 panels'],
    [{ ...map(['a'], ['b', 'c']), panels: [{ values: [[1]] }] }, 'must be [1, 2]'],
    [{ ...map(['a'], ['b']), panels: [{ values: [[1], [1]] }] }, 'must be [1, 1]'],
    [{ ...map(['a'], ['b']), panels: [{ values: [[Number.NaN]] }] }, 'numbers from 0'],
    [map(Array(400).fill('a'), Array(400).fill('b')), 'at most 100000 cells'],
  ] as [HeatMap, string][])('refuses %#', (wrong, message) => {
    expect(() => heatMapSvg(wrong)).toThrow(message)
  })
})
