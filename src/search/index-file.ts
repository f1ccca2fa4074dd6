/** A vector index as a safetensors file: vectors, keys, links; what it is stands in the metadata. */
import { FormatError } from '../errors.ts'
import { openSafetensors, type SafetensorsArray, type SafetensorsFile, writeSafetensors } from '../formats/safetensors.ts'
import type { GraphOptions, GraphState } from './graph.ts'
import { type IndexMetric, VectorIndex, type VectorIndexOptions } from './vector-index.ts'

const FORMAT = 'loquent vector index'
const VERSION = '1'
/** The key of a removed row, whose place is kept: no UTF-8 text is so long. */
const REMOVED = 0xffffffff

/** Writes an index; the file is the old or the whole new one. */
export async function saveVectorIndex(index: VectorIndex, path: string): Promise<void> {
  const { keys, vectors, graph } = index.state()
  const texts = keys.map((key) => Buffer.from(key ?? ''))
  const lengths = Uint32Array.from(keys, (key, row) => (key === undefined ? REMOVED : texts[row].length))
  const [rows, { width }] = [keys.length, index]
  const bytes = Buffer.concat(texts)
  const metadata = { format: FORMAT, version: VERSION, metric: index.metric, width: `${width}` }
  const m = index.graph?.m ?? 0
  await writeSafetensors(
    path,
    [
      ['vectors', { dtype: 'F32', shape: [rows, width], data: vectors }],
      ['key_lengths', { dtype: 'U32', shape: [rows], data: lengths }],
      ['keys', { dtype: 'U8', shape: [bytes.length], data: bytes }],
      ...(graph === undefined
        ? []
        : ([
            ['graph.towers', { dtype: 'U8', shape: [rows], data: graph.towers }],
            ['graph.links', { dtype: 'I32', shape: [rows, 2 * m], data: graph.links }],
            ['graph.upper_links', { dtype: 'I32', shape: [graph.upperLinks.length / m, m], data: graph.upperLinks }],
          ] as const)),
    ],
    index.graph === undefined || graph === undefined ? metadata : { ...metadata, ...graphMetadata(index.graph, graph.entry) },
  )
}

const graphMetadata = ({ m, efConstruction, seed }: GraphOptions, entry: number) => ({
  m: `${m}`,
  ef_construction: `${efConstruction}`,
  seed: `${seed}`,
  entry: `${entry}`,
})

/**
 * Reads an index.
 *
 * @throws FormatError or ConfigError where anything in the file is none that an index can have; DataError where it cannot be read
 */
export async function loadVectorIndex(path: string): Promise<VectorIndex> {
  await using file = await openSafetensors(path)
  const { metadata } = file
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    const got = `format ${JSON.stringify(metadata.format)}, version ${JSON.stringify(metadata.version)}`
    const hint = 'an index of another version is built again with `loquent index`'
    throw new FormatError({ place: path, rule: `holds a ${FORMAT}, version ${VERSION}`, got, hint })
  }
  const options = optionsOf(metadata, path)
  const rows = file.tensors.get('vectors')?.shape[0] ?? 0
  const vectors = await read(file, 'vectors', Float32Array, [rows, options.width], path)
  const lengths = await read(file, 'key_lengths', Uint32Array, [rows], path)
  const keys = splitKeys(await read(file, 'keys', Uint8Array, [undefined], path), lengths, path)
  const graph = typeof options.approximate === 'object' ? await readGraph(file, rows, options.approximate, path) : undefined
  return VectorIndex.restore(options, { keys, vectors, graph }, path)
}

type FileOptions = VectorIndexOptions & { approximate: false | GraphOptions }

function optionsOf(metadata: Readonly<Record<string, string>>, path: string): FileOptions {
  const number = (name: string) => {
    if (/^\d{1,10}$/.test(metadata[name] ?? '')) return Number(metadata[name])
    throw damaged(path, `${name} is a whole number`, JSON.stringify(metadata[name]))
  }
  const { metric } = metadata
  if (!METRICS.includes(metric)) throw damaged(path, `metric is one of ${METRICS.join(', ')}`, JSON.stringify(metric))
  const graph =
    metadata.m === undefined ? false : { m: number('m'), efConstruction: number('ef_construction'), seed: number('seed') }
  return { width: number('width'), metric: metric as IndexMetric, approximate: graph }
}

const METRICS: readonly (string | undefined)[] = ['cosine', 'dot', 'euclidean'] satisfies IndexMetric[]

async function readGraph(file: SafetensorsFile, rows: number, { m }: GraphOptions, path: string): Promise<GraphState> {
  const towers = await read(file, 'graph.towers', Uint8Array, [rows], path)
  const slots = towers.reduce((sum, tower) => sum + tower, 0)
  const links = await read(file, 'graph.links', Int32Array, [rows, 2 * m], path)
  const upperLinks = await read(file, 'graph.upper_links', Int32Array, [slots, m], path)
  const entry = /^-?\d{1,10}$/.test(file.metadata.entry ?? '') ? Number(file.metadata.entry) : Number.NaN
  return { towers, links, upperLinks, entry }
}

/** A tensor of one kind and shape; its bytes are those of its shape, and in the file, before any is allocated. */
async function read<T extends SafetensorsArray>(
  file: SafetensorsFile,
  name: string,
  kind: new (length: number) => T,
  shape: readonly (number | undefined)[],
  path: string,
): Promise<T> {
  const tensor = file.tensors.get(name)
  const dtype = { Float32Array: 'F32', Uint32Array: 'U32', Int32Array: 'I32', Uint8Array: 'U8' }[kind.name]
  const fits = tensor?.dtype === dtype && tensor?.shape.length === shape.length
  if (tensor === undefined || !fits || !shape.every((size, i) => size === undefined || size === tensor.shape[i])) {
    const got = tensor === undefined ? 'none' : `${tensor.dtype} [${tensor.shape}]`
    throw damaged(`${path}: tensor ${name}`, `${dtype} [${shape.map((size) => size ?? '…')}]`, got)
  }
  return (await tensor.read()) as T
}

function splitKeys(bytes: Uint8Array, lengths: Uint32Array, path: string): (string | undefined)[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const seen = new Set<string>()
  let start = 0
  const keys = Array.from(lengths, (length, row) => {
    if (length === REMOVED) return undefined
    const place = `${path}: key of row ${row}`
    if (start + length > bytes.length) throw damaged(place, 'keys lie within the tensor keys', `${length} bytes at ${start}`)
    const text = decodeKey(decoder, bytes.subarray(start, start + length), place)
    if (seen.has(text)) throw damaged(place, 'keys differ', JSON.stringify(text))
    seen.add(text)
    start += length
    return text
  })
  if (start !== bytes.length) throw damaged(path, 'the keys fill the tensor keys', `${start} of ${bytes.length} bytes`)
  return keys
}

function decodeKey(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, place: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw damaged(place, 'keys are UTF-8', (cause as Error).message)
  }
}

function damaged(place: string, rule: string, got: string): FormatError {
  return new FormatError({ place, rule, got, hint: 'build the index again' })
}
