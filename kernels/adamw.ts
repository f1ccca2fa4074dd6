// AdamW on a block of up to 16,384 parameters, four at a time. AssemblyScript; `npm run kernels` compiles it into adamw-wasm.js.
// The block lies in memory as weights, gradients, first moments, second moments, one after another.

const BLOCK: usize = 16384 * 4 // bytes

export function update(
  n: i32,
  scale: f32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  keep: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
): void {
  const scales = f32x4.splat(scale),
    b1 = f32x4.splat(beta1),
    b2 = f32x4.splat(beta2),
    c1 = f32x4.splat(rest1),
    c2 = f32x4.splat(rest2)
  const keeps = f32x4.splat(keep),
    rates = f32x4.splat(rate),
    corrections = f32x4.splat(correction),
    epsilons = f32x4.splat(epsilon)
  for (let at: usize = 0, end: usize = <usize>n * 4; at < end; at += 16) {
    const g = f32x4.mul(v128.load(at, BLOCK), scales)
    const m = f32x4.add(f32x4.mul(v128.load(at, 2 * BLOCK), b1), f32x4.mul(g, c1))
    const v = f32x4.add(f32x4.mul(v128.load(at, 3 * BLOCK), b2), f32x4.mul(f32x4.mul(g, g), c2))
    v128.store(at, m, 2 * BLOCK)
    v128.store(at, v, 3 * BLOCK)
    const step = f32x4.div(f32x4.mul(m, rates), f32x4.add(f32x4.sqrt(f32x4.mul(v, corrections)), epsilons))
    v128.store(at, f32x4.sub(f32x4.mul(v128.load(at), keeps), step))
  }
}
