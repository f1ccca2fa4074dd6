/** Where everything of a training lies in the one memory that its threads share. */
import { ConfigError } from '../../errors.ts'
import { formatGibibytes } from './config.ts'

/** Ids that a thread takes at once: small against a text, so that the learning rate falls smoothly; sentences are cut at its end. */
export const BLOCK = 16384

/** A WebAssembly memory has 32-bit addresses. */
const MOST_BYTES = 2 ** 32 - 2 ** 16
const PAGE = 2 ** 16

export type Sizes = {
  /** V */
  words: number
  /** Rows of the input matrix: one a word and one an n-gram. */
  rows: number
  /** C */
  width: number
  negative: number
  threads: number
  /** Every thread trains a copy of its own. */
  copies: boolean
  /** Entries of the list of rows of all words; 0 where a word has only its own. */
  subwordRows: number
}

/** What one thread works with: byte offsets. */
export type ThreadLayout = {
  input: number
  output: number
  ids: number
  kept: number
  targets: number
  weights: number
  gathered: number
  hidden: number
  before: number
  stats: number
}

export type Layout = {
  bytes: number
  /** Bytes of a row: the width rounded up to four numbers; the rest stays 0. */
  stride: number
  /** Rows of input and output together, as they lie one after another. */
  parameterRows: number
  /** The parameters that are saved; the same as those of the threads, unless they have copies. */
  input: number
  output: number
  share: number
  other: number
  keep: number
  rowsAt: number
  rowsOf: number
  /** Int32: next block, blocks done, threads at the barrier, its round. */
  control: number
  threads: ThreadLayout[]
}

/** @throws ConfigError where it does not fit into a 32-bit memory; nothing has been allocated then */
export function layoutOf({ words, rows, width, negative, threads, copies, subwordRows }: Sizes): Layout {
  let bytes = PAGE // what a compiler puts at the lowest addresses is left alone
  const take = (size: number) => {
    const at = bytes
    bytes += Math.ceil(size / 64) * 64 // a cache line belongs to one purpose
    return at
  }
  const stride = Math.ceil(width / 4) * 16
  const slots = Math.ceil((negative + 1) / 6) * 6
  const parameters = () => {
    const input = take((rows + words) * stride)
    return { input, output: input + rows * stride }
  }
  const own = parameters()
  const layout = {
    stride,
    parameterRows: rows + words,
    ...own,
    share: take(words * 4),
    other: take(words * 4),
    keep: take(words * 4),
    rowsAt: subwordRows > 0 ? take((words + 1) * 4) : 0,
    rowsOf: subwordRows > 0 ? take(subwordRows * 4) : 0,
    control: take(64),
    threads: Array.from({ length: threads }, () => ({
      ...(copies ? parameters() : own),
      ids: take(BLOCK * 4),
      kept: take(BLOCK * 4),
      targets: take(slots * 4),
      weights: take((slots / 6) * 64),
      gathered: take(slots * stride),
      hidden: take(stride),
      before: take(stride),
      stats: take(64),
    })),
  }
  if (bytes <= MOST_BYTES) return { bytes, ...layout }
  const copied = copies ? ` in ${threads + 1} copies, one a thread and the common one` : ''
  throw new ConfigError({
    place: 'word2vec',
    rule: `vectors are trained in one memory of 32-bit addresses, at most ${formatGibibytes(MOST_BYTES)}`,
    got: `${rows} input and ${words} output rows of ${width} numbers${copied}: ${formatGibibytes(bytes)}`,
    hint: `raise the min count, or lower the dimensions${copies ? ' or the number of threads' : ''}`,
  })
}

/** Memory of this size: a shared WebAssembly.Memory, which threads and kernels of either kind can use. */
export function allocate({ bytes }: Layout): { memory: unknown; buffer: SharedArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE)
  const { Memory } = (globalThis as any).WebAssembly
  try {
    const memory = new Memory({ initial: pages, maximum: pages, shared: true })
    return { memory, buffer: memory.buffer }
  } catch (cause) {
    throw new ConfigError({
      place: 'word2vec',
      rule: 'the machine must have the memory that the vectors take',
      got: `${formatGibibytes(bytes)} were refused`,
      hint: 'raise the min count, or lower the dimensions',
      cause,
    })
  }
}
