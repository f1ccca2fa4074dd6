/**
 * The model files of fastText: `.bin`, and `.ftz` with matrices compressed by product quantisation. Little-endian throughout:
 * magic, version · arguments · dictionary · input matrix (words, then buckets of n-grams) · output matrix.
 *
 * Format: https://github.com/facebookresearch/fastText, src/fasttext.cc, args.cc, dictionary.cc, densematrix.cc, quantmatrix.cc
 */
import { FormatError } from '../errors.ts'
import { ByteReader } from './byte-reader.ts'
import { readQuantised } from './fasttext-quantised.ts'
import { type InvalidUtf8, wordOf } from './word-text.ts'

export type FastTextKind = 'cbow' | 'skip-gram' | 'supervised'

export type FastTextFile = {
  kind: FastTextKind
  width: number
  /** Shortest and longest n-gram, and how many buckets they are hashed into. */
  minn: number
  maxn: number
  bucket: number
  words: string[]
  /** Words as they stand in the file: n-grams are made of bytes. */
  wordBytes: Buffer[]
  counts: Float64Array
  /** Of a supervised model, without their order of magnitude: `__label__…`. */
  labels: string[]
  /** [words + n-gram rows, width] */
  input: Float32Array
  /** Bucket → its row among the n-gram rows, where the model was pruned; undefined: every bucket has its own. */
  pruned: Map<number, number> | undefined
}

const MAGIC = 793_712_314
const VERSIONS = [11, 12]
const KINDS: readonly (FastTextKind | undefined)[] = [undefined, 'cbow', 'skip-gram', 'supervised']
const ARGS = [
  'dim',
  'ws',
  'epoch',
  'minCount',
  'neg',
  'wordNgrams',
  'loss',
  'model',
  'bucket',
  'minn',
  'maxn',
  'lrUpdateRate',
] as const
const ARGS_BYTES = 4 * ARGS.length + 8 // and a double, the subsampling threshold
const DICTIONARY_BYTES = 3 * 4 + 2 * 8
const MIN_ENTRY_BYTES = 1 + 8 + 1
const MAX_WORD_BYTES = 2 ** 16
const MAX_WIDTH = 2 ** 20
const MAX_NGRAM = 2 ** 16

/** Whether these first bytes are those of a fastText model. */
export const isFastText = (head: Buffer): boolean => head.length >= 4 && head.readInt32LE(0) === MAGIC

/**
 * Reads dictionary and input matrix; quantised matrices come as the floats that they stand for. The output matrix is only checked to be there.
 *
 * @throws FormatError for what is no fastText model of version 11 or 12, is cut short, or contradicts itself
 */
export async function readFastText(
  path: string,
  { invalidUtf8 = 'refuse' }: { invalidUtf8?: InvalidUtf8 } = {},
): Promise<FastTextFile> {
  await using reader = await ByteReader.open(path)
  const version = await readVersion(reader)
  const args = await readArgs(reader, version)
  const { pruneSize, ...dictionary } = await readDictionary(reader, args.kind, invalidUtf8)
  const pruned = pruneSize >= 0 ? await readPruned(reader, pruneSize, args.bucket) : undefined
  const rows = dictionary.words.length + (pruneSize >= 0 ? pruneSize : args.bucket)
  const isQuantised = (await reader.take(1, 'the kind of the input matrix'))[0] !== 0
  if (pruned !== undefined && !isQuantised) throw broken(reader, 'only a quantised model can be pruned')
  const input = isQuantised ? await readQuantised(reader, [rows, args.width]) : await readDense(reader, [rows, args.width])
  await passOutput(reader, isQuantised)
  return { ...args, ...dictionary, input, pruned }
}

async function readVersion(reader: ByteReader): Promise<number> {
  await reader.fill(8)
  const rule = `must begin with the magic number of fastText, ${MAGIC}`
  if (!isFastText(reader.bytes)) throw broken(reader, rule, 'other bytes')
  const version = (await reader.take(8, 'magic number and version')).readInt32LE(4)
  if (VERSIONS.includes(version)) return version
  throw broken(reader, `the version must be ${VERSIONS.join(' or ')}`, String(version))
}

async function readArgs(reader: ByteReader, version: number) {
  const bytes = await reader.take(ARGS_BYTES, 'the arguments')
  const arg = (name: (typeof ARGS)[number]) => bytes.readInt32LE(4 * ARGS.indexOf(name))
  const kind = KINDS[arg('model')]
  if (kind === undefined) throw broken(reader, 'model must be 1 (cbow), 2 (skip-gram) or 3 (supervised)', String(arg('model')))
  const within = (name: (typeof ARGS)[number], low: number, high: number) => {
    const value = arg(name)
    if (value >= low && value <= high) return value
    throw broken(reader, `${name} must be ${low} to ${high}`, String(value))
  }
  // The first supervised models had no n-grams of characters, whatever their arguments say.
  const maxn = version === 11 && kind === 'supervised' ? 0 : within('maxn', 0, MAX_NGRAM)
  return {
    kind,
    width: within('dim', 1, MAX_WIDTH),
    minn: within('minn', 0, MAX_NGRAM),
    maxn,
    bucket: within('bucket', 0, 2 ** 31 - 1),
  }
}

async function readDictionary(reader: ByteReader, kind: FastTextKind, invalidUtf8: InvalidUtf8) {
  const bytes = await reader.take(DICTIONARY_BYTES, 'the sizes of the dictionary')
  const [size, nWords, nLabels] = [0, 4, 8].map((at) => bytes.readInt32LE(at))
  const pruneSize = Number(bytes.readBigInt64LE(20))
  if (nWords < 1 || nLabels < 0 || size !== nWords + nLabels || (nLabels > 0 && kind !== 'supervised')) {
    throw broken(
      reader,
      `a ${kind} dictionary must have words and labels that add up`,
      `${size} = ${nWords} words + ${nLabels} labels`,
    )
  }
  reader.expect(size * MIN_ENTRY_BYTES, `${size} words and labels`)
  const wordBytes: Buffer[] = []
  const words: string[] = []
  const labels: string[] = []
  const counts: number[] = []
  for (let i = 0; i < size; i++) {
    const { bytes: entry, count, isLabel } = await readEntry(reader, i)
    if (isLabel !== i >= nWords) throw broken(reader, 'words must come before labels', `entry ${i}`)
    const word = wordOf(entry, invalidUtf8, `${reader.name}: entry ${i} of the dictionary`)
    if (isLabel) labels.push(word)
    else {
      wordBytes.push(Buffer.from(entry)) // a copy: what was read lies in a large block
      words.push(word)
      counts.push(count)
    }
  }
  return { words, wordBytes, labels, counts: Float64Array.from(counts), pruneSize }
}

async function readEntry(reader: ByteReader, entry: number): Promise<{ bytes: Buffer; count: number; isLabel: boolean }> {
  const what = `entry ${entry} of the dictionary`
  await reader.fill(MAX_WORD_BYTES + MIN_ENTRY_BYTES)
  const end = reader.bytes.subarray(0, MAX_WORD_BYTES).indexOf(0)
  if (end === -1 && reader.bytes.length >= MAX_WORD_BYTES)
    throw broken(reader, `a word has at most ${MAX_WORD_BYTES} bytes`, what)
  if (end === -1 || reader.bytes.length < end + MIN_ENTRY_BYTES) throw reader.cutShort(what)
  const type = reader.bytes[end + 9]
  if (type > 1) throw broken(reader, 'an entry must be a word (0) or a label (1)', `${type} in ${what}`)
  const found = { bytes: reader.bytes.subarray(0, end), count: Number(reader.bytes.readBigInt64LE(end + 1)), isLabel: type === 1 }
  reader.skip(end + MIN_ENTRY_BYTES)
  return found
}

async function readPruned(reader: ByteReader, size: number, bucket: number): Promise<Map<number, number>> {
  reader.expect(8 * size, `${size} buckets that were kept`)
  const pruned = new Map<number, number>()
  for (let i = 0; i < size; i++) {
    const pair = await reader.take(8, 'the buckets that were kept')
    const [from, to] = [pair.readInt32LE(0), pair.readInt32LE(4)]
    if (from < 0 || from >= bucket || to < 0 || to >= size)
      throw broken(reader, 'a kept bucket must be one of those', `${from} → ${to}`)
    pruned.set(from, to)
  }
  return pruned
}

async function readDense(reader: ByteReader, [rows, width]: readonly [number, number]): Promise<Float32Array> {
  const shape = await readShape(reader)
  checkShape(reader, shape, [rows, width])
  return reader.floats(rows * width, `an input matrix [${rows}, ${width}]`)
}

async function readShape(reader: ByteReader): Promise<[number, number]> {
  const bytes = await reader.take(16, 'the shape of a matrix')
  return [Number(bytes.readBigInt64LE(0)), Number(bytes.readBigInt64LE(8))]
}

function checkShape(reader: ByteReader, [rows, width]: readonly [number, number], wanted: readonly [number, number]): void {
  if (rows === wanted[0] && width === wanted[1]) return
  throw broken(reader, `the input matrix must be [words + buckets, dim] = [${wanted.join(', ')}]`, `[${rows}, ${width}]`)
}

/** The output matrix is the file's last part. Its presence shows that the file is whole. */
async function passOutput(reader: ByteReader, inputIsQuantised: boolean): Promise<void> {
  const isQuantised = (await reader.take(1, 'the kind of the output matrix'))[0] !== 0 && inputIsQuantised
  if (isQuantised) await readQuantised(reader)
  else {
    const [rows, width] = await readShape(reader)
    await reader.pass(rows * width * 4, `an output matrix [${rows}, ${width}]`)
  }
  if (await reader.fill(1)) throw broken(reader, 'the output matrix must be the end of the file', 'more bytes')
}

function broken(reader: ByteReader, rule: string, got?: string): FormatError {
  const hint = 'check that the file is a .bin or .ftz of fastText, and fetch it again if it is damaged'
  return new FormatError({ place: `${reader.name}: byte ${reader.offset}`, rule, got, hint })
}
