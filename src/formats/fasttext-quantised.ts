/**
 * The quantised matrices of fastText: each row is cut into parts, each part replaced by the nearest of 256 centroids.
 *
 * Jégou et al. 2011, "Product Quantization for Nearest Neighbor Search"; Joulin et al. 2016, "FastText.zip".
 */
import { FormatError } from '../errors.ts'
import type { ByteReader } from './byte-reader.ts'

/** Part i of a row has `dsub` numbers, the last one `lastDsub`. Centroids: [parts, 256, dsub], those of the last part packed tighter. */
type Quantiser = { dim: number; parts: number; dsub: number; lastDsub: number; centroids: Float32Array }

const CENTROIDS = 256
const MAX_DIM = 2 ** 20
/** fastText's own default is 2. It bounds how many floats one byte of a file can stand for. */
const MAX_DSUB = 64

/**
 * @param wanted  what shape it must have
 * @returns the floats that the codes stand for, [rows, width]
 */
export async function readQuantised(reader: ByteReader, wanted?: readonly [number, number]): Promise<Float32Array> {
  const place = `${reader.name}: byte ${reader.offset}`
  const head = await reader.take(21, 'the shape of a quantised matrix')
  const hasNorms = head[0] !== 0
  const [rows, width] = [Number(head.readBigInt64LE(1)), Number(head.readBigInt64LE(9))]
  const codeBytes = head.readInt32LE(17)
  if (wanted && (rows !== wanted[0] || width !== wanted[1])) {
    throw broken(place, `the input matrix must be [words + buckets, dim] = [${wanted.join(', ')}]`, `[${rows}, ${width}]`)
  }
  const codes = await copied(reader, codeBytes, 'the codes of a quantised matrix')
  const quantiser = await readQuantiser(reader)
  if (quantiser.dim !== width || codeBytes !== rows * quantiser.parts) {
    throw broken(place, 'codes and centroids must fit the shape of the matrix', `[${rows}, ${width}], ${codeBytes} codes`)
  }
  const lengths = hasNorms ? await readLengths(reader, rows) : undefined
  return decoded(rows, codes, quantiser, lengths)
}

async function readQuantiser(reader: ByteReader): Promise<Quantiser> {
  const place = `${reader.name}: byte ${reader.offset}`
  const head = await reader.take(16, 'the sizes of a quantiser')
  const [dim, parts, dsub, lastDsub] = [0, 4, 8, 12].map((at) => head.readInt32LE(at))
  const fits =
    dim >= 1 &&
    dim <= MAX_DIM &&
    dsub >= 1 &&
    dsub <= MAX_DSUB &&
    lastDsub >= 1 &&
    lastDsub <= dsub &&
    (parts - 1) * dsub + lastDsub === dim
  if (!fits)
    throw broken(
      place,
      'the parts of a quantiser must add up to its width',
      `${parts} parts of ${dsub}, last ${lastDsub}, width ${dim}`,
    )
  return { dim, parts, dsub, lastDsub, centroids: await reader.floats(dim * CENTROIDS, 'the centroids of a quantiser') }
}

/** The lengths of the rows, which are quantised apart from their directions. */
async function readLengths(reader: ByteReader, rows: number): Promise<Float32Array> {
  const codes = await copied(reader, rows, 'the lengths of the rows')
  const place = `${reader.name}: byte ${reader.offset}`
  const { dim, centroids } = await readQuantiser(reader)
  if (dim !== 1) throw broken(place, 'the quantiser of lengths must have width 1', String(dim))
  return Float32Array.from(codes, (code) => centroids[code])
}

function decoded(rows: number, codes: Uint8Array, { dim, parts, dsub, lastDsub, centroids }: Quantiser, lengths?: Float32Array) {
  const floats = new Float32Array(rows * dim)
  for (let row = 0; row < rows; row++) {
    const length = lengths?.[row] ?? 1
    for (let part = 0; part < parts; part++) {
      const size = part === parts - 1 ? lastDsub : dsub
      const from = part * CENTROIDS * dsub + codes[row * parts + part] * size
      const to = row * dim + part * dsub
      for (let i = 0; i < size; i++) floats[to + i] = length * centroids[from + i]
    }
  }
  return floats
}

const copied = async (reader: ByteReader, count: number, what: string) => Uint8Array.from(await reader.take(count, what))

function broken(place: string, rule: string, got: string): FormatError {
  return new FormatError({ place, rule, got, hint: 'the file is damaged, or its download was cut short: fetch it again' })
}
