import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rnnArchitecture } from '../../src/models/rnn/weights.ts'
import { valueAndGrad } from '../../src/tensor/autodiff.ts'
import { compile, isNdArray, specsOf } from '../../src/tensor/compile.ts'
import { onnxruntime } from '../../src/tensor/engine/onnxruntime/engine.ts'
import { reference } from '../../src/tensor/engine/reference.ts'
import { crossEntropy, type NdArray, ndarray, type Tensor, withTaps } from '../../src/tensor/index.ts'
import { isParamSpec } from '../../src/tensor/params.ts'
import { leavesOf, mapTree } from '../../src/tensor/tree.ts'
import { type Checksum, distance, integers, values } from './formula.ts'

type Case = {
  config: any
  logits: number[]
  weights?: number[]
  loss: number
  parameters: { name: string; shape: number[]; salt: number; gradient: Checksum }[]
}
type Golden = {
  sizes: { lengths: number[]; T: number; scale: number }
  tolerance: { logits: number; weights: number; gradients: number }
  cases: Case[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('rnn_seq2seq.json', import.meta.url), 'utf8'))
const { sizes, tolerance, cases } = golden
const { lengths, T, scale } = sizes
const [B, S] = [lengths.length, Math.max(...lengths)]

const titled = cases.map((golden): [string, Case] => {
  const { cell, attention, bidirectional, ...more } = golden.config
  const options = ['context_input', 'share_embeddings'].filter((name) => more[name])
  const said = [cell, `attention ${attention}`, ...(bidirectional ? ['bidirectional'] : []), ...options]
  return [`${said.join(', ')}, ${more.num_hidden_layers} layers${more.tie_word_embeddings ? '' : ', not tied'}`, golden]
})

function expectClose(got: NdArray, want: readonly number[], tolerance: number, what: string): void {
  expect(got.data, what).toHaveLength(want.length)
  expect(Math.max(...want.map((x, i) => Math.abs(x - got.data[i]) / Math.max(1, Math.abs(x)))), what).toBeLessThan(tolerance)
}

describe.each([
  { title: 'reference', engine: reference },
  { title: 'onnxruntime', engine: onnxruntime },
])('recurrent encoder–decoders on $title, as torch modules compute them', ({ engine }) => {
  it.each(titled)('%s', async (_, { config, logits, weights, loss, parameters }) => {
    const sizes = rnnArchitecture.fromJson(rnnArchitecture.schema.parse(config), (rule) => new Error(rule) as never)
    const model = rnnArchitecture.model(sizes)
    const recipes = new Map(parameters.map((recipe) => [recipe.name, recipe]))
    const params = mapTree(model.spec, isParamSpec, ({ shape }, path) => {
      expect(shape, path).toEqual(recipes.get(path)?.shape)
      return ndarray(values(shape, recipes.get(path)!.salt, scale), shape)
    })
    const i32 = (shape: number[], salt: number, below: number) => ndarray(integers(shape, salt, below), shape, 'i32')
    const batch = {
      source: i32([B, S], 900, model.sourceVocabSize),
      mask: ndarray(
        Uint8Array.from({ length: B * S }, (_, i) => Number(i % S < lengths[Math.floor(i / S)])),
        [B, S],
        'bool',
      ),
      ids: i32([B, T], 901, model.vocabSize),
      targets: i32([B, T], 902, model.vocabSize),
    }
    const f = (p: unknown, { source, mask, ids, targets }: Record<string, Tensor>) => {
      const logitsOf = (p: unknown) => model.decode(p, ids, model.encode(p, source, mask), mask).logits
      const differentiated = valueAndGrad((p: unknown) => crossEntropy(logitsOf(p), targets))(p)
      return { ...differentiated, seen: withTaps(logitsOf(p), ['crossAttention']) }
    }
    using program: any = await compile(f as any, [specsOf(params), specsOf(batch)] as any, { engine, threads: 1 })
    const { value, grad, seen } = await program.run(params, batch)
    expectClose(seen.result, logits, tolerance.logits, 'logits')
    if (weights) expectClose(seen.taps.crossAttention[0], weights, tolerance.weights, 'weights')
    else expect(seen.taps.crossAttention).toEqual([])
    expect(value.data[0]).toBeCloseTo(loss, 5)
    const found = leavesOf<NdArray>(grad, isNdArray)
    expect(found).toHaveLength(parameters.length)
    for (const [path, { data }] of found) {
      expect(distance(data, recipes.get(path)!.gradient), path).toBeLessThan(tolerance.gradients)
    }
  })
})
