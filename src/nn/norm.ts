import { ones, param, zeroInit } from '../tensor/index.ts'

/** Gain and bias [C] of a `layerNorm`: the identity at first. */
export const layerNormSpec = (C: number) => ({ gain: param([C], ones), bias: param([C], zeroInit) })

/** Gain [C] of an `rmsNorm`. */
export const rmsNormSpec = (C: number) => ({ gain: param([C], ones) })
