import type { Crew } from './crew.ts'
import { type Flat, flatZeros, type Range, rangesOf } from './flat.ts'
import { adamW as adamWKernel, sumOfSquares } from './flat-kernels.js'

/** Moves parameters along their gradients. Its moments are state: they are saved and resumed with the model. */
export interface Optimizer<Spec> {
  /** Named buffers that a checkpoint must keep. */
  readonly moments: Readonly<Record<string, Flat<Spec>>>
  /**
   * One update in place.
   *
   * @param options.step  counted from 1
   * @param options.gradientScale  factor on the gradients, as clipping asks
   * @param options.crew  threads to share the work
   */
  update(values: Flat<Spec>, gradients: Flat<Spec>, options: UpdateOptions): Promise<void>
}

export type UpdateOptions = { step: number; learningRate: number; gradientScale?: number; crew?: Crew }

export type AdamWOptions = {
  beta1?: number
  beta2?: number
  epsilon?: number
  weightDecay?: number
  /** Which parameters decay; by default matrices do, gains and biases do not. */
  decays?: (parameter: Range) => boolean
}

/**
 * Adam with decoupled weight decay: w ← w − η·(m̂ / (√v̂ + ε) + λ·w).
 *
 * Kingma & Ba 2015; Loshchilov & Hutter 2019.
 */
export function adamW<Spec>(spec: Spec, options: AdamWOptions = {}): Optimizer<Spec> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, decays = ({ rank }) => rank >= 2 } = options
  const ranges = rangesOf(spec)
  const moments = { first: flatZeros(spec), second: flatZeros(spec) }
  return {
    moments,
    async update(values, gradients, { step, learningRate, gradientScale = 1, crew }) {
      const rate = learningRate / (1 - beta1 ** step)
      const correction = 1 / (1 - beta2 ** step)
      const buffers = [values.data, gradients.data, moments.first.data, moments.second.data]
      const constants = { gradientScale, beta1, beta2, rate, correction, epsilon }
      const keeping = ranges.map((range) => ({
        start: range.start,
        end: range.end,
        keep: decays(range) ? 1 - learningRate * weightDecay : 1,
      }))
      const { length } = values.data
      if (crew) await crew.run('adamW', length, buffers, keeping, constants)
      else adamWKernel(0, length, buffers, keeping, constants)
    },
  }
}

export type SgdOptions = { momentum?: number }

/** Stochastic gradient descent with momentum: u ← μ·u + g, w ← w − η·u. Sutskever et al. 2013, as in PyTorch. */
export function sgd<Spec>(spec: Spec, { momentum = 0 }: SgdOptions = {}): Optimizer<Spec> {
  const velocity = flatZeros(spec)
  return {
    moments: momentum > 0 ? { velocity } : {},
    async update({ data: w }, { data: g }, { learningRate, gradientScale = 1 }) {
      const u = velocity.data
      for (let i = 0; i < w.length; i++) {
        u[i] = momentum * u[i] + g[i] * gradientScale
        w[i] -= learningRate * u[i]
      }
    },
  }
}

/** √Σx², of all gradients together. */
export const globalNorm = (data: Float32Array): number => Math.sqrt(sumOfSquares(0, data.length, data))

/** The factor that brings a norm down to `maxNorm` (Pascanu et al. 2013); 1 where it is below already. */
export const clipScale = (norm: number, maxNorm: number): number => Math.min(1, maxNorm / (norm + 1e-6))
