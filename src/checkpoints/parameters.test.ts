import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSafetensors, type SafetensorsInput, writeSafetensors } from '../formats/safetensors.ts'
import { isNdArray } from '../tensor/compile.ts'
import { castArray, ndarray } from '../tensor/ndarray.ts'
import { leavesOf } from '../tensor/tree.ts'
import { loadCausalLm } from './causal-lm.ts'

const tiny = fileURLToPath(new URL('../../test/golden/checkpoints/gpt2-tiny', import.meta.url))

let folder: string
let tensors: Map<string, SafetensorsInput & { data: Float32Array }>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-parameters-'))
  await cp(join(tiny, 'config.json'), join(folder, 'config.json'))
  await using file = await openSafetensors(join(tiny, 'model.safetensors'))
  tensors = new Map()
  for (const [name, { shape, read }] of file.tensors)
    tensors.set(name, { dtype: 'F32', shape, data: (await read()) as Float32Array })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (name: string, entries: Iterable<readonly [string, SafetensorsInput]>) =>
  writeSafetensors(join(folder, name), entries, { format: 'pt' })

async function numbers(path: string): Promise<number[]> {
  const { params } = await loadCausalLm(path)
  return leavesOf(params, isNdArray).flatMap(([, { data }]) => Array.from(data))
}

describe('a checkpoint', () => {
  it('may come in shards, without the prefix, with masks of old, and with the output layer that is the embedding', async () => {
    const short = [...tensors].map(([name, tensor]) => [name.replace('transformer.', ''), tensor] as const)
    const mask: SafetensorsInput = { dtype: 'U8', shape: [2], data: new Uint8Array(2) }
    const shards = [
      [...short.slice(0, 9), ['h.0.attn.bias', mask] as const],
      [...short.slice(9), ['lm_head.weight', tensors.get('transformer.wte.weight')!] as const],
    ]
    const weightMap: Record<string, string> = {}
    for (const [i, entries] of shards.entries()) {
      await write(`part-${i}.safetensors`, entries)
      for (const [name] of entries) weightMap[name] = `part-${i}.safetensors`
    }
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }))
    expect(await numbers(folder)).toEqual(await numbers(tiny))
  })

  it.each([
    ['F16', 'f16'],
    ['BF16', 'bf16'],
  ] as const)('in %s is widened', async (dtype, narrow) => {
    const stored = [...tensors].map(([name, { shape, data }]) => {
      return [name, { dtype, shape, data: castArray(ndarray(data, shape), narrow).data }] as const
    })
    await write('model.safetensors', stored)
    const want = (await numbers(tiny)).map((x) => castArray(castArray(ndarray([x], [1]), narrow), 'f32').data[0])
    expect(await numbers(folder)).toEqual(want)
  })

  it.each<[string, () => void, RegExp]>([
    ['lacks a tensor', () => tensors.delete('transformer.ln_f.bias'), /ln_f\.bias[\s\S]*no such tensor/],
    [
      'has one too many',
      () => tensors.set('transformer.h.9.ln_1.bias', tensors.get('transformer.ln_f.bias')!),
      /leaves no place/,
    ],
    [
      'has one of another shape',
      () => tensors.set('transformer.ln_f.bias', { dtype: 'F32', shape: [2], data: new Float32Array(2) }),
      /F32 \[2\]/,
    ],
  ])('that %s is refused', async (_, damage, message) => {
    damage()
    await write('model.safetensors', tensors)
    await expect(loadCausalLm(folder)).rejects.toThrow(message)
    await expect(loadCausalLm(folder)).rejects.toMatchObject({ code: 'format' })
  })

  it('in shards is what lies in them, and all that the index names', async () => {
    const index = (map: object) => writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
    const names = [...tensors.keys()]
    await write('part.safetensors', tensors)
    await index({ [names[0]]: 'part.safetensors' })
    expect(await numbers(folder)).toEqual(await numbers(tiny))
    await write('other.safetensors', [['lm_head.weight', tensors.get('transformer.wte.weight')!]])
    await index({ [names[0]]: 'part.safetensors', [names[1]]: 'other.safetensors' })
    await expect(loadCausalLm(folder)).rejects.toThrow(/a shard holds what the index says: '.*' in other\.safetensors/)
  })

  it('that is a pickle is refused with a way out', async () => {
    await writeFile(join(folder, 'pytorch_model.bin'), 'PK')
    await expect(loadCausalLm(folder)).rejects.toThrow(/weights are read from model\.safetensors[\s\S]*save_pretrained/)
  })

  it.each(['../elsewhere.safetensors', '/etc/passwd', 'sub/x.safetensors'])('does not read %s', async (path) => {
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { x: path } }))
    await expect(loadCausalLm(folder)).rejects.toThrow('a shard is a .safetensors file in the same folder')
  })
})
