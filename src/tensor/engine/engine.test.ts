import { describe, expect, it } from 'vitest'
import { engines, evaluate, ids, numbersOf } from '../check.contract.ts'
import { type Tensor, uniform } from '../tensor.ts'
import { engineContract } from './engine.contract.ts'

describe.each(engines)('$title', ({ options }) => engineContract(options))

it.each([
  [0, 0],
  [1, 0],
  [-1, 3],
  [2 ** 31 - 1, 1000],
  [-(2 ** 31), 2 ** 31 - 1],
])('every engine draws the same bits from seed %i and salt %i', async (seed, salt) => {
  const draw = (seed: Tensor) => uniform(seed, [3, 1000], salt)
  const [reference, ...others] = await Promise.all(engines.map(({ options }) => evaluate(draw, [ids([seed], [])], options)))
  for (const other of others) expect(numbersOf(other)).toEqual(numbersOf(reference))
})
