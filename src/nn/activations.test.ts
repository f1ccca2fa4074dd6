import { expect, it } from 'vitest'
import golden from '../../test/golden/activations.json' with { type: 'json' }
import { compile, inputSpec, ndarray } from '../tensor/index.ts'
import { type Activation, activationNames, activations } from './activations.ts'

it('all have expected numbers', () =>
  expect(golden.cases.map(({ name }) => name).toSorted()).toEqual([...activationNames].sort()))

it.each(golden.cases)('$name: as transformers compute it', async ({ name, outputs }) => {
  const specs = [inputSpec([golden.inputs.length])] as const
  using program = await compile((x) => activations[name as Activation](x), specs, { threads: 1 })
  const { data } = await program.run(ndarray(Float32Array.from(golden.inputs), [golden.inputs.length]))
  for (const [i, y] of outputs.entries()) expect(Math.abs(data[i] - y)).toBeLessThan(golden.tolerance * Math.max(1, Math.abs(y)))
})
