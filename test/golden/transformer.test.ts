import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readParams } from '../../src/checkpoints/parameters.ts'
import { namingOf } from '../../src/checkpoints/seq2seq.ts'
import { contradiction, type TransformerConfig } from '../../src/models/transformer/config.ts'
import { decode, encode, encoderStates, type Transformer } from '../../src/models/transformer/model.ts'
import { transformerArchitectures } from '../../src/models/transformer/weights.ts'
import { valueAndGrad } from '../../src/tensor/autodiff.ts'
import { compile, inputSpec, isNdArray } from '../../src/tensor/compile.ts'
import { crossEntropy, type NdArray, ndarray, paramInputs, type Tensor } from '../../src/tensor/index.ts'
import { leavesOf } from '../../src/tensor/tree.ts'
import { type Checksum, distance } from './formula.ts'

type Case = {
  checkpoint: string
  sources: number[][]
  lengths: number[]
  targets: number[][]
  encoderStates: Checksum
  logits: Checksum
}
type Slopes = Omit<Case, 'encoderStates' | 'logits'> & { labels: number[][]; loss: number; gradients: Record<string, Checksum> }
type Golden = {
  tolerance: { encoderStates: number; logits: number; gradients: number }
  cases: Case[]
  gradients: Slopes[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('transformer.json', import.meta.url), 'utf8'))
const folderOf = (name: string) => fileURLToPath(new URL(`checkpoints/${name}`, import.meta.url))

const rows = (lists: readonly (readonly number[])[]): NdArray =>
  ndarray(Int32Array.from(lists.flat()), [lists.length, lists[0].length], 'i32')
const maskOf = ({ lengths, sources }: Pick<Case, 'lengths' | 'sources'>): NdArray => {
  const S = sources[0].length
  const real = lengths.flatMap((length) => Array.from({ length: S }, (_, s) => Number(s < length)))
  return ndarray(Uint8Array.from(real), [lengths.length, S], 'bool')
}

async function load(name: string) {
  const json = JSON.parse(readFileSync(`${folderOf(name)}/config.json`, 'utf8'))
  const architecture = transformerArchitectures.find(({ modelType }) => modelType === json.model_type)!
  const config = architecture.fromJson(architecture.schema.parse(json), (rule) => new Error(rule) as never)
  const model = architecture.model(config)
  const params = await readParams(folderOf(name), model.spec, namingOf(architecture, config))
  return { config, model, architecture, params }
}

const idsSpec = inputSpec(['batch', 'tokens'], 'i32')
const sourceSpecs = [inputSpec(['batch', 'source'], 'i32'), inputSpec(['batch', 'source'], 'bool')] as const

const forward = (config: TransformerConfig) => (p: Transformer, source: Tensor, mask: Tensor, target: Tensor) => {
  const states = encoderStates(p, source, mask, config)
  const { logits } = decode(p, target, encode(p, states, config), mask, config)
  return { states: mask.unsqueeze(-1).where(states, 0), logits }
}

const names = [...new Set(golden.cases.map(({ checkpoint }) => checkpoint))]

describe.each(names)('%s, as transformers computes it', (name) => {
  it('encoder states and logits', async () => {
    const { config, model, params } = await load(name)
    expect(contradiction(config)).toBeUndefined()
    const specs = [paramInputs(model.spec), ...sourceSpecs, idsSpec] as const
    using program = await compile(forward(config) as never, specs as never, { threads: 2 })
    for (const one of golden.cases.filter(({ checkpoint }) => checkpoint === name)) {
      const inputs = [params, rows(one.sources), maskOf(one), rows(one.targets)]
      const { states, logits } = (await program.run(...(inputs as never))) as unknown as Record<string, NdArray>
      expect(distance(states.data, one.encoderStates)).toBeLessThan(golden.tolerance.encoderStates)
      expect(distance(logits.data, one.logits)).toBeLessThan(golden.tolerance.logits)
    }
  })
})

describe.each(golden.gradients)('$checkpoint', ({ checkpoint, ...one }) => {
  it('gradients of the loss', async () => {
    const { model, architecture, params } = await load(checkpoint)
    const loss = (p: unknown, source: Tensor, mask: Tensor, target: Tensor, labels: Tensor) =>
      crossEntropy(model.decode(p, target, model.encode(p, source, mask), mask).logits, labels)
    const specs = [paramInputs(model.spec), ...sourceSpecs, idsSpec, idsSpec] as const
    using program = await compile(valueAndGrad(loss) as never, specs as never, { threads: 2 })
    const inputs = [params, rows(one.sources), maskOf(one), rows(one.targets), rows(one.labels)]
    const { value, grad } = (await program.run(...(inputs as never))) as unknown as { value: NdArray; grad: unknown }
    expect(value.data[0]).toBeCloseTo(one.loss, 4)
    // a buffer to PyTorch; and biases that change nothing, whose gradients are rounding errors
    const checked = leavesOf(grad, isNdArray).filter(([path]) => path !== 'logitsBias' && !path.endsWith('k.bias'))
    expect(checked.map(([path]) => architecture.nameOf(path)).sort()).toEqual(Object.keys(one.gradients).sort())
    for (const [path, { data }] of checked) {
      const at = architecture.nameOf(path)
      expect(distance(data, one.gradients[at]), at).toBeLessThan(golden.tolerance.gradients)
    }
  })
})
