/** Parameters out of safetensors files, checked by name and shape before a byte is read. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FormatError } from '../errors.ts'
import { openSafetensors, type SafetensorsFile, type SafetensorsTensor } from '../formats/safetensors.ts'
import { readJson } from '../models/model-config.ts'
import { castArray, type NdArray, ndarray, zeros } from '../tensor/ndarray.ts'
import { isParamSpec, type ParamArrays } from '../tensor/params.ts'
import { leavesOf, withLeaves } from '../tensor/tree.ts'

const WHOLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'

/** Names of the tensors in a folder's safetensors files. @throws as readParams, where there are none */
export async function tensorNames(folder: string): Promise<ReadonlySet<string>> {
  await using checkpoint = await openCheckpoint(folder)
  return new Set(checkpoint.tensors.keys())
}

/** How the tensors of a file are named. */
export type Naming = {
  nameOf: (path: string) => string
  /** Names that stand for that one in some files. */
  otherNames?: (path: string) => readonly string[]
  /** What may stand before every name or be left out. */
  prefix: string
  /** Tensors that may be there and are not needed. */
  isSpare: (name: string) => boolean
  /** Tensors that may be missing, and are then zeros. */
  isOptional?: (name: string) => boolean
}

const FLOATS = { F32: 'f32', F16: 'f16', BF16: 'bf16' } as const

/**
 * The parameters of a spec from a folder's model.safetensors, or from the shards that its index names; 16-bit ones are widened.
 *
 * @throws FormatError for a tensor that is missing, of another shape, not a float, or that the spec leaves no place for
 */
export async function readParams<Spec>(folder: string, spec: Spec, naming: Naming): Promise<ParamArrays<Spec>> {
  await using checkpoint = await openCheckpoint(folder)
  const { tensors, place } = checkpoint
  const wanted = leavesOf(spec, isParamSpec).map(([path, { shape }]) => ({ name: inFile(tensors, naming, path), shape }))
  const known = new Set(wanted.map(({ name }) => name))
  const extra = [...tensors.keys()].find((name) => !known.has(name) && !isSpare(name, naming))
  if (extra !== undefined) throw new FormatError({ place, rule: `config.json leaves no place for the tensor '${extra}'` })
  const arrays: NdArray[] = []
  for (const { name, shape } of wanted) {
    const isAbsent = !tensors.has(name) && naming.isOptional?.(name)
    arrays.push(isAbsent ? zeros(shape) : await readParam(place, name, shape, tensors.get(name)))
  }
  return withLeaves(spec, isParamSpec, arrays)
}

function inFile(tensors: ReadonlyMap<string, unknown>, { nameOf, otherNames, prefix }: Naming, path: string): string {
  const names = [nameOf(path), ...(otherNames?.(path) ?? [])]
  const spelt = names.flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]))
  return spelt.find((name) => tensors.has(name)) ?? names[0]
}

const isSpare = (name: string, naming: Naming): boolean => naming.isSpare(name) || naming.isSpare(naming.prefix + name)

async function readParam(place: string, name: string, shape: readonly number[], tensor: SafetensorsTensor | undefined) {
  if (!tensor || !(tensor.dtype in FLOATS) || tensor.shape.join() !== shape.join()) {
    throw new FormatError({
      place,
      rule: `config.json asks for '${name}' as F32, F16 or BF16 [${shape}]`,
      got: tensor ? `${tensor.dtype} [${tensor.shape}]` : 'no such tensor',
      hint: 'take config.json and the weights from the same model',
    })
  }
  const stored = ndarray((await tensor.read()) as Float32Array, shape, FLOATS[tensor.dtype as keyof typeof FLOATS])
  return castArray(stored, 'f32')
}

type Checkpoint = AsyncDisposable & { place: string; tensors: ReadonlyMap<string, SafetensorsTensor> }

const SHARDS = z.object({ weight_map: z.record(z.string(), z.string()) })

async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const isSharded = (await exists(join(folder, INDEX))) && !(await exists(join(folder, WHOLE)))
  if (!isSharded) {
    const file = await openSafetensors(join(folder, WHOLE))
    return { place: join(folder, WHOLE), tensors: file.tensors, [Symbol.asyncDispose]: file.close }
  }
  const place = join(folder, INDEX)
  const index = SHARDS.safeParse(await readJson(place))
  if (!index.success) throw new FormatError({ place, rule: 'must map names of tensors to files in weight_map' })
  const { weight_map } = index.data
  const files = new Map<string, SafetensorsFile>()
  const close = async () => {
    await Promise.all([...files.values()].map((file) => file.close()))
  }
  try {
    for (const file of new Set(Object.values(weight_map))) files.set(file, await openSafetensors(shardPath(folder, file, place)))
  } catch (error) {
    await close()
    throw error
  }
  const tensors = Object.entries(weight_map).flatMap(([name, file]) => {
    const tensor = files.get(file)!.tensors.get(name)
    return tensor ? [[name, tensor] as const] : []
  })
  return { place, tensors: new Map(tensors), [Symbol.asyncDispose]: close }
}

/** A shard lies in the folder itself: an index from outside must not read elsewhere. */
function shardPath(folder: string, file: string, place: string): string {
  if (/^[\w.-]+\.safetensors$/.test(file)) return join(folder, file)
  throw new FormatError({ place, rule: 'a shard is a .safetensors file in the same folder', got: JSON.stringify(file) })
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
