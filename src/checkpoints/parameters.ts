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
const PICKLED = 'pytorch_model.bin'

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
  /** Names under which a file may hold the same tensor once more. */
  copies?: (path: string) => readonly string[]
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
  const wanted = leavesOf(spec, isParamSpec).map(([path, { shape }]) => ({ path, name: inFile(tensors, naming, path), shape }))
  const known = new Set(wanted.map(({ name }) => name))
  const extra = [...tensors.keys()].find((name) => !known.has(name) && !isSpare(name, naming))
  if (extra !== undefined) {
    const { dtype, shape } = tensors.get(extra)!
    throw new FormatError({
      place,
      rule: `config.json leaves no place for the tensor '${extra}'`,
      got: `${dtype} [${shape}]`,
      hint: TOGETHER,
    })
  }
  const arrays: NdArray[] = []
  for (const { path, name, shape } of wanted) {
    const isAbsent = !tensors.has(name) && naming.isOptional?.(name)
    const array = isAbsent ? zeros(shape) : await readParam(place, name, shape, tensors.get(name))
    for (const copy of naming.copies?.(path) ?? []) {
      if (copy === name || !tensors.has(copy)) continue
      const other = await readParam(place, copy, shape, tensors.get(copy))
      if (!sameBits(array, other)) throw notTied(place, name, copy)
    }
    arrays.push(array)
  }
  return withLeaves(spec, isParamSpec, arrays)
}

function inFile(tensors: ReadonlyMap<string, unknown>, { nameOf, otherNames, prefix }: Naming, path: string): string {
  const names = [nameOf(path), ...(otherNames?.(path) ?? [])]
  const spelt = names.flatMap((name) => (name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name]))
  return spelt.find((name) => tensors.has(name)) ?? names[0]
}

const isSpare = (name: string, naming: Naming): boolean => naming.isSpare(name) || naming.isSpare(naming.prefix + name)

const TOGETHER = 'take config.json and the weights from the same model'

const sameBits = ({ data: a }: NdArray, { data: b }: NdArray): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

/** To leave one of them unread would be another model. */
const notTied = (place: string, name: string, copy: string) =>
  new FormatError({
    place,
    rule: `'${copy}' is '${name}' once more, as long as config.json says that embeddings are tied`,
    got: 'other numbers',
    hint: 'set tie_word_embeddings to false, if this architecture can have it so and they were meant to differ',
  })

async function readParam(place: string, name: string, shape: readonly number[], tensor: SafetensorsTensor | undefined) {
  if (!tensor || !(tensor.dtype in FLOATS) || tensor.shape.join() !== shape.join()) {
    throw new FormatError({
      place,
      rule: `config.json asks for '${name}' as F32, F16 or BF16 [${shape}]`,
      got: tensor ? `${tensor.dtype} [${tensor.shape}]` : 'no such tensor',
      hint: TOGETHER,
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
    if (!(await exists(join(folder, WHOLE))) && (await exists(join(folder, PICKLED)))) throw pickled(folder)
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
  // What lies in a shard belongs to the model, whether the index names it or not.
  const tensors = new Map([...files.values()].flatMap((file) => [...file.tensors]))
  for (const [name, file] of Object.entries(weight_map)) {
    const tensor = files.get(file)!.tensors.get(name)
    if (!tensor) {
      await close()
      const rule = `a shard holds what the index says: '${name.slice(0, 200)}' in ${file}`
      throw new FormatError({ place, rule, got: 'no such tensor', hint: 'fetch all files of the model again' })
    }
    tensors.set(name, tensor)
  }
  return { place, tensors, [Symbol.asyncDispose]: close }
}

const pickled = (folder: string) =>
  new FormatError({
    place: folder,
    rule: `weights are read from ${WHOLE}, or from the shards of ${INDEX}`,
    got: PICKLED,
    hint: 'a pickle may run any code: load the folder with transformers and save it again with save_pretrained, or fetch a revision with safetensors',
  })

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
