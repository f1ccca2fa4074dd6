import { type Initialiser, type ParamsOf, param, zeroInit } from '../tensor/index.ts'

/** Weight [in, out] and bias [out] of a `linear`. */
export const linearSpec = (nIn: number, nOut: number, init: Initialiser) => ({
  weight: param([nIn, nOut], init),
  bias: param([nOut], zeroInit),
})

export type Linear = ParamsOf<ReturnType<typeof linearSpec>>
