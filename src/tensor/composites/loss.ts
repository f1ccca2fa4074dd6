import { defineOp } from '../op.ts'
import { expectTypes, sameShape } from '../shape.ts'
import { apply1, type Tensor } from '../tensor.ts'

export type CrossEntropyAttrs = { labelSmoothing: number; ignoreIndex: number }

/** Which positions count, as 0 or 1, and their number. */
function counted(targets: Tensor, ignoreIndex: number): { valid: Tensor; weight: Tensor; count: Tensor } {
  const valid = targets.equal(ignoreIndex).not()
  const weight = valid.cast('f32')
  return { valid, weight, count: weight.sum() }
}

export const crossEntropyOp = defineOp<CrossEntropyAttrs>({
  name: 'crossEntropy',
  infer([logits, targets]) {
    const fit = targets.dtype === 'i32' && logits.shape.length > 0 && sameShape(logits.shape.slice(0, -1), targets.shape)
    expectTypes(fit, 'crossEntropy', 'takes f32 logits [..., V] and i32 targets [...]', [logits, targets])
    return [{ shape: [], dtype: 'f32' }]
  },
  decompose([logits, targets], { labelSmoothing, ignoreIndex }) {
    const { valid, weight, count } = counted(targets, ignoreIndex)
    const logProbs = logits.logSoftmax()
    let loss = logProbs.pick(valid.where(targets, 0)).neg()
    if (labelSmoothing > 0) loss = loss.mul(1 - labelSmoothing).sub(logProbs.mean(-1).mul(labelSmoothing))
    return [loss.mul(weight).sum().div(count)]
  },
  gradient([g], { inputs: [logits, targets], attrs: { labelSmoothing, ignoreIndex } }) {
    if (!g) return []
    const { valid, weight, count } = counted(targets, ignoreIndex)
    // (probabilities − smoothed target) · share, in as few passes over V as can be; the target itself is a write a position.
    const share = weight.mul(g.div(count.maximum(1)))
    let excess = logits.logSoftmax().exp().mul(share.unsqueeze(-1))
    if (labelSmoothing > 0) {
      const spread = logits
        .sizeOf([logits.rank - 1])
        .reciprocal()
        .mul(labelSmoothing)
      excess = excess.sub(share.mul(spread).unsqueeze(-1))
    }
    return [excess.addAt(valid.where(targets, 0), share.mul(labelSmoothing - 1))]
  },
})

/**
 * Mean cross-entropy in nats between the softmax of `logits` and target classes.
 *
 * @param logits  [..., V]
 * @param targets  i32 [...], classes from 0 to V − 1
 * @param options.labelSmoothing  share of the target spread over all classes (Szegedy et al. 2015)
 * @param options.ignoreIndex  positions with this target do not count
 * @returns  scalar; NaN where no position counts
 */
export const crossEntropy = (logits: Tensor, targets: Tensor, { labelSmoothing = 0, ignoreIndex = -100 } = {}): Tensor =>
  apply1(crossEntropyOp, [logits, targets], { labelSmoothing, ignoreIndex })
