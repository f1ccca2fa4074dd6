/** What training an encoder–decoder and writing with it cost in arithmetic, by sentence length and batch. */
import type { Seq2Seq } from '../models/seq2seq.ts'
import { isTensor } from '../tensor/autodiff.ts'
import { isParamSpec } from '../tensor/params.ts'
import { input, type Tensor } from '../tensor/tensor.ts'
import { leavesOf, mapTree } from '../tensor/tree.ts'
import { workOf } from './work.ts'

export type Seq2SeqWork = {
  /**
   * Of one training step: the forward pass and twice as much for the gradients, since each matrix product has two in its gradient
   * (Kaplan et al. 2020, §2.1).
   */
  trainingFlops: number
  /** Matrix products in a row of one forward pass over whole sentences, the targets given. */
  trainingSteps: number
  /** Of encoding, and of writing all tokens one after another. */
  decodingFlops: number
  /** Matrix products in a row until the last token is written: each token needs the one before. */
  decodingSteps: number
}

/**
 * @param sizes.batch  pairs side by side
 * @param sizes.source  tokens of each source
 * @param sizes.target  tokens of each target
 */
export function seq2SeqWork(model: Seq2Seq, sizes: { batch: number; source: number; target: number }): Seq2SeqWork {
  const { batch: B, source: S, target: T } = sizes
  const p = mapTree(model.spec, isParamSpec, ({ shape }) => input(shape, 'f32'))
  const mask = input([B, S], 'bool')
  const source = model.encode(p, input([B, S], 'i32'), mask)
  const decode = (from: unknown, length: number) => model.decode(p, input([B, length], 'i32'), from, mask).logits
  const whole = workOf([decode(source, T)])
  const encoding = workOf(leavesOf(source, isTensor).map(([, tensor]) => tensor))
  // A step alone sees no token before it; the attention to those is half of what it is over all tokens, masked ones included.
  const given = mapTree(source, isTensor, ({ shape, dtype }: Tensor) => input(shape, dtype))
  const step = workOf([decode(given, 1)])
  return {
    trainingFlops: 3 * whole.flops,
    trainingSteps: whole.serialSteps,
    decodingFlops: encoding.flops + (whole.flops - encoding.flops + T * step.flops) / 2,
    decodingSteps: encoding.serialSteps + T * step.serialSteps,
  }
}
