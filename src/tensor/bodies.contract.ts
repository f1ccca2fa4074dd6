/** Examples for the two ops that carry a graph inside: what a step or a recomputed function may be made of. */
import { gelu } from './composites/activation.ts'
import { attention } from './composites/attention.ts'
import { linear } from './composites/linear.ts'
import { layerNorm } from './composites/norm.ts'
import type { Draw } from './draw.contract.ts'
import type { Example } from './finite-differences.contract.ts'
import { recompute } from './recompute.ts'
import { scan } from './scan.ts'
import type { Tensor } from './tensor.ts'

export const scanned = (d: Draw): Example[] => [recurrent(d), gated(d), counting(d), embedded(d), normalised(d)]

/** One shared matrix used twice, a shared bias, every state given out. */
function recurrent(d: Draw): Example {
  const [T, B, C] = d.sizes(3)
  const reverse = d.flag()
  return {
    inputs: [d.reals([T, B, C]), d.reals([B, C]), d.reals([C, C]), d.reals([C])],
    f: ([xs, h0, w, bias]) => {
      const step = (h: Tensor, x: Tensor) => {
        const next = h.matmul(w).add(x.matmul(w)).add(bias).tanh()
        return { carry: next, y: next }
      }
      const { carry, ys } = scan(step, h0, xs, { reverse })
      return [carry, ys]
    },
  }
}

/** Two carries and two sequences, captured rows that broadcast, results of other shapes than the carries. */
function gated(d: Draw): Example {
  const [T, B, C] = d.sizes(3)
  const reverse = d.flag()
  return {
    inputs: [d.reals([T, B, C]), d.reals([T, 1]), d.reals([B, C]), d.reals([B, C]), d.reals([C])],
    f: ([xs, gates, h0, c0, gain]) => {
      const step = ({ h, c }: { h: Tensor; c: Tensor }, { x, gate }: { x: Tensor; gate: Tensor }) => {
        const cell = c.mul(gate.sigmoid()).add(x.mul(gain))
        return { carry: { h: cell.tanh().mul(h), c: cell }, y: [cell.sum(-1), h] }
      }
      const { carry, ys } = scan(step, { h: h0, c: c0 }, { x: xs, gate: gates }, { reverse })
      return [carry.h, carry.c, ...ys]
    },
  }
}

/** A carry of whole numbers, one that no step changes, and results that are the step's own input and a captured tensor. */
function counting(d: Draw): Example {
  const [T, C] = d.sizes(2)
  return {
    inputs: [d.reals([T, C]), d.reals([C]), d.ids([], 0, 3), d.reals([C])],
    f: ([xs, scale0, start, bias]) => {
      const step = ({ n, scale }: { n: Tensor; scale: Tensor }, x: Tensor) => {
        const y = x.mul(scale).mul(n.cast('f32').add(1)).add(bias)
        return { carry: { n: n.add(1), scale }, y: [y, x, bias, n] }
      }
      const { carry, ys } = scan(step, { n: start, scale: scale0 }, xs)
      return [carry.scale, carry.n, ...ys]
    },
  }
}

/** A sequence of ids into a captured table. */
function embedded(d: Draw): Example {
  const [T, C] = d.sizes(2)
  const [V] = d.sizes(1, { empty: false })
  return {
    inputs: [d.reals([V, C]), d.ids([T], 0, V), d.reals([C])],
    f: ([table, ids, h0]) => {
      const step = (h: Tensor, id: Tensor) => ({ carry: h.add(table.gather(id)).sin(), y: {} })
      return [scan(step, h0, ids).carry]
    },
  }
}

/** Composites and a recomputed function inside a step. */
function normalised(d: Draw): Example {
  const [T, B] = d.sizes(2)
  const [C] = d.sizes(1, { empty: false })
  return {
    inputs: [d.reals([T, B, C]), d.reals([B, C]), d.reals([C], 0.5, 1.5), d.reals([C]), d.reals([C, C])],
    f: ([xs, h0, gain, bias, weight]) => {
      const layer = recompute((h: Tensor) => gelu(linear({ weight, bias }, h)))
      const step = (h: Tensor, x: Tensor) => {
        const next = layerNorm({ gain, bias }, layer(h).add(x), { epsilon: 1 })
        return { carry: next, y: next.mean(-1) }
      }
      const { carry, ys } = scan(step, h0, xs)
      return [carry, ys]
    },
  }
}

export const recomputed = (d: Draw): Example[] => [block(d), nested(d), untouched(d)]

/** A layer with captured parameters, and attention, which is differentiated in another form. */
function block(d: Draw): Example {
  const [B, T] = d.sizes(2)
  const [H, D] = d.sizes(2, { empty: false })
  return {
    inputs: [d.reals([B, H, T, D]), d.reals([D, D]), d.reals([D])],
    f: ([x, weight, bias]) => {
      const f = recompute((x: Tensor) => {
        const q = linear({ weight, bias }, x)
        return { y: attention(q, x, gelu(q), { causal: true }), q }
      })
      const { y, q } = f(x)
      return [y, q]
    },
  }
}

/** One inside the other, and a scan in both. */
function nested(d: Draw): Example {
  const [T, C] = d.sizes(2)
  return {
    inputs: [d.reals([T, C]), d.reals([C])],
    f: ([xs, h0]) => {
      const inner = recompute((x: Tensor) => scan((h, x) => ({ carry: h.mul(x).add(x), y: h }), h0, x).carry)
      return [recompute((x: Tensor) => inner(x.sin()).mul(h0))(xs)]
    },
  }
}

/** Results that are an argument, a captured tensor and whole numbers; an argument that is not used. */
function untouched(d: Draw): Example {
  const [N, C] = d.sizes(2)
  const [V] = d.sizes(1, { empty: false })
  return {
    inputs: [d.reals([V, C]), d.ids([N], 0, V), d.reals([C])],
    f: ([table, ids, bias]) => {
      const f = recompute((table: Tensor, ids: Tensor, _: Tensor) => [table, bias, ids, table.gather(ids).mul(bias)])
      return f(table, ids, table.exp())
    },
  }
}
