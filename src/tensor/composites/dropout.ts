import { ConfigError } from '../../errors.ts'
import { defineOp } from '../op.ts'
import { expectTypes } from '../shape.ts'
import { apply1, type Tensor, uniform } from '../tensor.ts'

export const dropoutOp = defineOp<{ rate: number; salt: number }>({
  name: 'dropout',
  infer([x, seed], { rate }) {
    expectTypes(x.dtype === 'f32' && seed.dtype === 'i32', 'dropout', 'takes an f32 tensor and an i32 seed', [x, seed])
    if (!(rate >= 0 && rate < 1))
      throw new ConfigError({ place: 'dropout', rule: 'rate must be from 0 to below 1', got: `${rate}` })
    return [x]
  },
  decompose([x, seed], { rate, salt }) {
    const kept = uniform(seed, x.shape, salt).greaterOrEqual(rate)
    return [kept.where(x.mul(1 / (1 - rate)), 0)]
  },
})

/** Randomness of one pass through a model: a seed that arrives with each run, and a salt that tells one use from another. */
export class Rng {
  readonly seed: Tensor
  #uses = 0

  /** @param seed  i32 scalar */
  constructor(seed: Tensor) {
    this.seed = seed
  }

  /** A number that no other use in this pass has. */
  salt(): number {
    return this.#uses++
  }
}

/**
 * Sets each element to zero with probability `rate` and scales the rest to keep the mean; without `rng`, the identity.
 *
 * Srivastava et al. 2014. The mask is a function of the seed, so a run repeats exactly.
 */
export const dropout = (x: Tensor, rate: number, rng?: Rng): Tensor =>
  rng && rate > 0 ? apply1(dropoutOp, [x, rng.seed], { rate, salt: rng.salt() }) : x
