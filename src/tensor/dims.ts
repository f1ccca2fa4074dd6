import { internal } from '../errors.ts'
/**
 * Dimensions: a number, or a polynomial in named sizes written as canonical text.
 *
 * `'batch'` is a name; `'batch*tokens'` is what a reshape makes of two; `'past+tokens'` is what a concatenation makes.
 * Canonical text makes two equal dimensions equal strings.
 */
export type Dim = number | string
export type Shape = readonly Dim[]

/** Sizes that the names of a program's inputs took in one run. */
export type Bindings = ReadonlyMap<string, number>

/** Monomial (names joined by `*`, '' for the constant) to coefficient. */
type Polynomial = ReadonlyMap<string, number>

const parsed = new Map<string, Polynomial>()

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map(dim === 0 ? [] : [['', dim]])
  let polynomial = parsed.get(dim)
  if (!polynomial) {
    polynomial = new Map(dim.split('+').map(parseTerm))
    parsed.set(dim, polynomial)
  }
  return polynomial
}

function parseTerm(term: string): [string, number] {
  const factors = term.split('*')
  const coefficient = /^-?\d+$/.test(factors[0]) ? Number(factors.shift()) : 1
  return [factors.sort().join('*'), coefficient]
}

function print(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0)
  if (terms.length === 0) return 0
  if (terms.length === 1 && terms[0][0] === '') return terms[0][1]
  terms.sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1))
  return terms
    .map(([names, coefficient]) => (names === '' ? `${coefficient}` : coefficient === 1 ? names : `${coefficient}*${names}`))
    .join('+')
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  const sum = new Map(parse(a))
  for (const [names, coefficient] of parse(b)) sum.set(names, (sum.get(names) ?? 0) + coefficient)
  return print(sum)
}

export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  const product = new Map<string, number>()
  for (const [namesA, coefficientA] of parse(a)) {
    for (const [namesB, coefficientB] of parse(b)) {
      const names = [...namesA.split('*'), ...namesB.split('*')].filter(Boolean).sort().join('*')
      product.set(names, (product.get(names) ?? 0) + coefficientA * coefficientB)
    }
  }
  return print(product)
}

export const subDims = (a: Dim, b: Dim): Dim => addDims(a, mulDims(-1, b))

/** `a / b` where it is exact for every size of the names, otherwise undefined. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b && a !== 0) return 1
  const divisor = [...parse(b)]
  if (divisor.length !== 1) return undefined
  const [[divisorNames, divisorCoefficient]] = divisor
  const quotient = new Map<string, number>()
  for (const [names, coefficient] of parse(a)) {
    const rest = withoutFactors(names.split('*').filter(Boolean), divisorNames.split('*').filter(Boolean))
    if (!rest || coefficient % divisorCoefficient !== 0) return undefined
    quotient.set(rest.join('*'), coefficient / divisorCoefficient)
  }
  return print(quotient)
}

function withoutFactors(names: string[], factors: string[]): string[] | undefined {
  const rest = [...names]
  for (const factor of factors) {
    const at = rest.indexOf(factor)
    if (at < 0) return undefined
    rest.splice(at, 1)
  }
  return rest
}

/** Number of elements of a shape. */
export const elements = (shape: Shape): Dim => shape.reduce<Dim>(mulDims, 1)

/** The size of `dim` once its names are known. */
export function bindDim(dim: Dim, bindings: Bindings): number {
  if (typeof dim === 'number') return dim
  let size = 0
  for (const [names, coefficient] of parse(dim)) {
    size += names.split('*').reduce((product, name) => product * (name === '' ? 1 : bound(name, bindings)), coefficient)
  }
  return size
}

function bound(name: string, bindings: Bindings): number {
  const size = bindings.get(name)
  if (size === undefined) throw internal(`dimension '${name}' is not bound by any input`)
  return size
}

export const bindShape = (shape: Shape, bindings: Bindings): number[] => shape.map((dim) => bindDim(dim, bindings))

/** The terms of a dimension: coefficient and the names it multiplies. */
export function terms(dim: Dim): { coefficient: number; names: string[] }[] {
  return [...parse(dim)].map(([names, coefficient]) => ({ coefficient, names: names.split('*').filter(Boolean) }))
}

export const isName = (dim: Dim): dim is string => typeof dim === 'string' && /^[A-Za-z_]\w*$/.test(dim)
