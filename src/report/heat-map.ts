/** Heat maps as SVG: one panel, or several of the same rows and columns side by side. */
import { DataError } from '../errors.ts'
import { type Hue, inkOf, RAMPS } from './color-ramp.ts'
import { escaped, shortened, shown, widthOf } from './svg-text.ts'

export type HeatMap = {
  title: string
  /** Labels from top to bottom, and what they are. */
  rows: readonly string[]
  rowTitle: string
  /** Labels from left to right, and what they are. */
  columns: readonly string[]
  columnTitle: string
  /** What the values are: stands beside the scale. */
  valueTitle: string
  panels: readonly HeatMapPanel[]
}

export type HeatMapPanel = {
  /** Left out where there is only one. */
  title?: string
  /** [rows][columns], from 0 */
  values: readonly (readonly number[])[]
}

export type HeatMapOptions = {
  /** Teal for models that represent, pink for models that generate. */
  hue?: Hue
}

const MOST_CELLS = 100_000
const PAD = 16
const GAP = 18
const FONT = 12
const LINE = 16

/**
 * A picture that needs nothing beside itself: labels at both axes, every value as a tooltip and, where there is room, in its cell, and a
 * scale from 0 to the highest value. The same input gives the same bytes.
 *
 * @throws DataError where panels are not [rows, columns], values are no numbers from 0, or there are too many cells for a picture
 */
export function heatMapSvg(map: HeatMap, { hue = 'pink' }: HeatMapOptions = {}): string {
  check(map)
  const highest = topOf(map.panels)
  const layout = arranged(map)
  const colour = (value: number) => inkOf(hue, value / highest)
  const panels = map.panels.map((panel, i) => drawnPanel(map, panel, i, layout, colour, highest))
  const width = Math.max(layout.width, widthOf(map.title, 15), 320) + 2 * PAD
  const scaleTop = layout.height + 12
  const height = PAD + 2 * LINE + scaleTop + 40 + PAD
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"`,
    ` direction="ltr" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT}" fill="#333">`,
    `<title>${escaped(map.title)}</title>`,
    `<rect width="${width}" height="${height}" rx="6" fill="#fff" stroke="#ccc"/>`, // a page of its own, whatever lies behind
    `<text x="${PAD}" y="${PAD + 15}" font-size="15" font-weight="bold">${escaped(map.title)}</text>`,
    `<g transform="translate(${PAD} ${PAD + 2 * LINE})">`,
    ...panels,
    scale(map.valueTitle, highest, RAMPS[hue], scaleTop),
    '</g></svg>\n',
  ].join('')
}

type Layout = {
  cell: number
  panelsPerLine: number
  /** Room for labels at the left and above. */
  left: number
  above: number
  slanted: boolean
  width: number
  height: number
}

function arranged({ rows, columns, rowTitle, columnTitle, panels }: HeatMap): Layout {
  const isAlone = panels.length === 1
  const cell = isAlone ? (columns.length <= 40 ? 28 : 16) : 13
  const slanted = cell >= 28
  const longest = (labels: readonly string[]) => Math.max(...labels.map((label) => widthOf(shortened(label), labelSize(cell))))
  const left = Math.ceil(longest(rows)) + 10
  const overhang = slanted ? Math.ceil(longest(columns) * Math.SQRT1_2) : 0
  const above = (slanted ? overhang : Math.ceil(longest(columns))) + (isAlone ? LINE : 2 * LINE) + 10
  const across = columns.length * cell
  const panelsPerLine = Math.min(panels.length, Math.max(1, Math.floor(1200 / (left + across + GAP))))
  const lines = Math.ceil(panels.length / panelsPerLine)
  const needed = Math.max(left + across + overhang, left + widthOf(columnTitle, FONT), widthOf(rowTitle, FONT))
  return {
    ...{ cell, panelsPerLine, left, above, slanted },
    width: (panelsPerLine - 1) * (left + across + GAP) + needed,
    height: lines * (above + rows.length * cell + GAP),
  }
}

const labelSize = (cell: number) => Math.min(FONT, cell - 2)

function drawnPanel(
  { rows, columns, rowTitle, columnTitle }: HeatMap,
  { title, values }: HeatMapPanel,
  index: number,
  { cell, panelsPerLine, left, above, slanted }: Layout,
  colour: (value: number) => string,
  highest: number,
): string {
  const x = (index % panelsPerLine) * (left + columns.length * cell + GAP)
  const y = Math.floor(index / panelsPerLine) * (above + rows.length * cell + GAP)
  const size = labelSize(cell)
  const middle = cell / 2
  const place = `x="-6" dy="${size * 0.35}" text-anchor="end"`
  const rowLabels = rows.map((label, r) => labelled(label, `${place} y="${r * cell + middle}"`))
  const columnLabels = columns.map((label, c) => {
    const turn = `transform="translate(${c * cell + middle} -6) rotate(${slanted ? -45 : -90})"`
    return labelled(label, `${turn} dy="${slanted ? 0 : size * 0.35}"`)
  })
  const marks = values.flatMap((row, r) =>
    row.map((value, c) => {
      const hint = `${shown(rows[r]!)} → ${shown(columns[c]!)}: ${Number(value.toPrecision(4))}`
      const at = `x="${c * cell}" y="${r * cell}"`
      const rect = `<rect ${at} width="${cell}" height="${cell}" fill="${colour(value)}"><title>${escaped(hint)}</title></rect>`
      return cell >= 28 && value >= 0.005 ? rect + number(value, c * cell + middle, r * cell + middle, value / highest) : rect
    }),
  )
  const frame = `<rect width="${columns.length * cell}" height="${rows.length * cell}" fill="none" stroke="#bbb"/>`
  const heading = title === undefined ? '' : `<text y="${LINE - above - 2}" font-weight="bold">${escaped(title)}</text>`
  return [
    `<g class="panel" transform="translate(${x + left} ${y + above})">`,
    heading,
    `<text y="${LINE - above + (title === undefined ? -2 : LINE - 2)}" fill="#666">${escaped(columnTitle)} →</text>`,
    `<text x="-6" y="-8" text-anchor="end" fill="#666">${escaped(rowTitle)} ↓</text>`,
    `<g class="rows" font-size="${size}">${rowLabels.join('')}</g>`,
    `<g class="columns" font-size="${size}">${columnLabels.join('')}</g>`,
    `<g class="cells">${marks.join('')}</g>${frame}</g>`,
  ].join('')
}

/** The value in its cell, without the 0 before its point. */
function number(value: number, x: number, y: number, share: number): string {
  const digits = value < 1 ? value.toFixed(2).replace(/^0/, '') : String(Number(value.toPrecision(2)))
  const ink = share > 0.55 ? ' fill="#fff"' : ''
  return `<text x="${x}" y="${y + 3}" font-size="9" text-anchor="middle" pointer-events="none"${ink}>${digits}</text>`
}

const labelled = (label: string, attributes: string) =>
  `<text ${attributes} unicode-bidi="isolate">${escaped(shortened(label))}<title>${escaped(shown(label))}</title></text>`

/** A bar of colours from 0 to the highest value. */
function scale(title: string, highest: number, ramp: readonly string[], top: number): string {
  const stops = ramp.map((colour, i) => `<stop offset="${i / (ramp.length - 1)}" stop-color="${colour}"/>`).join('')
  const ticks = [0, 0.5, 1].map((share) => {
    return `<text x="${share * 160}" y="34" font-size="10" text-anchor="middle">${Number((share * highest).toPrecision(3))}</text>`
  })
  return [
    `<g class="scale" transform="translate(8 ${top})">`,
    `<linearGradient id="ramp-${ramp[3]!.slice(1)}">${stops}</linearGradient>`,
    `<rect y="8" width="160" height="12" fill="url(#ramp-${ramp[3]!.slice(1)})" stroke="#bbb"/>`,
    `${ticks.join('')}<text x="176" y="18">${escaped(title)}</text></g>`,
  ].join('')
}

/** The highest value, a little rounded up so that the scale ends in a short number. */
function topOf(panels: readonly HeatMapPanel[]): number {
  let highest = 0
  for (const { values } of panels) for (const row of values) for (const value of row) highest = Math.max(highest, value)
  return highest > 0 ? Number((Math.ceil(highest * 20) / 20).toPrecision(6)) : 1
}

function check({ rows, columns, panels }: HeatMap): void {
  const wrong = (rule: string, got: string, hint?: string) => new DataError({ place: 'heat map', rule, got, hint })
  if (rows.length === 0 || columns.length === 0 || panels.length === 0) {
    throw wrong('needs a row, a column and a panel at least', `${panels.length} panels of [${rows.length}, ${columns.length}]`)
  }
  const cells = rows.length * columns.length * panels.length
  if (cells > MOST_CELLS) {
    const hint = 'show one head, or the mean of all, or a shorter text'
    throw wrong(
      `a picture has at most ${MOST_CELLS} cells`,
      `${panels.length} panels of [${rows.length}, ${columns.length}]`,
      hint,
    )
  }
  for (const { values } of panels) {
    const odd = values.find((row) => row.length !== columns.length)
    if (values.length !== rows.length || odd !== undefined) {
      const got = `[${values.length}, ${(odd ?? values[0] ?? []).length}]`
      throw wrong(`the values of a panel must be [${rows.length}, ${columns.length}]`, got)
    }
    const bad = values.flat().find((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY))
    if (bad !== undefined) throw wrong('values must be numbers from 0', String(bad))
  }
}
