/** Pairs of token ids as batches, and how well an encoder–decoder predicts the targets of their sources. */
import { crossEntropy, inputSpec, type NdArray, type ParamArrays, type Tensor, zeros } from '../tensor/index.ts'
import { LossProgram } from './loss-program.ts'
import type { DecodePass, Seq2Seq } from './seq2seq.ts'

/** Sources as the encoder reads them, and targets without their start and end. */
export type TokenPairs = { sources: readonly Int32Array[]; targets: readonly Int32Array[] }

/** Ids with a meaning: what fills up a batch, what a target starts from, and what ends it. */
export type PairMarks = { pad: number; start: number; end: number }

/** Labels of what is padding: it does not count. */
const IGNORED = -100

/** A batch of pairs, by its sources and by its targets. */
export const pairBatchSpecs = {
  /** i32 [B, S] */
  source: inputSpec(['batch', 'source'], 'i32'),
  /** bool [B, S], true where a token is real */
  mask: inputSpec(['batch', 'source'], 'bool'),
  /** i32 [B, T], the start and then the target: what the decoder is given */
  target: inputSpec(['batch', 'target'], 'i32'),
  /** i32 [B, T], the target and then its end: what it shall answer; −100 where there is nothing to answer */
  labels: inputSpec(['batch', 'target'], 'i32'),
}

export type PairBatch = { [K in keyof typeof pairBatchSpecs]: NdArray }

/** Pairs side by side, padded to the longest source and the longest target among them. */
export function pairBatch(
  { sources, targets }: TokenPairs,
  indices: ArrayLike<number>,
  { pad, start, end }: PairMarks,
): PairBatch {
  const rows = Array.from(indices)
  const S = Math.max(1, ...rows.map((i) => sources[i].length))
  const T = 1 + Math.max(...rows.map((i) => targets[i].length))
  const filled = (width: number, value: number) => {
    const array = zeros([rows.length, width], 'i32')
    array.data.fill(value)
    return array
  }
  const batch = {
    source: filled(S, pad),
    mask: zeros([rows.length, S], 'bool'),
    target: filled(T, pad),
    labels: filled(T, IGNORED),
  }
  for (const [row, i] of rows.entries()) {
    batch.source.data.set(sources[i], row * S)
    batch.mask.data.fill(1, row * S, row * S + sources[i].length)
    batch.target.data[row * T] = start
    batch.target.data.set(targets[i], row * T + 1)
    batch.labels.data.set(targets[i], row * T)
    batch.labels.data[row * T + targets[i].length] = end
  }
  return batch
}

type PairTensors = { [K in keyof typeof pairBatchSpecs]: Tensor }

/** Logits of every position of a batch's targets, each given the tokens before it. */
export function pairLogits(
  model: Seq2Seq,
  p: unknown,
  { source, mask, target }: Pick<PairTensors, 'source' | 'mask' | 'target'>,
  pass: Pick<DecodePass<unknown>, 'rng' | 'teacherForcing'> = {},
): Tensor<'R T V'> {
  return model.decode(p, target, model.encode(p, source, mask, { rng: pass.rng }), mask, pass).logits
}

/** Mean loss of many pairs. Holds native memory: bind it with `using`, or dispose of it. */
export class Seq2SeqLoss implements Disposable {
  readonly #program: LossProgram

  private constructor(program: LossProgram) {
    this.#program = program
  }

  static async compile(model: Seq2Seq, threads?: number): Promise<Seq2SeqLoss> {
    const loss = (p: unknown, batch: PairTensors) => crossEntropy(pairLogits(model, p, batch), batch.labels)
    return new Seq2SeqLoss(await LossProgram.compile(model.spec, [pairBatchSpecs], loss, threads))
  }

  /**
   * Nats per token of the targets, their ends included, each token given those before it.
   *
   * @param options.batchTokens  padded tokens of a run, both sides together; a longer pair runs alone
   */
  async of(
    params: ParamArrays<unknown>,
    pairs: TokenPairs,
    marks: PairMarks,
    { batchTokens = 4096 }: { batchTokens?: number } = {},
  ): Promise<{ loss: number; tokens: number }> {
    const tokensOf = (indices: readonly number[]) => indices.reduce((sum, i) => sum + pairs.targets[i].length + 1, 0)
    const batches = lengthBatches(pairs, batchTokens)
    const sum = await this.#program.sum(params, batches, (indices) => ({
      inputs: [pairBatch(pairs, indices, marks)],
      weight: tokensOf(indices),
    }))
    const tokens = tokensOf([...pairs.targets.keys()])
    return { loss: sum / tokens, tokens }
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}

/** All pairs by length, in batches that stay within a number of padded tokens. */
function lengthBatches(pairs: TokenPairs, batchTokens: number): number[][] {
  const cost = (i: number) => pairs.sources[i].length + pairs.targets[i].length + 1
  return batchesWithin(
    [...pairs.sources.keys()].sort((a, b) => cost(a) - cost(b) || a - b),
    pairs,
    batchTokens,
  )
}

/**
 * Cuts a sequence of pairs into batches of neighbours.
 *
 * @param batchTokens  most padded tokens of a batch, sources and targets with their start together; a longer pair stands alone
 */
export function batchesWithin(order: Iterable<number>, { sources, targets }: TokenPairs, batchTokens: number): number[][] {
  const batches: number[][] = []
  let [S, T] = [0, 0]
  for (const i of order) {
    const open = batches.at(-1)
    ;[S, T] = [Math.max(S, sources[i].length), Math.max(T, targets[i].length + 1)]
    if (open && (open.length + 1) * (S + T) <= batchTokens) open.push(i)
    else {
      batches.push([i])
      ;[S, T] = [sources[i].length, targets[i].length + 1]
    }
  }
  return batches
}
