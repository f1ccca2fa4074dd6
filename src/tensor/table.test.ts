/** The walk over the op table: what every op owes. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import { rows } from './finite-differences.contract.ts'
import type { Op } from './op.ts'
import { opTable } from './table.ts'

/** Every op that any loaded module has defined, exported or not. */
const defined = vi.hoisted((): Op[] => [])
vi.mock('./op.ts', () => ({
  defineOp: (op: Op) => {
    defined.push(op)
    return op
  },
}))

/** Why an op has no golden case. */
const noGoldenCase: Record<string, string> = {
  input: 'PyTorch runs as it traces: a value is there, it does not arrive',
  constant: 'in PyTorch a tensor is its value',
  dimension: 'a size is a plain number in PyTorch',
  tap: 'PyTorch has hooks instead of names for values',
  after: 'PyTorch runs in the order of its lines',
  uniform: 'PyTorch draws other bits; every engine must draw the same (engine/engine.test.ts)',
  dropout: 'PyTorch draws another mask',
  attentionWithWeights: "PyTorch's attention returns no weights; the gradients in the cases of `attention` are this op's",
  recompute: 'holds a graph, which a case cannot',
  scan: 'holds a graph, which a case cannot',
  lstm: 'has golden numbers of its own, with gradients: test/golden/recurrent.json',
  lstmWithSlopes: 'what `lstm` becomes where it is differentiated',
  gru: 'has golden numbers of its own, with gradients: test/golden/recurrent.json',
  gruWithSlopes: 'what `gru` becomes where it is differentiated',
}

type GoldenCase = { op: string; gradients: unknown[] }

const golden = new URL('../../test/golden/ops/', import.meta.url)
const cases = readdirSync(golden).flatMap((file): GoldenCase[] => JSON.parse(readFileSync(new URL(file, golden), 'utf8')).cases)
const withCase = new Set(cases.map(({ op }) => op))
const withGradient = new Set(cases.filter(({ gradients }) => gradients.some(Boolean)).map(({ op }) => op))

const ops = [...opTable.values()]
const names = (list: readonly Op[]) => list.map(({ name }) => name)
const hasGradient = ({ gradient }: Op) => gradient !== 'none'

it('every op is a primitive, with lowering, kernel and gradient, or a composite, with a decomposition and no kernel', () => {
  const missing = ops.flatMap((op) => {
    if (op.decompose) return op.kernel ? [`${op.name}: kernel and decompose`] : []
    return (['lower', 'kernel', 'gradient'] as const).filter((rule) => !op[rule]).map((rule) => `${op.name}: no ${rule}`)
  })
  expect(missing).toEqual([])
})

it('every op can be differentiated, or says that it is constant', () => {
  expect(names(ops.filter((op) => !op.gradient && !op.differentiable && !op.decompose))).toEqual([])
})

it('every op stands under its own name', () => {
  expect([...opTable].filter(([key, { name }]) => key !== name).map(([key]) => key)).toEqual([])
})

it('every op that is defined is in the table, under a name that no other has', async () => {
  const sources = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(file))
    .filter((file) => readFileSync(new URL(file, import.meta.url), 'utf8').includes('defineOp'))
  await Promise.all(sources.map((file) => import(new URL(file, import.meta.url).href)))
  expect(names(defined.filter((op) => opTable.get(op.name) !== op))).toEqual([])
  expect(names(defined).sort()).toEqual(names(ops).sort())
})

it('every op has a golden case, with a gradient where it has one, or a reason why there is none', () => {
  const missing = names(ops.filter(({ name }) => !withCase.has(name) && !(name in noGoldenCase)))
  expect(missing, 'add cases to test/golden/ops.py').toEqual([])
  const flat = names(ops.filter((op) => hasGradient(op) && withCase.has(op.name) && !withGradient.has(op.name)))
  expect(flat, 'add a case with a gradient to test/golden/ops.py').toEqual([])
  expect(Object.keys(noGoldenCase).filter((name) => withCase.has(name) || !opTable.has(name))).toEqual([])
  expect([...withCase].filter((name) => !opTable.has(name))).toEqual([])
})

it('every op that has a gradient has finite differences, and no other', () => {
  const missing = names(ops.filter((op) => hasGradient(op) && !(op.name in rows)))
  expect(missing, 'add a row to finite-differences.contract.ts').toEqual([])
  expect(Object.keys(rows).filter((name) => !opTable.has(name) || !hasGradient(opTable.get(name)!))).toEqual([])
})
