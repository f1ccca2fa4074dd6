import { ShapeError } from '../errors.ts'
import { type Dim, divideDims, elements, mulDims, type Shape } from './dims.ts'
import { formatShape } from './shape.ts'

/** Axes as a pattern writes them: a group is merged into one dimension. */
type Side = string[][]

const parsedSides = new Map<string, [Side, Side]>()

/** How to get from one layout to another: reshape to `split`, transpose by `axes`, reshape to `merged`. */
export function rearrangement(
  pattern: string,
  shape: Shape,
  sizes: Readonly<Record<string, Dim>>,
): { split: Dim[]; axes: number[]; merged: Dim[] } {
  const [left, right] = sides(pattern, shape)
  if (left.length !== shape.length) {
    throw misfit(pattern, shape, `the pattern's left side must have ${shape.length} axes`)
  }
  const dims = new Map<string, Dim>(Object.entries(sizes))
  for (const [axis, group] of left.entries()) solveGroup(group, shape[axis], dims, pattern, shape)
  const order = left.flat()
  const dim = (name: string) => dims.get(name)!
  return {
    split: order.map(dim),
    axes: right.flat().map((name) => order.indexOf(name)),
    merged: right.map((group) => group.map(dim).reduce<Dim>(mulDims, 1)),
  }
}

/** Finds the one size of a group that is not known, and checks the product. */
function solveGroup(group: string[], size: Dim, dims: Map<string, Dim>, pattern: string, shape: Shape): void {
  const unknown = group.filter((name) => !dims.has(name))
  if (unknown.length > 1) throw misfit(pattern, shape, `the sizes of all but one of (${group.join(' ')}) must be given`)
  const known = elements(group.filter((name) => dims.has(name)).map((name) => dims.get(name)!))
  const rest = divideDims(size, known)
  if (rest === undefined || (unknown.length === 0 && rest !== 1 && size !== known)) {
    throw misfit(pattern, shape, `(${group.join(' ')}) = ${known}${unknown.length ? ' × …' : ''} must make ${size}`)
  }
  if (unknown.length === 1) dims.set(unknown[0], rest)
}

function sides(pattern: string, shape: Shape): [Side, Side] {
  const known = parsedSides.get(pattern)
  if (known) return known
  const parts = pattern.split('->')
  const [left, right] = parts.map(parseSide)
  const names = left?.flat() ?? []
  const sorted = (side: Side) => side.flat().sort().join(' ')
  if (parts.length !== 2 || new Set(names).size !== names.length || sorted(left) !== sorted(right)) {
    throw misfit(pattern, shape, 'a pattern is "axes -> axes" with each axis once on both sides')
  }
  parsedSides.set(pattern, [left, right])
  return [left, right]
}

const parseSide = (side: string): Side =>
  [...side.matchAll(/\(([^)]*)\)|(\S+)/g)].map(([, group, name]) => (name ? [name] : group.split(/\s+/).filter(Boolean)))

function misfit(pattern: string, shape: Shape, rule: string): ShapeError {
  return new ShapeError({ place: `rearrange '${pattern}'`, rule, got: formatShape(shape) })
}
