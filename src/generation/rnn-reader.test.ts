import { expect, it } from 'vitest'
import { rnnLmOf, rnnLmSpec } from '../models/rnn-lm/model.ts'
import { compile, initParams, inputSpec, type NdArray, ndarray, type Tensor } from '../tensor/index.ts'
import { paramInputs } from '../tensor/params.ts'
import { RnnReader } from './rnn-reader.ts'

const config = { vocabSize: 20, hiddenSize: 8, numLayers: 2, dropout: 0, contextLength: 16 }
const params = initParams(rnnLmSpec(config), 5)
const tokens = Int32Array.of(3, 1, 4, 1, 5, 9, 2, 6)
const column = (ids: ArrayLike<number>, B = 1): NdArray => ndarray(Int32Array.from(ids), [B, ids.length / B], 'i32')

it('a recurrent model reads piece by piece, and in several sequences, as at once', async () => {
  const lm = rnnLmOf(config)
  const forward = (p: unknown, ids: Tensor) => lm.forward(p, ids).logits
  using program = await compile(forward as never, [paramInputs(lm.spec), inputSpec(['batch', 'tokens'], 'i32')] as never)
  const { data } = (await program.run(...([params, column(tokens)] as never))) as unknown as NdArray
  const want = (t: number) => Array.from(data.subarray(t * 20, (t + 1) * 20))
  const expectClose = (got: Float32Array, t: number) => {
    for (const [i, x] of want(t).entries()) expect(got[i]).toBeCloseTo(x, 5)
  }
  using reader = await RnnReader.compile(config, params)
  const memory = reader.memory()
  expectClose(await reader.read(memory, column(tokens.subarray(0, 3))), 2)
  expectClose(await reader.read(memory, column(tokens.subarray(3, 4))), 3)
  const two = memory.repeat(2)
  const logits = await reader.read(two, column([tokens[4], 0], 2))
  expectClose(logits.subarray(0, 20), 4)
  expectClose(await reader.read(memory, column(tokens.subarray(4))), 7)
})
