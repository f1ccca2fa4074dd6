/** Parameters before they exist: shapes and initialisers, no data. */
import { type InputSpec, inputSpec } from './compile.ts'
import { type NdArray, zeros as zeroArray } from './ndarray.ts'
import { Random } from './random.ts'
import { count } from './shape.ts'
import type { Tensor } from './tensor.ts'
import { leavesOf, type MapLeaves, mapTree } from './tree.ts'

/** Fills a parameter's first values. */
export type Initialiser = (data: Float32Array, random: Random) => void

export type ParamSpec = { readonly kind: 'param'; readonly shape: readonly number[]; readonly init: Initialiser }

/** The tree of a spec with tensors for leaves: what a model function takes. */
export type ParamsOf<Spec> = MapLeaves<Spec, ParamSpec, Tensor>
/** The same with arrays: what a program takes. */
export type ParamArrays<Spec> = MapLeaves<Spec, ParamSpec, NdArray>

export const param = (shape: readonly number[], init: Initialiser): ParamSpec => ({ kind: 'param', shape, init })

export const zeros: Initialiser = () => {}
export const ones: Initialiser = (data) => {
  data.fill(1)
}
/** Normal with mean 0. */
export const normal =
  (std: number): Initialiser =>
  (data, random) => {
    for (let i = 0; i < data.length; i++) data[i] = std * random.normal()
  }
/** Uniform from −limit to limit. */
export const uniform =
  (limit: number): Initialiser =>
  (data, random) => {
    for (let i = 0; i < data.length; i++) data[i] = limit * (2 * random.uniform() - 1)
  }

/** Uniform, so that variances stay in both directions. Glorot & Bengio 2010. */
export const xavierUniform = (nIn: number, nOut: number): Initialiser => uniform(Math.sqrt(6 / (nIn + nOut)))

export const isParamSpec = (value: unknown): value is ParamSpec => (value as ParamSpec | undefined)?.kind === 'param'

/** Allocates and fills the parameters. Each draws from a stream of its own, named by its path. */
export const initParams = <Spec>(spec: Spec, seed: number): ParamArrays<Spec> =>
  mapTree(spec, isParamSpec, ({ shape, init }, path) => {
    const array = zeroArray(shape)
    init(array.data as Float32Array, new Random(seed, path))
    return array
  })

/** The parameters as inputs of a program. */
export const paramInputs = <Spec>(spec: Spec): MapLeaves<Spec, ParamSpec, InputSpec> =>
  mapTree(spec, isParamSpec, ({ shape }) => inputSpec(shape))

/** Number of parameters in all. */
export const countParams = (spec: unknown): number =>
  leavesOf(spec, isParamSpec).reduce((sum, [, { shape }]) => sum + count(shape), 0)
